"""A performance as a NumPy archive: exact, small to read, nothing executable inside."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError

import numpy as np

from ..errors import FormatError
from ..paths import shown
from ..rig.arkit import HEAD_AXES
from ..types import Performance, RigCurves

MOST_BYTES = 1 << 31
BROKEN = (ValueError, EOFError, SyntaxError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error, TokenError)
"""What zipfile and NumPy raise for an archive that is damaged, encrypted or lies about its arrays."""
NEEDED = ("names", "values", "fps", "head")


def write(path: Path, performance: Performance) -> None:
    """Write names [C], values float32 [T, C], fps, head float32 [T, 3] and head_names [3]."""
    curves = performance.curves
    with path.open("wb") as file:
        np.savez(
            file,
            names=np.array(curves.names, dtype=np.str_),
            values=curves.values,
            fps=np.float64(curves.fps),
            head=performance.head,
            head_names=np.array(HEAD_AXES),
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
    except BROKEN as error:
        raise FormatError(f"{shown(path)} is not a whole NumPy archive; write it again with Mouthpiece.") from error
    if not all(isinstance(array, np.ndarray) for array in (names, values, fps, head)):
        raise FormatError(f"{shown(path)} holds something other than arrays; write it again with Mouthpiece.")
    if names.ndim != 1 or names.dtype.kind != "U" or fps.shape != () or fps.dtype.kind not in "fiu":
        raise FormatError(f"{shown(path)} holds names or a frame rate of another kind; write it again.")
    return Performance(RigCurves(tuple(names.tolist()), values, float(fps)), head)


def _check_size(path: Path) -> None:
    """Refuse an archive that would unpack to more than any performance needs."""
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
            raise FormatError(f"{shown(path)} unpacks to more than 2 GB, which is no performance.")
