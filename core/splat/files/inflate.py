"""Packed bytes unpacked with a limit, so that a small file cannot fill the memory."""

from __future__ import annotations

import zlib

from .report import Fault

MOST_GROWTH = 64
"""Splats pack to a half or a tenth; a file that would grow more than this is a trap or empty talk."""
ALWAYS_ALLOWED = 1 << 24
MOST_TAIL = 1 << 20
GZIP = 16 + zlib.MAX_WBITS


def check_growth(size: int, packed: int) -> None:
    """Raise Fault where a file of packed bytes says that it holds too many."""
    if size > max(MOST_GROWTH * packed, ALWAYS_ALLOWED):
        raise Fault(f"says it holds {size:,} bytes in {packed:,}, which no splat file does")


class Gunzip:
    """Bytes out of a gzip stream, as many as asked for. Raises Fault for a damaged or short stream."""

    def __init__(self, packed: bytes) -> None:
        self._stream, self._packed = zlib.decompressobj(GZIP), packed

    def take(self, count: int) -> bytes:
        """The next count bytes."""
        parts, missing = [], count
        while missing:
            part = self._step(missing)
            if not part:
                raise Fault("ends early: its packed data is cut short")
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def finish(self) -> None:
        """Check what follows, if it is not much: extensions, and the checksum of all."""
        left = MOST_TAIL
        while left > 0 and not self._stream.eof:
            part = self._step(left)
            if not part and not self._stream.eof:
                raise Fault("ends early: its packed data is cut short")
            left -= len(part)

    def _step(self, most: int) -> bytes:
        try:
            part = self._stream.decompress(self._packed, most)
        except zlib.error:
            raise Fault("holds damaged gzip data") from None
        self._packed = self._stream.unconsumed_tail
        return part
