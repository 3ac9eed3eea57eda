"""Proves that an AIFF holds the sound it promises. Source: Apple, Audio Interchange File Format 1.3."""

from __future__ import annotations

from pathlib import Path

from ..errors import AudioError
from ..paths import shown
from .chunks import walk_chunks


def check_aiff(path: Path) -> None:
    """Raise AudioError if the sound chunk is missing or runs past the end of the file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        for chunk in walk_chunks(file, "big"):
            if chunk.name == b"SSND":
                if chunk.start + chunk.size <= size:
                    return
                promise = f"promises {chunk.size:,} bytes of sound, but {size - chunk.start:,} follow"
                raise AudioError(f"{shown(path)} is cut off: its header {promise}; export or copy it again.")
    raise AudioError(f"{shown(path)} is cut off or damaged before its sound begins; export or copy it again.")
