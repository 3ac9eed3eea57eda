"""The text at the head of every PLY file: which elements follow, with which properties, how many of each.

Source: Greg Turk, The PLY Polygon File Format, 1994.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .report import Fault

LONGEST_HEADER = 1 << 20
MOST_ELEMENTS, MOST_COLUMNS = 64, 1024
ENDINGS = (b"\r\n", b"\n", b"\r")
ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": ""}
TYPES = {
    **dict.fromkeys(("char", "int8"), "i1"),
    **dict.fromkeys(("uchar", "uint8"), "u1"),
    **dict.fromkeys(("short", "int16"), "i2"),
    **dict.fromkeys(("ushort", "uint16"), "u2"),
    **dict.fromkeys(("int", "int32"), "i4"),
    **dict.fromkeys(("uint", "uint32"), "u4"),
    **dict.fromkeys(("float", "float32"), "f4"),
    **dict.fromkeys(("double", "float64"), "f8"),
}


@dataclass(frozen=True, slots=True)
class Element:
    """A table of the file.

    columns: (name, NumPy type) of each property; one of lists has the type "list".
    """

    name: str
    count: int
    columns: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)

    def dtype(self, order: str) -> np.dtype:
        """Of a row in a binary file. Raises Fault for lists, whose rows have no fixed length."""
        if any(kind == "list" for _, kind in self.columns):
            raise Fault(f'holds lists in its element "{self.name}", which splats do not have')
        return np.dtype([(name, order + kind) for name, kind in self.columns])


@dataclass(frozen=True, slots=True)
class Header:
    """What a PLY file says it holds.

    order: "<" or ">" for the byte order of a binary file, "" for text.
    start: where the first row begins, in bytes.
    size:  bytes of the whole file.
    """

    order: str
    elements: tuple[Element, ...]
    start: int
    size: int

    def element(self, name: str) -> Element | None:
        """The element of a name."""
        return next((element for element in self.elements if element.name == name), None)

    def offset(self, name: str) -> int:
        """Where an element's rows begin in a binary file. Raises Fault where the file is too short for it."""
        place = self.start
        for element in self.elements:
            end = place + element.count * element.dtype(self.order).itemsize
            if element.name == name:
                if end > self.size:
                    raise Fault(f"ends early: {element.count:,} rows need {end:,} bytes, not {self.size:,}")
                return place
            place = end
        raise Fault(f'has no element "{name}"')


def read_header(path: Path) -> Header:
    """The header of a PLY file. Raises Fault for one that cannot be understood, OSError as open does."""
    with path.open("rb") as file:
        head = file.read(LONGEST_HEADER)
    ending = next((ending for ending in ENDINGS if head.startswith(b"ply" + ending)), None)
    if ending is None:
        raise Fault("does not begin as a PLY file")
    text, found, _ = head.partition(ending + b"end_header" + ending)
    if not found:
        raise Fault("has no end of its header within the first megabyte")
    lines = [line.split() for line in text.decode("latin-1").split(ending.decode()) if line.strip()]
    return Header(_order(lines), _elements(lines), len(text) + len(found), path.stat().st_size)


def _order(lines: list[list[str]]) -> str:
    formats = [words for words in lines if words[0] == "format"]
    if len(formats) != 1 or formats[0][1:2] == [] or formats[0][1] not in ORDERS:
        raise Fault("does not say in its header whether it is ascii or binary PLY")
    return ORDERS[formats[0][1]]


def _elements(lines: list[list[str]]) -> tuple[Element, ...]:
    found: list[tuple[str, int, list[tuple[str, str]]]] = []
    for words in lines:
        if words[0] == "element":
            found.append((*_named_count(words), []))
        elif words[0] == "property":
            if not found:
                raise Fault("names a property before any element in its header")
            found[-1][2].append(_column(words))
    for name, _, columns in found:
        names = [column for column, _ in columns]
        if len(set(names)) != len(names):
            raise Fault(f'names a property of "{name}" twice in its header')
    if len(found) > MOST_ELEMENTS or sum(len(columns) for _, _, columns in found) > MOST_COLUMNS:
        raise Fault("names far more elements or properties than splats have")
    if len({name for name, _, _ in found}) != len(found):
        raise Fault("names an element twice in its header")
    return tuple(Element(name, count, tuple(columns)) for name, count, columns in found)


def _named_count(words: list[str]) -> tuple[str, int]:
    if len(words) != 3 or not (words[2].isascii() and words[2].isdigit() and len(words[2]) < 19):
        raise Fault("does not say how many rows an element has")
    return words[1], int(words[2])


def _column(words: list[str]) -> tuple[str, str]:
    if len(words) == 5 and words[1] == "list":
        return words[4], "list"
    if len(words) != 3 or words[1] not in TYPES:
        raise Fault("has a property of an unknown type in its header")
    return words[2], TYPES[words[1]]
