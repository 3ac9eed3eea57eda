"""Walks the chunks of RIFF and IFF files without trusting their sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

MOST_CHUNKS = 1000


@dataclass(frozen=True, slots=True)
class Chunk:
    """A named stretch of a file.

    start: where its content begins, bytes from the start of the file.
    size:  bytes of content as its header promises, which may be a lie.
    """

    name: bytes
    start: int
    size: int


def walk_chunks(file: BinaryIO, order: Literal["little", "big"]) -> Iterator[Chunk]:
    """The chunks that follow the 12 bytes of a RIFF or FORM header, at most MOST_CHUNKS of them."""
    start = 12
    for _ in range(MOST_CHUNKS):
        file.seek(start)
        head = file.read(8)
        if len(head) < 8:
            return
        chunk = Chunk(head[:4], start + 8, int.from_bytes(head[4:], order))
        yield chunk
        start = chunk.start + chunk.size + chunk.size % 2
