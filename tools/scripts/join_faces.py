"""Lay faces that say the same thing side by side: python -m tools.scripts.join_faces FOLDER WAV TARGET --faces ....

FOLDER/FACE/NNNNN.png are the pictures. TARGET.png becomes a sheet: a row a face, a column a moment, the waveform below.
Any other TARGET becomes a folder of pictures for a film, each with all faces at one moment.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import soundfile
from PIL import Image, ImageDraw, ImageFont

from .draw_sheet import INK, LABEL, MARGIN, PAPER, WAVE_HEIGHT, draw_wave

COLUMNS = 4
NAME_WIDTH = 96


def main() -> int:
    """Write the sheet or the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("recording", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--fps", type=float, default=24.0)
    parser.add_argument("--faces", nargs="+", required=True)
    chosen = parser.parse_args()
    rows = {face: sorted((chosen.folder / face).glob("*.png")) for face in chosen.faces}
    if chosen.target.suffix == ".png":
        times = [int(path.stem) / chosen.fps for path in rows[chosen.faces[0]]]
        sheet = draw_rows(rows, times)
        samples, rate_hz = soundfile.read(chosen.recording, dtype="float32", always_2d=True)
        draw_wave(sheet, samples.mean(axis=1), rate_hz, times)
        part = chosen.target.with_name("part-" + chosen.target.name)
        sheet.save(part)
        part.replace(chosen.target)
        return 0
    chosen.target.mkdir(parents=True)
    for pictures in zip(*rows.values(), strict=True):
        draw_grid(dict(zip(rows, pictures, strict=True))).save(chosen.target / pictures[0].name)
    return 0


def draw_rows(rows: dict[str, list[Path]], times: list[float]) -> Image.Image:
    """Every face's moments in a row, with names before and times above, and room for the waveform below."""
    width, height = Image.open(next(iter(rows.values()))[0]).size
    size = (NAME_WIDTH + len(times) * (width + 2) + MARGIN, LABEL + len(rows) * (height + 2) + WAVE_HEIGHT + LABEL)
    sheet = Image.new("RGB", size, PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
    for row, (face, pictures) in enumerate(rows.items()):
        top = LABEL + row * (height + 2)
        pen.text((MARGIN, top + height // 2), face, INK, font)
        for column, path in enumerate(pictures):
            sheet.paste(Image.open(path), (NAME_WIDTH + column * (width + 2), top))
    for column, time_s in enumerate(times):
        pen.text((NAME_WIDTH + column * (width + 2) + 4, 4), f"{column + 1}   {time_s:.2f} s", INK, font)
    return sheet


def draw_grid(faces: dict[str, Path]) -> Image.Image:
    """All faces at one moment, four in a row, each over its name. Sides are even, as video wants them."""
    width, height = Image.open(next(iter(faces.values()))).size
    columns = min(COLUMNS, len(faces))
    lines = -(-len(faces) // columns)
    size = (columns * width, lines * (height + LABEL))
    picture = Image.new("RGB", (size[0] + size[0] % 2, size[1] + size[1] % 2), PAPER)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(16)
    for place, (face, path) in enumerate(faces.items()):
        line, column = divmod(place, columns)
        left, top = column * width, line * (height + LABEL)
        picture.paste(Image.open(path), (left, top))
        pen.text((left + width // 2, top + height + LABEL // 2), face, INK, font, anchor="mm")
    return picture


if __name__ == "__main__":
    sys.exit(main())
