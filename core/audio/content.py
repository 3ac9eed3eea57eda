"""What a file is, judged by its first bytes and never by its ending."""

from __future__ import annotations

import stat
from pathlib import Path

from ..errors import AudioError
from ..paths import reason, shown

EXPECTED = "expected a WAV, FLAC, OGG, MP3 or AIFF recording"
HEAD_BYTES = 4096
FOREIGN = (
    (0, b"RIFF", "a RIFF file without sound waves"),
    (4, b"ftyp", "an MP4 or M4A file"),
    (0, b"\x1a\x45\xdf\xa3", "a Matroska or WebM file"),
    (0, b"PK\x03\x04", "a zip archive"),
    (0, b"\x89PNG", "a picture"),
    (0, b"\xff\xd8\xff", "a picture"),
    (0, b"BLENDER", "a Blender file"),
    (0, b"caff", "a Core Audio file"),
    (0, b"riff", "a Wave64 file"),
)
"""Offset, mark and name of kinds that are refused by name, because people do try them."""


def sniff(path: Path) -> str:
    """The kind of recording a file holds: wav, flac, ogg, mp3 or aiff.

    Raises AudioError for a file that is missing, unreadable, empty or no recording of these kinds.
    """
    head, size = _head(path)
    if size == 0:
        raise AudioError(f"{shown(path)} is empty; {EXPECTED}.")
    kind = _kind(head)
    if kind is None:
        raise AudioError(f"{shown(path)} is {_foreign(head)}; {EXPECTED}, so convert it first.")
    return kind


def id3_bytes(head: bytes) -> int:
    """The length of an ID3v2 tag at the start of a file, 0 without one. Source: ID3v2.4, section 3.1."""
    if len(head) < 10 or head[:3] != b"ID3":
        return 0
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _head(path: Path) -> tuple[bytes, int]:
    """The bytes that tell the kind (FLAC may hide behind an ID3 tag), and the size of the file."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise AudioError(f"{shown(path)} is a folder; name one recording inside it.")
        if not stat.S_ISREG(status.st_mode):
            raise AudioError(f"{shown(path)} is not an ordinary file; {EXPECTED}.")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(id3_bytes(head))
            behind_tag = file.read(4)
            return behind_tag if behind_tag == b"fLaC" else head, status.st_size
    except FileNotFoundError:
        raise AudioError(f"{shown(path)} does not exist; check the path of the recording.") from None
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise AudioError(f"{shown(path)} cannot be opened ({why}); check the path and its permissions.") from error


def _kind(head: bytes) -> str | None:
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64") and (head[8:12] == b"WAVE" or len(head) < 12):
        return "wav"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[:4] == b"fLaC":
        return "flac"
    if head[:4] == b"OggS":
        return "ogg"
    if head[:3] == b"ID3" or _is_mpeg_audio(head):
        return "mp3"
    return None


def _is_mpeg_audio(head: bytes) -> bool:
    """Whether an MPEG audio frame starts here: 11 set bits, then no reserved version, layer, bit rate or rate."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    return version != 1 and layer != 0 and head[2] >> 4 != 15 and head[2] >> 2 & 3 != 3


def _foreign(head: bytes) -> str:
    for offset, mark, name in FOREIGN:
        if head[offset : offset + len(mark)] == mark:
            return name
    return "text, not sound" if _is_text(head) else "not sound of a known kind"


def _is_text(head: bytes) -> bool:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut in two where the head ends.
        text = head[: error.start].decode("utf-8") if error.start > len(head) - 4 else "\0"
    return all(c.isprintable() or c in "\r\n\t\f\ufeff" for c in text)
