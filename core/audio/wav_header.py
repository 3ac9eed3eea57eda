"""Proves a WAV header right before a decoder trusts it.

libsndfile reads truncated files and files that lie about their length without a word, so the promises
are compared here with what the file holds.
Source: Microsoft, Multiple Channel Audio Data and WAVE Files; EBU Tech 3306 (RF64).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from ..errors import AudioError
from ..paths import shown
from .chunks import Chunk, walk_chunks
from .limits import check_layout

PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 0x0001, 0x0003, 0x0006, 0x0007, 0xFFFE
BITS = {PCM: (8, 16, 24, 32), FLOAT: (32, 64), A_LAW: (8,), MU_LAW: (8,)}
SUBFORMAT_TAIL = bytes.fromhex("0000 1000 8000 00aa 0038 9b71")
"""The last 12 bytes of every subformat that is a plain format code in disguise."""
UNKNOWN_SIZE = 0xFFFFFFFF
AGAIN = "export or copy the recording again"


@dataclass(frozen=True, slots=True)
class WavHeader:
    """What a WAV says of itself.

    mask: one bit a loudspeaker position in the order of the channels, 0 if it does not say.
    """

    code: int
    channels: int
    rate_hz: int
    bits: int
    mask: int


def read_wav_header(path: Path) -> WavHeader:
    """The header of a WAV whose promises have been checked.

    Raises AudioError naming the first promise the file does not keep.
    """
    with path.open("rb") as file:
        mark = file.read(12)[:4]
        if mark == b"BW64":
            raise AudioError(f"{shown(path)} is a BW64 file, which is not read; export it as WAV or RF64.")
        order: Literal["little", "big"] = "big" if mark == b"RIFX" else "little"
        header, long_size = None, None
        for chunk in walk_chunks(file, order):
            if chunk.name == b"ds64" and mark == b"RF64":
                long_size = int.from_bytes(_content(file, chunk)[8:16], order)
            elif chunk.name == b"fmt ":
                header = _parse_format(path, _content(file, chunk), order)
            elif chunk.name == b"data":
                if header is None:
                    raise AudioError(f"{shown(path)} does not say how its sound is stored; {AGAIN}.")
                size = long_size if long_size is not None and chunk.size == UNKNOWN_SIZE else chunk.size
                _check_data(path, file, Chunk(chunk.name, chunk.start, size), header)
                return header
    raise AudioError(f"{shown(path)} is cut off or damaged before its sound begins; {AGAIN}.")


def _content(file: BinaryIO, chunk: Chunk) -> bytes:
    """The first bytes of a chunk, enough for every header this module reads."""
    file.seek(chunk.start)
    return file.read(min(chunk.size, 64))


def _parse_format(path: Path, content: bytes, order: str) -> WavHeader:
    mark = "<" if order == "little" else ">"
    if len(content) < 16:
        raise AudioError(f"{shown(path)} has a header that is cut off; {AGAIN}.")
    code, channels, rate_hz, _, frame_bytes, bits = struct.unpack(mark + "HHIIHH", content[:16])
    mask = 0
    if code == EXTENSIBLE:
        if len(content) < 40:
            raise AudioError(f"{shown(path)} has a header that is cut off; {AGAIN}.")
        mask, code = struct.unpack(mark + "II", content[20:28])
        # Some writers keep the tail little-endian in big-endian files; only the little form is standard.
        if order == "little" and content[28:40] != SUBFORMAT_TAIL:
            code = -1
    check_layout(path, rate_hz, channels)
    if code not in BITS:
        raise AudioError(f"{shown(path)} is compressed in a way that is not read; export it as PCM or FLAC.")
    if bits not in BITS[code]:
        expected = " or ".join(map(str, BITS[code]))
        raise AudioError(f"{shown(path)} says it has {bits} bits a sample, expected {expected}; {AGAIN}.")
    if frame_bytes != channels * bits // 8:
        raise AudioError(f"{shown(path)} has a header that contradicts itself; {AGAIN}.")
    return WavHeader(code, channels, rate_hz, bits, mask)


def _check_data(path: Path, file: BinaryIO, data: Chunk, header: WavHeader) -> None:
    """Raise AudioError unless the sound is as long as promised, neither shorter nor longer."""
    held = path.stat().st_size - data.start
    if data.size > held:
        promise = f"promises {data.size:,} bytes of sound, but {held:,} follow"
        raise AudioError(f"{shown(path)} is cut off or damaged: its header {promise}; {AGAIN}.")
    if data.size < header.channels * header.bits // 8 and held <= data.size + 1:
        raise AudioError(f"{shown(path)} holds no sound: it has a header and nothing after it.")
    file.seek(data.start + data.size)
    if not _ends_well(file.read(9), data.size % 2):
        raise AudioError(f"{shown(path)} holds more sound than the {data.size:,} bytes its header admits; {AGAIN}.")


def _ends_well(rest: bytes, padding: int) -> bool:
    """Whether what follows the sound looks like a chunk, an MP3 tag, zeros, or the end, rather than more sound."""
    for after in (rest, rest[padding:]):
        if not any(after) or after[:3] == b"TAG" or all(32 <= byte < 127 for byte in after[:4]):
            return True
    return False
