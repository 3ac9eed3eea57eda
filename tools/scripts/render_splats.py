"""Render moments of a .blend of splats as F12 does: python -m tools.scripts.render_splats BLEND FOLDER PICTURES.

Picture n shows the scene n / rate seconds after its first frame. Leaves with NOTHING_TO_DRAW_WITH where this machine
has neither a graphics card nor a software renderer of OpenGL.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import bpy

from addon.__main__ import load
from core.departure import leave

from .render_frames import render

NOTHING_TO_DRAW_WITH = 3


def main() -> int:
    """Render the numbered pictures to FOLDER/NNNNN.png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("blend", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("pictures", help="numbers from 0 with commas between them")
    parser.add_argument("--rate", type=float, default=24.0, help="pictures a second")
    parser.add_argument("--width", type=int, default=288)
    chosen = parser.parse_args()
    load().register()
    bpy.ops.wm.open_mainfile(filepath=str(chosen.blend.resolve()), use_scripts=False)
    scene = bpy.context.scene
    prepare(scene, chosen.width)
    try:
        for picture in map(int, chosen.pictures.split(",")):
            render(scene, picture, chosen.rate, chosen.folder)
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return NOTHING_TO_DRAW_WITH if "nothing to draw with" in str(error) else 1
    return 0


def prepare(scene: bpy.types.Scene, width: int) -> None:
    """The size and the kind of file; all else is as the scene says."""
    settings = scene.render
    settings.resolution_y = round(settings.resolution_y * width / settings.resolution_x)
    settings.resolution_y += settings.resolution_y % 2  # video wants even sizes
    settings.resolution_x, settings.resolution_percentage = width, 100
    settings.use_sequencer = False
    settings.use_compositing = False
    if hasattr(settings.image_settings, "media_type"):
        settings.image_settings.media_type = "IMAGE"
    settings.image_settings.file_format, settings.image_settings.color_mode = "PNG", "RGB"


if __name__ == "__main__":
    leave(main())
