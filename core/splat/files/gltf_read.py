"""A glTF document as far as splats need it: its nodes, and the numbers behind its accessors."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np

from ...formats.glb import MAGIC, unpacked
from .report import Fault

NAME = "KHR_gaussian_splatting"
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}
TYPES = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5126: "<f4"}
POINTS = 0


@dataclass(frozen=True, slots=True)
class Document:
    """The JSON of a file, its buffers, and the bytes of them all."""

    members: dict[str, Any]
    buffers: tuple[bytes, ...]
    size: int

    def primitives(self) -> Iterator[tuple[dict[str, Any], np.ndarray]]:
        """Every primitive of splats in the scene, with the matrix float64 [4, 4] that places it."""
        nodes = self.members.get("nodes", [])
        scenes = self.members.get("scenes")
        if scenes:
            roots = scenes[self.members.get("scene", 0)].get("nodes", [])
        else:
            children = {child for node in nodes for child in node.get("children", [])}
            roots = [number for number in range(len(nodes)) if number not in children]
        waiting = [(root, np.eye(4)) for root in reversed(roots)]
        seen: set[int] = set()
        while waiting:
            number, above = waiting.pop()
            if number in seen or number < 0:
                raise Fault("is damaged: one of its nodes stands in two places")
            seen.add(number)
            matrix = above @ _matrix(nodes[number])
            yield from ((primitive, matrix) for primitive in self._splats(nodes[number]))
            waiting += [(child, matrix) for child in reversed(nodes[number].get("children", []))]

    def _splats(self, node: dict[str, Any]) -> list[dict[str, Any]]:
        if "mesh" not in node:
            return []
        found = self.members["meshes"][node["mesh"]]["primitives"]
        return [one for one in found if NAME in one.get("extensions", {}) and one.get("mode", 4) == POINTS]

    def rows(self, number: int, width: int) -> np.ndarray:
        """The rows [n, width] of an accessor, float32. Raises Fault, or an error of a damaged document."""
        accessor = self.members["accessors"][number]
        if "sparse" in accessor or "bufferView" not in accessor or WIDTHS[accessor["type"]] != width:
            raise Fault("is damaged: an attribute of its splats has another width or no data")
        dtype, count = np.dtype(TYPES[accessor["componentType"]]), accessor["count"]
        view = self.members["bufferViews"][accessor["bufferView"]]
        data = self.buffers[view["buffer"]]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        stride = view.get("byteStride", width * dtype.itemsize)
        end = start + (count - 1) * stride + width * dtype.itemsize
        if min(start, count - 1) < 0 or stride < width * dtype.itemsize or end > len(data):
            raise Fault("ends early: its buffers are shorter than its splats need")
        rows = np.ndarray((count, width), dtype, data, start, (stride, dtype.itemsize))
        if dtype.kind == "f":
            return rows
        scale = np.float32(np.iinfo(dtype).max if accessor.get("normalized") else 1)
        return np.maximum(rows / scale, -1) if accessor.get("normalized") else rows.astype(np.float32)


def open_document(path: Path) -> Document:
    """The document of a .glb or .gltf file, told by its content. Raises Fault, OSError, or what such JSON causes."""
    content = path.read_bytes()
    if content[:4] == MAGIC.to_bytes(4, "little"):
        members, inner = unpacked(content)
    else:
        members, inner = json.loads(content.decode("utf-8-sig")), None
    if not isinstance(members, dict):
        raise Fault("holds no JSON object")
    uris = [buffer.get("uri") for buffer in members.get("buffers", [])]
    # Each once, however often it is named.
    found = {uri: _buffer(uri, inner, path) for uri in uris}
    return Document(members, tuple(found[uri] for uri in uris), len(content) + sum(map(len, found.values())))


def _buffer(uri: str | None, inner: bytes | None, path: Path) -> bytes:
    if uri is None:
        if inner is None:
            raise Fault("is damaged: it names a buffer that is nowhere")
        return inner
    if uri.startswith("data:"):
        try:
            return base64.b64decode(uri.partition(",")[2], validate=True)
        except binascii.Error:
            raise Fault("is damaged: the numbers inside are not base64") from None
    name = unquote(uri)
    beside = path.parent / name
    # Only a plain name or a folder below: a stranger's file must not read from anywhere else.
    if ":" in name or "\\" in name or "\0" in name or ".." in Path(name).parts or Path(name).is_absolute():
        raise Fault("keeps its numbers in a file that does not lie beside it; put it there")
    if not beside.is_file():
        raise Fault(f'needs the file "{beside.name}" beside it; put it there')
    return beside.read_bytes()


def _matrix(node: dict[str, Any]) -> np.ndarray:
    """What a node does to what is in it, float64 [4, 4]."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    x, y, z, w = np.array(node.get("rotation", (0, 0, 0, 1)), np.float64)
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = turn * np.array(node.get("scale", (1, 1, 1)), np.float64)
    matrix[:3, 3] = np.array(node.get("translation", (0, 0, 0)), np.float64)
    return matrix
