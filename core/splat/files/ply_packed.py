"""PlayCanvas's compressed PLY: chunks of 256 splats, each splat four words between the chunk's least and most.

Element "chunk": least and most of position and log scale, and of colour (newer files), floats. Element "vertex": words
of position and log scale (11, 10 and 11 bits), rotation (which of w x y z is largest, and the other three in 10 bits
each), colour and opacity (8 bits each). Element "sh": the other coefficients in 8 bits each, -4 to 4, all of red first.
Source: PlayCanvas's format pages and its splat-transform (MIT).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..types import SH_DC, Splats
from .axes import Turn
from .bits import byte_logits, largest_first, opacity_bytes, without_largest
from .ply import AXES, DEGREES, checked_count
from .ply_header import Element, Header, read_header
from .report import BLOCK, Block, Fault, Source

CHUNK = 256
WORDS = ("packed_position", "packed_rotation", "packed_scale", "packed_color")
XYZ, RGB = ("x", "y", "z"), ("r", "g", "b")
SIZES = ("scale_x", "scale_y", "scale_z")
BOUNDS = tuple(f"{side}_{name}" for names in (XYZ, SIZES, RGB) for side in ("min", "max") for name in names)
SIZE_BITS = ((21, 11), (11, 10), (0, 11))
MOST_SCALE = 20.0
SH_RANGE = 8.0


def is_packed(path: Path) -> bool:
    """Whether a PLY file is one of these. Raises Fault for what is no PLY file."""
    return read_header(path).element("chunk") is not None


def open_packed(path: Path) -> Source:
    """A compressed PLY file. Raises Fault, OSError."""
    header = read_header(path)
    chunk, vertex, sh = (header.element(name) for name in ("chunk", "vertex", "sh"))
    if chunk is None or vertex is None or not header.order:
        raise Fault("is no compressed PLY: it lacks chunks or is text")
    count = checked_count(vertex.count)
    if chunk.count != -(-count // CHUNK) or (sh is not None and sh.count != count):
        raise Fault(f"has {chunk.count:,} chunks for {count:,} splats, which is not one for each {CHUNK}")
    _check_columns(chunk, vertex, sh)
    number = len(sh.columns) if sh is not None else 0
    return Source(count, DEGREES[number // 3], AXES, _blocks(path, header))


def _check_columns(chunk: Element, vertex: Element, sh: Element | None) -> None:
    kinds = dict((*chunk.columns, *vertex.columns))
    if not set(BOUNDS[:12]) <= set(chunk.names) or ("min_r" in chunk.names and not set(BOUNDS) <= set(chunk.names)):
        raise Fault("lacks bounds of its chunks")
    if any(kinds.get(word) != "u4" for word in WORDS):
        raise Fault("lacks the packed words that compressed PLY has")
    if sh is None:
        return
    number = len(sh.columns)
    named = all(f"f_rest_{place}" in sh.names for place in range(number))
    if number not in (9, 24, 45) or not named or any(kind != "u1" for _, kind in sh.columns):
        raise Fault("has harmonics (f_rest) of no whole degree from 0 to 3")


def _blocks(path: Path, header: Header) -> Iterator[Block]:
    tables = {element.name: element for element in header.elements if element.name in ("chunk", "vertex", "sh")}
    starts = {name: header.offset(name) for name in tables}
    bounds = _rows(path, starts["chunk"], tables["chunk"].dtype(header.order), 0, tables["chunk"].count)
    count = tables["vertex"].count

    def blocks() -> Iterator[Block]:
        for first in range(0, count, BLOCK):
            number = min(BLOCK, count - first)
            rows = {
                name: _rows(path, starts[name], tables[name].dtype(header.order), first, number)
                for name in tables
                if name != "chunk"
            }
            yield _unpacked(bounds[(first + np.arange(number)) // CHUNK], rows["vertex"], rows.get("sh"))

    return blocks()


def _rows(path: Path, start: int, dtype: np.dtype, first: int, count: int) -> np.ndarray:
    return np.fromfile(path, dtype, count, offset=start + first * dtype.itemsize)


def _unpacked(bounds: np.ndarray, words: np.ndarray, sh: np.ndarray | None) -> Block:
    colour = words["packed_color"].astype(np.uint32)
    base = np.stack([(colour >> shift & 255) / np.float32(255) for shift in (24, 16, 8)], axis=1)
    if "min_r" in bounds.dtype.names:
        base = _between(bounds, RGB, base)
    return Block(
        _between(bounds, XYZ, _fractions(words["packed_position"])),
        _rotations(words["packed_rotation"].astype(np.uint32)),
        _between(bounds, SIZES, _fractions(words["packed_scale"])),
        byte_logits(colour & 255),
        (base - 0.5) / SH_DC,
        _harmonics(sh, len(words)),
    )


def _between(bounds: np.ndarray, names: tuple[str, ...], parts: np.ndarray) -> np.ndarray:
    least = np.stack([bounds[f"min_{name}"] for name in names], axis=1)
    most = np.stack([bounds[f"max_{name}"] for name in names], axis=1)
    return least * (1 - parts) + most * parts


def _fractions(words: np.ndarray) -> np.ndarray:
    words = words.astype(np.uint32)
    parts = [(words >> shift & (1 << bits) - 1) / np.float32((1 << bits) - 1) for shift, bits in SIZE_BITS]
    return np.stack(parts, axis=1)


def _rotations(words: np.ndarray) -> np.ndarray:
    """Quaternions w x y z float32 [n, 4]."""
    three = np.stack([(words >> shift & 1023) / np.float32(1023) for shift in (20, 10, 0)], axis=1)
    return largest_first((three - 0.5) * np.float32(np.sqrt(2)), words >> 30)


def _harmonics(sh: np.ndarray | None, count: int) -> np.ndarray:
    if sh is None:
        return np.zeros((count, 0, 3), np.float32)
    number = len(sh.dtype) // 3
    bytes_ = np.stack([sh[f"f_rest_{place}"] for place in range(3 * number)], axis=1)
    parts = (bytes_ + np.float32(0.5)) / np.float32(256)
    parts[bytes_ == 0], parts[bytes_ == 255] = 0, 1
    return ((parts - np.float32(0.5)) * np.float32(SH_RANGE)).reshape(count, 3, number).transpose(0, 2, 1)


def write_packed(path: Path, splats: Splats) -> None:
    """Write chunks in the order of the splats, colour bounds included, and harmonics where there are any."""
    count, chunks, number = len(splats), -(-len(splats) // CHUNK), splats.sh.shape[1] - 1
    lines = ["ply", "format binary_little_endian 1.0", f"element chunk {chunks}"]
    lines += [f"property float {name}" for name in BOUNDS]
    lines += [f"element vertex {count}", *(f"property uint {word}" for word in WORDS)]
    if number:
        lines += [f"element sh {count}", *(f"property uchar f_rest_{place}" for place in range(3 * number))]
    turn = Turn(AXES)
    parts = [_packed(splats, slice(first, first + BLOCK), turn) for first in range(0, count, BLOCK)]
    with path.open("wb") as file:
        file.write("\n".join([*lines, "end_header", ""]).encode())
        for place in range(3 if number else 2):
            for part in parts:
                part[place].tofile(file)


def _packed(splats: Splats, rows: slice, turn: Turn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bounds float32 [chunks, 18], words uint32 [n, 4] and bytes uint8 [n, 3 (K - 1)] of some splats."""
    scales = np.clip(splats.log_scales[rows], -MOST_SCALE, MOST_SCALE)
    colours = splats.sh[rows, 0] * np.float32(SH_DC) + np.float32(0.5)
    quats = splats.quats[rows] * turn.quats
    found = [_bounded(values) for values in (splats.means[rows] * turn.means, scales, colours)]
    least, most, fractions = zip(*found, strict=True)
    bounds = np.concatenate([side for pair in zip(least, most, strict=True) for side in pair], axis=1)
    place, size = (_joined(part, SIZE_BITS) for part in fractions[:2])
    colour = _joined(fractions[2], ((24, 8), (16, 8), (8, 8))) | opacity_bytes(splats.logits[rows])
    words = np.stack([place, _turn_words(quats), size, colour], axis=1)
    rest = (splats.sh[rows, 1:] * turn.harmonics[1 : splats.sh.shape[1]]).transpose(0, 2, 1).reshape(len(quats), -1)
    sh = np.clip((rest / SH_RANGE + 0.5) * 256, 0, 255).astype("u1")
    return bounds.astype("<f4"), words.astype("<u4"), sh


def _bounded(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Least and most of each chunk, float32 [chunks, 3], and where values [n, 3] lie between them, 0 to 1."""
    starts = np.arange(0, len(values), CHUNK)
    least, most = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    own = np.arange(len(values)) // CHUNK
    span = np.maximum(most - least, np.finfo(np.float32).tiny)
    return least, most, (values - least[own]) / span[own]


def _joined(fractions: np.ndarray, places: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Fractions 0 to 1 [n, k] as words uint32 [n]; places: shift and number of bits of each."""
    words = np.zeros(len(fractions), np.uint32)
    for part, (shift, bits) in zip(fractions.T, places, strict=True):
        most = (1 << bits) - 1
        words |= np.clip(np.floor(part * most + 0.5), 0, most).astype(np.uint32) << np.uint32(shift)
    return words


def _turn_words(quats: np.ndarray) -> np.ndarray:
    three, largest = without_largest(quats)
    words = _joined(three * np.sqrt(0.5) + 0.5, ((20, 10), (10, 10), (0, 10)))
    return words | largest.astype(np.uint32) << np.uint32(30)
