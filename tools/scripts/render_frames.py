"""Render frames of a .blend with Cycles on the CPU: python -m tools.scripts.render_frames BLEND FOLDER FRAMES."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import bpy


def main() -> int:
    """Render the named frames to FOLDER/NNNNN.png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("blend", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("frames", help="frame numbers with commas between them")
    parser.add_argument("--width", type=int, default=288)
    parser.add_argument("--samples", type=int, default=12)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    bpy.ops.wm.open_mainfile(filepath=str(chosen.blend.resolve()), use_scripts=False)
    prepare(bpy.context.scene, chosen)
    for frame in map(int, chosen.frames.split(",")):
        render(bpy.context.scene, frame, chosen.folder)
        sys.stderr.write(f"rendered {frame}\n")
    return 0


def prepare(scene: bpy.types.Scene, chosen: argparse.Namespace) -> None:
    """Small, quick, repeatable pictures; only the size and the effort differ from what the file says."""
    render_settings = scene.render
    render_settings.engine = "CYCLES"
    render_settings.resolution_y = round(render_settings.resolution_y * chosen.width / render_settings.resolution_x)
    render_settings.resolution_y += render_settings.resolution_y % 2  # video wants even sizes
    render_settings.resolution_x = chosen.width
    render_settings.resolution_percentage = 100
    render_settings.use_sequencer = False
    render_settings.use_compositing = False
    render_settings.use_persistent_data = True
    render_settings.threads_mode = "FIXED"
    render_settings.threads = chosen.threads
    scene.cycles.device = "CPU"
    scene.cycles.samples = chosen.samples
    scene.cycles.use_denoising = True
    if hasattr(render_settings.image_settings, "media_type"):
        render_settings.image_settings.media_type = "IMAGE"
    render_settings.image_settings.file_format = "PNG"
    render_settings.image_settings.color_mode = "RGB"


def render(scene: bpy.types.Scene, frame: int, folder: Path) -> None:
    """Render one frame."""
    scene.frame_set(frame)
    scene.render.filepath = str(folder.resolve() / f"{frame:05d}.png")
    bpy.ops.render.render(write_still=True)


if __name__ == "__main__":
    sys.exit(main())
