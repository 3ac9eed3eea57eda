"""Niantic's SPZ, versions 1 to 3: a gzip stream with a header of 16 bytes and one array after another.

Places are 24-bit fixed point numbers (16-bit floats in version 1), opacities and colours bytes, sizes bytes of
1/16 of a natural logarithm from -10 on, rotations x y z w as three bytes (versions 1 and 2) or as the place of the
largest part and sign and nine bits of the others (version 3), harmonics bytes of 1/128 from -1 on, coefficient by
coefficient. Source: nianticlabs/spz (MIT).
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..types import SplatError, Splats
from .axes import CORE
from .bits import byte_logits, largest_first, opacity_bytes, without_largest
from .inflate import Gunzip, check_growth
from .ply import CUT, checked_count
from .report import BLOCK, Block, Fault, Source

HEADER = struct.Struct("<4sIIBBBB")
MAGIC, WRITTEN_VERSION = b"NGSP", 3
COEFFICIENTS = (0, 3, 8, 15, 24)
COLOUR_SCALE = 0.15
MOST_BITS = 20
"""Of the fraction of a place: one part in a million. Niantic's own writer always takes 12."""
LEVEL = 6


@dataclass(frozen=True, slots=True)
class Head:
    """The header: how many splats of which version, degree and bits of a place's fraction."""

    version: int
    count: int
    degree: int
    fraction_bits: int

    def widths(self) -> tuple[int, ...]:
        """Bytes a splat of places, opacities, colours, sizes, rotations and harmonics, as they follow each other."""
        return 6 if self.version == 1 else 9, 1, 3, 3, 4 if self.version == 3 else 3, 3 * COEFFICIENTS[self.degree]


def open_spz(path: Path) -> Source:
    """An SPZ file. Raises Fault, OSError."""
    packed = path.read_bytes()
    if packed.startswith(MAGIC):
        raise Fault("is SPZ of version 4 or later, packed with Zstandard; save it as version 3")
    stream = Gunzip(packed)
    head = _head(stream.take(HEADER.size))
    check_growth(head.count * sum(head.widths()), len(packed))
    sections = [stream.take(head.count * width) for width in head.widths()]
    parts = [np.frombuffer(section, np.uint8).reshape(head.count, len(section) // head.count) for section in sections]
    stream.finish()
    cut = {CUT: head.count} if head.degree == 4 else {}
    return Source(head.count, min(head.degree, 3), CORE, _blocks(head, parts), cut)


def _head(data: bytes) -> Head:
    magic, version, count, degree, fraction_bits, _, _ = HEADER.unpack(data)
    if magic != MAGIC or version not in (1, 2, 3):
        raise Fault("is no SPZ file of version 1, 2 or 3")
    if degree >= len(COEFFICIENTS) or fraction_bits > 24:
        raise Fault(f"says its harmonics have degree {degree} and its places {fraction_bits} bits; none have")
    return Head(version, checked_count(count), degree, fraction_bits)


def _blocks(head: Head, parts: list[np.ndarray]) -> Iterator[Block]:
    for start in range(0, head.count, BLOCK):
        places, opacities, colours, sizes, turns, sh = (part[start : start + BLOCK] for part in parts)
        quats = _smallest_three(turns) if head.version == 3 else _first_three(turns)
        yield Block(
            places.view("<f2") if head.version == 1 else _fixed(places) / np.float32(1 << head.fraction_bits),
            quats[:, [3, 0, 1, 2]],
            sizes / np.float32(16) - 10,
            byte_logits(opacities[:, 0]),
            (colours / np.float32(255) - np.float32(0.5)) / np.float32(COLOUR_SCALE),
            ((sh.astype(np.float32) - 128) / 128).reshape(len(sh), -1, 3),
        )


def _fixed(places: np.ndarray) -> np.ndarray:
    """Signed 24-bit numbers float32 [n, 3] of bytes [n, 9]."""
    words = np.zeros((len(places), 3, 4), np.uint8)
    words[..., 1:] = places.reshape(-1, 3, 3)
    return (words.view("<i4")[..., 0] >> 8).astype(np.float32)


def _first_three(turns: np.ndarray) -> np.ndarray:
    three = turns / np.float32(127.5) - 1
    return largest_first(three, np.full(len(three), 3))


def _smallest_three(turns: np.ndarray) -> np.ndarray:
    words = np.ascontiguousarray(turns).view("<u4")[:, 0]
    fields = np.stack([words >> shift & 1023 for shift in (20, 10, 0)], axis=1)
    sizes = (fields & 511) * np.float32(np.sqrt(0.5) / 511)
    return largest_first(np.where(fields & 512, -sizes, sizes), words >> 30)


def write_spz(path: Path, splats: Splats) -> None:
    """Write version 3, with as many bits for the fraction of a place as the farthest splat leaves."""
    bits = fraction_bits(float(np.abs(splats.means).max()))
    head = HEADER.pack(MAGIC, WRITTEN_VERSION, len(splats), splats.degree, bits, 0, 0)
    # No time stamp and no name: the same splats give the same bytes.
    with path.open("wb") as file, gzip.GzipFile("", "wb", LEVEL, file, 0) as stream:
        stream.write(head)
        for part in _packed(splats, bits):
            stream.write(part.tobytes())


def fraction_bits(farthest_m: float) -> int:
    """Bits that 24 leave for the fraction of a place this far away. Raises SplatError where it does not fit at all."""
    bits = next((bits for bits in range(MOST_BITS, -1, -1) if farthest_m * (1 << bits) < (1 << 23) - 1), None)
    if bits is None:
        raise SplatError(f"SPZ cannot hold a splat {farthest_m:,.0f} m away; move the splats nearer or write PLY")
    return bits


def _packed(splats: Splats, bits: int) -> Iterator[np.ndarray]:
    fixed = np.round(splats.means.astype(np.float64) * (1 << bits)).astype("<i4")
    yield fixed.view(np.uint8).reshape(-1, 3, 4)[..., :3]
    yield opacity_bytes(splats.logits)
    yield _bytes(splats.sh[:, 0] * (COLOUR_SCALE * 255) + 127.5)
    yield _bytes((splats.log_scales + 10) * 16)
    yield _turn_words(splats.quats[:, [1, 2, 3, 0]])
    if splats.degree:
        yield _bytes(splats.sh[:, 1:] * 128 + 128)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def _turn_words(quats: np.ndarray) -> np.ndarray:
    three, largest = without_largest(quats)
    sizes = np.minimum(np.abs(three) * (511 * np.sqrt(2)) + 0.5, 511).astype(np.uint32)
    fields = sizes | (three < 0).astype(np.uint32) << np.uint32(9)
    words = largest.astype(np.uint32)
    for field in fields.T:
        words = words << np.uint32(10) | field
    return words.astype("<u4")
