"""Tells whether an MP3 states its own length. Source: the Xing and LAME tag layouts."""

from __future__ import annotations

from pathlib import Path

from .content import HEAD_BYTES, id3_bytes

SEARCHED_BYTES = 512
"""The tag lies in the first frame, behind its header and side information."""


def has_xing_header(path: Path) -> bool:
    """Whether the first frame carries a Xing or Info tag; without one the length is a decoder's guess."""
    with path.open("rb") as file:
        file.seek(id3_bytes(file.read(HEAD_BYTES)))
        head = file.read(SEARCHED_BYTES)
    return b"Xing" in head or b"Info" in head
