"""Save a character's file with the camera close to its face: python -m tools.scripts.close_up BLEND OUT.blend."""

from __future__ import annotations

import argparse
from pathlib import Path

import bpy

from blend_templates.sheet import face_center
from blend_templates.studio import turn_camera
from core.departure import leave

DEGREES, DISTANCE_M = 10.0, 0.82  # a little from the side shows lips best; near enough that the face fills a small tile
TILE = (200, 220)


def main() -> int:
    """Write the file; nothing but the camera and the shape of the picture changes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("blend", type=Path)
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args()
    bpy.ops.wm.open_mainfile(filepath=str(chosen.blend.resolve()), use_scripts=False)
    scene = bpy.context.scene
    turn_camera(scene, face_center(), DEGREES, DISTANCE_M)
    scene.render.resolution_x, scene.render.resolution_y = TILE
    bpy.ops.wm.save_as_mainfile(filepath=str(chosen.target.resolve()), copy=True)
    return 0


if __name__ == "__main__":
    leave(main())
