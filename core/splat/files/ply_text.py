"""Rows of a PLY file in text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .report import BLOCK, Fault

CHUNK = 1 << 20
LONGEST_WORD = 64


def text_rows(path: Path, start: int, skipped: int, shape: tuple[int, int]) -> Iterator[np.ndarray]:
    """Tables float64 [n, width] of a text file, a block at a time.

    start: where the numbers begin, in bytes; skipped: numbers before the first; shape: rows and numbers a row.
    Raises Fault for words that are no numbers; too few of them give too few rows.
    """
    count, width = shape
    waiting, left = np.empty(0), count * width
    for numbers in _numbers(path, start):
        drop = min(skipped, len(numbers))
        skipped -= drop
        waiting = np.concatenate((waiting, numbers[drop : drop + left]))
        left -= min(left, len(numbers) - drop)
        while len(waiting) >= BLOCK * width:
            yield waiting[: BLOCK * width].reshape(BLOCK, width)
            waiting = waiting[BLOCK * width :]
        if not left:
            break
    rows = len(waiting) // width
    if rows:
        yield waiting[: rows * width].reshape(rows, width)


def _numbers(path: Path, start: int) -> Iterator[np.ndarray]:
    with path.open("rb") as file:
        file.seek(start)
        broken = b""
        while chunk := file.read(CHUNK):
            text = broken + chunk
            # The last word may go on in the next chunk.
            cut = max(text.rfind(b" "), text.rfind(b"\n"), text.rfind(b"\r"), text.rfind(b"\t")) + 1
            broken = text[cut:]
            if len(broken) > CHUNK:
                break
            yield _parsed(text[:cut])
        yield _parsed(broken)


def _parsed(text: bytes) -> np.ndarray:
    words = text.split()
    # NumPy gives every word the room of the longest.
    if max(map(len, words), default=0) > LONGEST_WORD:
        raise Fault("holds words where numbers must be")
    try:
        return np.array(words, dtype=np.bytes_).astype(np.float64) if words else np.empty(0)
    except ValueError:
        raise Fault("holds words where numbers must be") from None
