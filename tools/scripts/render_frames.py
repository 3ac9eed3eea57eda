"""Render moments of a .blend with Cycles on the CPU: python -m tools.scripts.render_frames BLEND FOLDER PICTURES.

Picture n shows the scene n / rate seconds after its first frame, whatever the scene's own frame rate is.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import bpy

from core.departure import leave


def main() -> int:
    """Render the numbered pictures to FOLDER/NNNNN.png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("blend", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("pictures", help="numbers from 0 with commas between them")
    parser.add_argument("--rate", type=float, default=24.0, help="pictures a second")
    parser.add_argument("--width", type=int, default=288)
    parser.add_argument("--samples", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    bpy.ops.wm.open_mainfile(filepath=str(chosen.blend.resolve()), use_scripts=False)
    prepare(bpy.context.scene, chosen)
    for picture in map(int, chosen.pictures.split(",")):
        render(bpy.context.scene, picture, chosen.rate, chosen.folder)
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
    scene.cycles.denoising_quality = "FAST"
    scene.cycles.use_light_tree = False  # three lights are sooner sampled all than chosen from
    if hasattr(render_settings.image_settings, "media_type"):
        render_settings.image_settings.media_type = "IMAGE"
    render_settings.image_settings.file_format = "PNG"
    render_settings.image_settings.color_mode = "RGB"


def render(scene: bpy.types.Scene, picture: int, rate: float, folder: Path) -> None:
    """Render one picture, between two frames where the rates differ."""
    frame = scene.frame_start + picture / rate * scene.render.fps / scene.render.fps_base
    whole = math.floor(frame + 1e-6)
    scene.frame_set(whole, subframe=max(0.0, frame - whole))
    scene.render.filepath = str(folder.resolve() / f"{picture:05d}.png")
    bpy.ops.render.render(write_still=True)


if __name__ == "__main__":
    leave(main())
