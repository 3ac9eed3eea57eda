"""Join pictures and a recording to an .mp4 with Blender: python -m tools.scripts.join_film FOLDER WAV MP4 --fps F."""

from __future__ import annotations

import argparse
import sys
from fractions import Fraction
from pathlib import Path

import av
import bpy


def main() -> int:
    """Write the film and check that picture and sound are in it and equally long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("recording", type=Path)
    parser.add_argument("film", type=Path)
    parser.add_argument("--fps", type=Fraction, default=Fraction(24))
    chosen = parser.parse_args()
    pictures = sorted(chosen.folder.glob("*.png"))
    scene = new_scene(pictures[0], chosen.fps)
    lay_strips(scene, pictures, chosen.recording)
    part = chosen.film.with_name("part-" + chosen.film.name)
    scene.render.filepath = str(part.resolve())
    bpy.ops.render.render(animation=True)
    seconds = check_film(part, len(pictures) / chosen.fps)
    part.replace(chosen.film)
    sys.stdout.write(f"{seconds:.2f}\n")
    return 0


def new_scene(picture: Path, fps: Fraction) -> bpy.types.Scene:
    """An empty scene that writes H.264 and AAC at the size of the picture."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    width, height = bpy.data.images.load(str(picture.resolve())).size
    settings = scene.render
    settings.resolution_x, settings.resolution_y, settings.resolution_percentage = width, height, 100
    settings.fps, settings.fps_base = fps.numerator, float(fps.denominator)
    settings.use_file_extension = False
    scene.view_settings.view_transform = "Standard"  # the pictures are graded already
    if hasattr(settings.image_settings, "media_type"):  # Blender 5.0 and later
        settings.image_settings.media_type = "VIDEO"
    settings.image_settings.file_format = "FFMPEG"
    film = settings.ffmpeg
    film.format, film.codec, film.constant_rate_factor = "MPEG4", "H264", "HIGH"
    film.audio_codec, film.audio_bitrate, film.audio_mixrate = "AAC", 160, 48000
    return scene


def lay_strips(scene: bpy.types.Scene, pictures: list[Path], recording: Path) -> None:
    """Put the pictures and the recording on the timeline, both from frame 1."""
    strips = scene.sequence_editor_create().strips
    film = strips.new_image("pictures", str(pictures[0].resolve()), channel=1, frame_start=1)
    for picture in pictures[1:]:
        film.elements.append(picture.name)
    film.frame_final_duration = len(pictures)
    strips.new_sound("recording", str(recording.resolve()), channel=2, frame_start=1)
    scene.frame_start, scene.frame_end = 1, len(pictures)


def check_film(path: Path, wanted_s: Fraction) -> float:
    """Length of the picture in seconds.

    Raises SystemExit when a stream is missing or the lengths differ from what was laid.
    """
    with av.open(str(path)) as film:
        streams = [*film.streams.video, *film.streams.audio]
        lengths = [float(stream.duration * stream.time_base) for stream in streams]
    if len(lengths) != 2 or any(abs(length - float(wanted_s)) > 0.1 for length in lengths):
        sys.exit(f"The film should hold picture and sound of {float(wanted_s):.2f} s each, but holds {lengths}.")
    return lengths[0]


if __name__ == "__main__":
    sys.exit(main())
