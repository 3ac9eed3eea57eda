"""The binary container of glTF 2.0: a header, the JSON, one buffer."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MAGIC, VERSION = 0x46546C67, 2
JSON_CHUNK, BINARY_CHUNK = 0x4E4F534A, 0x004E4942
FLOAT = 5126
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}
HEADER = struct.Struct("<III")
CHUNK = struct.Struct("<II")


@dataclass(slots=True)
class Buffer:
    """The one buffer of a file as it grows, with its views and accessors."""

    data: bytearray = field(default_factory=bytearray)
    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)

    def add(self, rows: np.ndarray, bounded: bool = False) -> int:
        """Store float32 rows [K] or [K, 3 or 4] and return the accessor's number; bounded tells least and largest."""
        rows = np.ascontiguousarray(rows, np.float32)
        width = 1 if rows.ndim == 1 else rows.shape[1]
        kind = next(name for name, count in WIDTHS.items() if count == width)
        self.views.append({"buffer": 0, "byteOffset": len(self.data), "byteLength": rows.nbytes})
        accessor = {"bufferView": len(self.views) - 1, "componentType": FLOAT, "count": len(rows), "type": kind}
        if bounded:
            flat = rows.reshape(len(rows), width)
            accessor |= {"min": flat.min(0).tolist(), "max": flat.max(0).tolist()}
        self.accessors.append(accessor)
        self.data += rows.astype("<f4").tobytes()
        return len(self.accessors) - 1


def packed(document: dict[str, Any], data: bytes) -> bytes:
    """A whole .glb file."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    data = bytes(data) + b"\0" * (-len(data) % 4)
    chunks = CHUNK.pack(len(text), JSON_CHUNK) + text + CHUNK.pack(len(data), BINARY_CHUNK) + data
    return HEADER.pack(MAGIC, VERSION, HEADER.size + len(chunks)) + chunks


def unpacked(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The document and the buffer of a .glb file. Raises ValueError."""
    if len(content) < HEADER.size + CHUNK.size or HEADER.unpack_from(content)[:2] != (MAGIC, VERSION):
        raise ValueError("it does not begin as a binary glTF 2.0 file")
    place, chunks = HEADER.size, {}
    while place + CHUNK.size <= len(content):
        length, kind = CHUNK.unpack_from(content, place)
        place += CHUNK.size
        chunks.setdefault(kind, content[place : place + length])
        place += length
    document = json.loads(chunks.get(JSON_CHUNK, b"null"))
    if not isinstance(document, dict):
        raise ValueError("it holds no JSON object")
    return document, chunks.get(BINARY_CHUNK, b"")


def rows_of(document: dict[str, Any], data: bytes, number: int) -> np.ndarray:
    """The rows of a float accessor, float64 [K, N]. Raises ValueError, KeyError or IndexError."""
    accessor = document["accessors"][number]
    view = document["bufferViews"][accessor["bufferView"]]
    width = WIDTHS[accessor["type"]]
    if accessor["componentType"] != FLOAT or view.get("byteStride", 4 * width) != 4 * width:
        raise ValueError("its animation is not stored as plain floating-point numbers")
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    found = np.frombuffer(data, "<f4", accessor["count"] * width, start)
    with np.errstate(invalid="ignore"):  # What is no number stays none, which the caller refuses.
        return found.reshape(-1, width).astype(np.float64)
