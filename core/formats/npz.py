"""A performance as a NumPy archive: exact, small to read, nothing executable inside."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError
from typing import TYPE_CHECKING

import numpy as np

from ..errors import CoreError, FormatError
from ..paths import shown
from ..rig.arkit import HEAD_AXES
from ..types import Performance, RigCurves
from .file_format import Placing

if TYPE_CHECKING:
    from ..speech.phones import PhoneTrack

MOST_BYTES = 1 << 31
BROKEN = (ValueError, EOFError, SyntaxError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error, TokenError)
"""What zipfile and NumPy raise for an archive that is damaged, encrypted or lies about its arrays."""
NEEDED = ("names", "values", "fps", "head")
PHONES = ("phone_symbols", "phone_times", "phone_confidence", "phone_duration")


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write names [C], values float32 [T, C], fps, head float32 [T, 3], head_names [3] and, if any, the phones."""
    curves = performance.curves
    with path.open("wb") as file:
        np.savez(
            file,
            names=np.array(curves.names, dtype=np.str_),
            values=curves.values,
            fps=np.float64(curves.fps),
            head=performance.head,
            head_names=np.array(HEAD_AXES),
            **_phone_arrays(performance.phones),
        )


def read(path: Path) -> Performance:
    """Read what write() wrote."""
    try:
        _check_size(path)
        with np.load(path, allow_pickle=False) as arrays:
            missing = [name for name in NEEDED if name not in arrays]
            if missing:
                raise FormatError(f"{shown(path)} lacks {', '.join(missing)}; write it again with Mouthpiece.")
            names, values, fps, head = (arrays[name] for name in NEEDED)
            phones = [arrays[name] for name in PHONES] if all(name in arrays for name in PHONES) else []
    except BROKEN as error:
        raise FormatError(f"{shown(path)} is not a whole NumPy archive; write it again with Mouthpiece.") from error
    if not all(isinstance(array, np.ndarray) for array in (names, values, fps, head, *phones)):
        raise FormatError(f"{shown(path)} holds something other than arrays; write it again with Mouthpiece.")
    if names.ndim != 1 or names.dtype.kind != "U" or fps.shape != () or fps.dtype.kind not in "fiu":
        raise FormatError(f"{shown(path)} holds names or a frame rate of another kind; write it again.")
    track = _phone_track(path, *phones) if phones else None
    return Performance(RigCurves(tuple(names.tolist()), values, float(fps)), head, track)


def _phone_arrays(track: PhoneTrack | None) -> dict[str, np.ndarray]:
    """A track of P phones as symbols [P], start and end in seconds float64 [P, 2], confidence [P], and its length."""
    if track is None:
        return {}
    symbols = np.array([phone.symbol for phone in track.phones], np.str_)
    times = np.array([(phone.start_s, phone.end_s) for phone in track.phones], np.float64).reshape(-1, 2)
    sure = np.array([phone.confidence for phone in track.phones], np.float64)
    return dict(zip(PHONES, (symbols, times, sure, np.float64(track.duration_s)), strict=True))


def _phone_track(
    path: Path, symbols: np.ndarray, times: np.ndarray, sure: np.ndarray, duration_s: np.ndarray
) -> PhoneTrack:
    """The track in the arrays of _phone_arrays. Raises FormatError for arrays of another kind."""
    from ..speech.phones import Phone, PhoneTrack

    count = len(symbols) if symbols.ndim else -1
    shapes = [array.shape for array in (symbols, times, sure, duration_s)]
    kinds = [array.dtype.kind for array in (symbols, times, sure, duration_s)]
    if shapes != [(count,), (count, 2), (count,), ()] or kinds != ["U", "f", "f", "f"]:
        raise FormatError(f"{shown(path)} holds phones of another kind; write it again with Mouthpiece.")
    rows = zip(symbols.tolist(), times.tolist(), sure.tolist(), strict=True)
    try:
        phones = tuple(Phone(symbol, start_s, end_s, certainty) for symbol, (start_s, end_s), certainty in rows)
        return PhoneTrack(phones, float(duration_s))
    except CoreError as error:
        raise FormatError(f"{shown(path)} does not hold a phone track: {error}") from error


def _check_size(path: Path) -> None:
    """Refuse an archive that would unpack to more than any performance needs."""
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
            raise FormatError(f"{shown(path)} unpacks to more than 2 GB, which is no performance.")
