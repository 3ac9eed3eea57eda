"""What a text file holds, told without reading it as anything: formats that share an ending are known by it."""

from __future__ import annotations

import mmap
from pathlib import Path

HEADER_BYTES = 1 << 16


def holds(path: Path, *words: bytes) -> bool:
    """Whether all these words stand anywhere in a file."""
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return all(content.find(word) >= 0 for word in words)


def header(path: Path) -> str:
    """The first line of a file, empty for one that is no text."""
    with path.open("rb") as file:
        line = file.read(HEADER_BYTES).removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
    try:
        return line.decode("utf-8").strip()
    except UnicodeDecodeError:
        return ""
