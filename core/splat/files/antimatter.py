"""The .splat file of antimatter15's viewer: 32 bytes a splat, no header, no harmonics.

Three floats of place, three floats of size (no logarithm), four bytes of colour and opacity, four bytes of rotation
(w x y z, 128 is zero). Source: antimatter15/splat (MIT).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..types import SH_DC, Splats
from .axes import Turn
from .bits import byte_logits, opacity_bytes
from .ply import AXES, checked_count
from .report import BLOCK, LEAST_LOG_SCALE, Block, Fault, Source

ROW = np.dtype([("mean", "<f4", 3), ("scale", "<f4", 3), ("color", "u1", 4), ("quat", "u1", 4)])


def open_antimatter(path: Path) -> Source:
    """A .splat file. Raises Fault, OSError."""
    size = path.stat().st_size
    if size % ROW.itemsize:
        raise Fault(f"is {size:,} bytes long, which is not {ROW.itemsize} for each splat")
    return Source(checked_count(size // ROW.itemsize), 0, AXES, _blocks(path, size // ROW.itemsize))


def _blocks(path: Path, count: int) -> Iterator[Block]:
    with path.open("rb") as file:
        for first in range(0, count, BLOCK):
            rows = np.fromfile(file, ROW, min(BLOCK, count - first))
            # A size below zero has no logarithm and is left to the checks; one of zero is the smallest there is.
            sizes = np.where(rows["scale"] == 0, np.float32(np.exp(LEAST_LOG_SCALE)), rows["scale"])
            base = (rows["color"][:, :3] / np.float32(255) - np.float32(0.5)) / np.float32(SH_DC)
            quats = (rows["quat"].astype(np.float32) - 128) / 128
            rest = np.zeros((len(rows), 0, 3), np.float32)
            yield Block(rows["mean"], quats, np.log(sizes), byte_logits(rows["color"][:, 3]), base, rest)


def write_antimatter(path: Path, splats: Splats) -> None:
    """Write the splats in their order, harmonics left out."""
    turn = Turn(AXES)
    with path.open("wb") as file:
        for start in range(0, len(splats), BLOCK):
            part = slice(start, start + BLOCK)
            rows = np.empty(len(splats.logits[part]), ROW)
            rows["mean"] = splats.means[part] * turn.means
            rows["scale"] = np.exp(splats.log_scales[part])
            colours = splats.sh[part, 0] * SH_DC + 0.5
            rows["color"][:, :3] = np.clip(np.round(colours * 255), 0, 255)
            rows["color"][:, 3] = opacity_bytes(splats.logits[part])
            rows["quat"] = np.clip(np.round(splats.quats[part] * turn.quats * 128 + 128), 0, 255)
            rows.tofile(file)
