"""Proves that an Ogg file is whole, because its decoders take a cut one for a shorter one.

Source: RFC 3533, section 6.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from ..errors import AudioError
from ..paths import shown

LAST_PAGE = 0x04


def check_ogg(path: Path) -> None:
    """Raise AudioError unless the file is an unbroken run of pages of which the last says that it is the last."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start, ended = 0, False
        while start < size:
            length, ended = _measure_page(file, start)
            if length == 0 or start + length > size:
                raise AudioError(f"{shown(path)} is cut off or damaged; export or copy the recording again.")
            start += length
    if not ended:
        raise AudioError(f"{shown(path)} is cut off: its last page is missing; export or copy the recording again.")


def _measure_page(file: BinaryIO, start: int) -> tuple[int, bool]:
    """The bytes of the page that starts here (0: no page) and whether it ends its stream."""
    file.seek(start)
    head = file.read(27)
    if len(head) < 27 or head[:4] != b"OggS":
        return 0, False
    segments = file.read(head[26])
    if len(segments) < head[26]:
        return 0, False
    return 27 + len(segments) + sum(segments), bool(head[5] & LAST_PAGE)
