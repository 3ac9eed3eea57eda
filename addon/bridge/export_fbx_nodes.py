"""Binary FBX files as trees of nodes, to add what Blender's exporter has no words for.

Source: the layout that io_scene_fbx of Blender writes and reads: a header of 23 bytes and a version; nodes of end,
number and length of properties, name, properties, children and an empty node; after them a footer that is kept as is.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ...core.errors import FormatError

_MAGIC = b"Kaydara FBX Binary  \x00\x1a\x00"
_WIDE = 7500
"""From this version on, counts take eight bytes."""
_PLAIN = {"Y": "<h", "C": "<?", "I": "<i", "F": "<f", "D": "<d", "L": "<q"}
_ARRAYS = {"f": "<f4", "d": "<f8", "i": "<i4", "l": "<i8"}
_FOOT_ID = 16


@dataclass(slots=True, eq=False)
class Node:
    """One node. properties: letter of the kind and bytes of each. ended: whether an empty node closes its children."""

    name: str
    properties: list[tuple[str, bytes]] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    ended: bool = False

    def first(self, name: str) -> Node:
        """The first child of a name. Raises: FormatError."""
        found = next(self.all(name), None)
        if found is None:
            raise FormatError(f"Blender's FBX exporter wrote no {name}; report this with the version of Blender.")
        return found

    def all(self, name: str) -> Iterator[Node]:
        """The children of a name."""
        return (child for child in self.children if child.name == name)

    def value(self, place: int) -> int | float | str:
        """A property that is a number or a text."""
        kind, data = self.properties[place]
        return data[4:].decode("utf-8", "replace") if kind == "S" else struct.unpack(_PLAIN[kind], data)[0]

    def set(self, place: int, value: int | float) -> None:
        """Put another number into a property, of the kind it has."""
        kind = self.properties[place][0]
        self.properties[place] = (kind, struct.pack(_PLAIN[kind], value))


def node(name: str, *values: int | float | str | np.ndarray, children: list[Node] | None = None) -> Node:
    """A new node: whole numbers become 64-bit ids, arrays stay what they are."""
    children = children or []
    return Node(name, [_property(value) for value in values], children, bool(children))


def small(value: int) -> tuple[str, bytes]:
    """A whole number of 32 bits."""
    return "I", struct.pack("<i", value)


def read_fbx(data: bytes) -> tuple[int, Node, bytes]:
    """The version, a nameless root over all nodes, and the footer's first bytes. Raises: FormatError."""
    if not data.startswith(_MAGIC):
        raise FormatError("Blender's FBX exporter wrote no binary FBX; report this with the version of Blender.")
    version = struct.unpack_from("<I", data, len(_MAGIC))[0]
    head = struct.Struct("<3Q" if version >= _WIDE else "<3I")
    root, place = Node(""), len(_MAGIC) + 4
    while True:
        found, place = _read_node(data, place, head)
        if found is None:
            return version, root, data[place : place + _FOOT_ID]
        root.children.append(found)


def write_fbx(version: int, root: Node, foot: bytes) -> bytes:
    """The whole file."""
    head = struct.Struct("<3Q" if version >= _WIDE else "<3I")
    out = bytearray(_MAGIC + struct.pack("<I", version))
    for child in root.children:
        _write_node(out, child, head)
    out += bytes(head.size + 1) + foot + bytes(4)
    out += bytes(16 - len(out) % 16)
    return bytes(out + struct.pack("<I", version) + bytes(120) + _LAST)


_LAST = bytes.fromhex("f85a8c6adef5d97eece90ce3758f290b")


def _read_node(data: bytes, place: int, head: struct.Struct) -> tuple[Node | None, int]:
    end, count, length = head.unpack_from(data, place)
    name_length = data[place + head.size]
    place += head.size + 1
    if end == 0:
        return None, place
    made = Node(data[place : place + name_length].decode("ascii"))
    place += name_length
    after = place + length
    for _ in range(count):
        kind = chr(data[place])
        size = _size(data, place + 1, kind)
        made.properties.append((kind, data[place + 1 : place + 1 + size]))
        place += 1 + size
    place = after
    while place < end:
        child, place = _read_node(data, place, head)
        if child is None:
            made.ended = True
            break
        made.children.append(child)
    return made, end


def _size(data: bytes, place: int, kind: str) -> int:
    if kind in _PLAIN:
        return struct.calcsize(_PLAIN[kind])
    if kind in "SR":
        return 4 + struct.unpack_from("<I", data, place)[0]
    return 12 + struct.unpack_from("<3I", data, place)[2]


def _write_node(out: bytearray, item: Node, head: struct.Struct) -> None:
    start = len(out)
    out += bytes(head.size) + bytes([len(item.name)]) + item.name.encode("ascii")
    first = len(out)
    for kind, data in item.properties:
        out += kind.encode("ascii") + data
    length = len(out) - first
    for child in item.children:
        _write_node(out, child, head)
    if item.ended:
        out += bytes(head.size + 1)
    head.pack_into(out, start, len(out), len(item.properties), length)


def _property(value: int | float | str | np.ndarray) -> tuple[str, bytes]:
    if isinstance(value, np.ndarray):
        kind = next(letter for letter, width in _ARRAYS.items() if np.dtype(width) == value.dtype)
        raw = value.astype(_ARRAYS[kind]).tobytes()
        return kind, struct.pack("<3I", len(value), 0, len(raw)) + raw
    if isinstance(value, str):
        raw = value.encode("utf-8")
        return "S", struct.pack("<I", len(raw)) + raw
    return ("D", struct.pack("<d", value)) if isinstance(value, float) else ("L", struct.pack("<q", value))
