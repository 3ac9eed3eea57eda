"""Uncompressed OpenEXR files of scan lines, read plainly: every channel of every layer by its name.

Source: OpenEXR file layout (openexr.com), version 2, single part and multipart.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

KINDS = {0: np.dtype("<u4"), 1: np.dtype("<f2"), 2: np.dtype("<f4")}


def read_exr(path: Path) -> dict[str, np.ndarray]:
    """Channels as float32 [height, width], upper row first, by their full names (parts' names before them)."""
    data = path.read_bytes()
    assert data[:4] == b"\x76\x2f\x31\x01", path
    multipart = bool(data[5] & 0x10)
    place, headers = 8, []
    while True:
        header, place = _header(data, place)
        if not header:
            break
        headers.append(header)
        if not multipart:
            break
    counts = [_height(header) for header in headers]
    starts = np.frombuffer(data, "<u8", sum(counts), place)
    out: dict[str, np.ndarray] = {}
    for header, rows in zip(headers, np.split(starts, np.cumsum(counts)[:-1]), strict=True):
        out |= _part(data, header, rows + (4 if multipart else 0))
    return out


def _header(data: bytes, place: int) -> tuple[dict[str, bytes], int]:
    header = {}
    while data[place]:
        (name, place), (_, place) = _text(data, place), _text(data, _text(data, place)[1])
        size = struct.unpack_from("<i", data, place)[0]
        header[name] = data[place + 4 : place + 4 + size]
        place += 4 + size
    return header, place + 1


def _text(data: bytes, place: int) -> tuple[str, int]:
    end = data.index(b"\0", place)
    return data[place:end].decode(), end + 1


def _window(header: dict[str, bytes]) -> tuple[int, int, int, int]:
    return struct.unpack("<4i", header["dataWindow"])


def _height(header: dict[str, bytes]) -> int:
    _, top, _, bottom = _window(header)
    return bottom - top + 1


def _part(data: bytes, header: dict[str, bytes], rows: np.ndarray) -> dict[str, np.ndarray]:
    assert header["compression"] == b"\0", "save without compression"
    left, _, right, _ = _window(header)
    width, channels = right - left + 1, _channels(header["channels"])
    out = {name: np.empty((len(rows), width), np.float32) for name, _ in channels}
    for y, start in enumerate(rows):
        place = int(start) + 8
        for name, kind in channels:
            out[name][y] = np.frombuffer(data, kind, width, place)
            place += width * kind.itemsize
    return out


def _channels(field: bytes) -> list[tuple[str, np.dtype]]:
    place, out = 0, []
    while field[place]:
        name, place = _text(field, place)
        out.append((name, KINDS[struct.unpack_from("<i", field, place)[0]]))
        place += 16
    return out
