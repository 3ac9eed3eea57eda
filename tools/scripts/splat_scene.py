"""Put a head of splats where a character's mesh stood: python -m tools.scripts.splat_scene BLEND NAME OUT.blend.

Camera and world stay; the mesh and its lamps go, because splats bring their light along.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import bpy

from addon.__main__ import load
from core.departure import leave


def main() -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("blend", type=Path)
    parser.add_argument("name", choices=("WOMAN", "MAN"))
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args()
    load().register()
    bpy.ops.wm.open_mainfile(filepath=str(chosen.blend.resolve()), use_scripts=False)
    scene = bpy.context.scene
    for other in list(scene.objects):
        if other != scene.camera:
            bpy.data.objects.remove(other)
    bpy.data.orphans_purge(do_recursive=True)
    scene.cursor.location = (0, 0, 0)
    bpy.ops.mouthpiece.add_splat_head(head=chosen.name)
    scene.render.engine = "MOUTHPIECE_SPLATS"
    scene.view_settings.view_transform = "Standard"  # the colours of splats are graded already
    bpy.ops.wm.save_as_mainfile(filepath=str(chosen.target.resolve()), compress=True, copy=True)
    return 0


if __name__ == "__main__":
    leave(main())
