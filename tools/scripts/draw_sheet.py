"""Lay twelve moments of a film over its waveform: python -m tools.scripts.draw_sheet FOLDER WAV PNG --fps F."""

from __future__ import annotations

import argparse
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image, ImageDraw, ImageFont

COLUMNS = 6
MOMENTS = 12
WAVE_HEIGHT = 150
MARGIN = 12
LABEL = 26
PAPER, INK, SOUND, MARK = (247, 246, 243), (40, 40, 44), (96, 118, 150), (190, 84, 60)


def main() -> int:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("recording", type=Path)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--fps", type=Fraction, default=Fraction(24))
    parser.add_argument("--text", default="", help="a line to write under the waveform")
    chosen = parser.parse_args()
    pictures = choose(sorted(chosen.folder.glob("*.png")))
    times = [float(int(path.stem) / chosen.fps) for path in pictures]
    samples, rate_hz = soundfile.read(chosen.recording, dtype="float32", always_2d=True)
    sheet = draw(pictures, times, chosen.text)
    draw_wave(sheet, samples.mean(axis=1), rate_hz, times)
    part = chosen.sheet.with_name("part-" + chosen.sheet.name)
    sheet.save(part)
    part.replace(chosen.sheet)
    return 0


def choose(pictures: list[Path]) -> list[Path]:
    """Evenly spaced moments, each from the middle of its share of the film."""
    count = min(MOMENTS, len(pictures))
    return [pictures[int((index + 0.5) * len(pictures) / count)] for index in range(count)]


def draw(pictures: list[Path], times: list[float], text: str) -> Image.Image:
    """The pictures with their times, and room for the waveform below."""
    width, height = Image.open(pictures[0]).size
    columns = min(COLUMNS, len(pictures))
    rows = -(-len(pictures) // columns)
    size = (MARGIN + columns * (width + MARGIN), MARGIN + rows * (height + LABEL + MARGIN) + WAVE_HEIGHT + LABEL)
    sheet = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(16)
    for index, (path, time_s) in enumerate(zip(pictures, times, strict=True)):
        row, column = divmod(index, columns)
        left, top = MARGIN + column * (width + MARGIN), MARGIN + row * (height + LABEL + MARGIN)
        sheet.paste(Image.open(path), (left, top))
        pen.text((left, top + height + 4), f"{index + 1}   {time_s:.2f} s", INK, font)
    pen.text((MARGIN, size[1] - LABEL), text, INK, font)
    return sheet


def draw_wave(sheet: Image.Image, samples: np.ndarray, rate_hz: int, times: list[float]) -> None:
    """Draw the recording along the foot of the sheet, with a mark at every moment shown.

    samples: float32 [S].
    """
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(13)
    width = sheet.width - 2 * MARGIN
    middle = sheet.height - LABEL - WAVE_HEIGHT // 2
    scale = 0.45 * WAVE_HEIGHT / max(float(np.abs(samples).max()), 1e-6)
    for x, part in enumerate(np.array_split(samples, width)):
        pen.line((MARGIN + x, middle - part.max() * scale, MARGIN + x, middle - part.min() * scale), SOUND)
    for index, time_s in enumerate(times):
        x = MARGIN + round(time_s * rate_hz / len(samples) * width)
        pen.line((x, middle - WAVE_HEIGHT // 2 + 14, x, middle + WAVE_HEIGHT // 2 - 6), MARK)
        pen.text((x - 4, middle - WAVE_HEIGHT // 2 - 4), str(index + 1), MARK, font)


if __name__ == "__main__":
    sys.exit(main())
