"""Performances as files: the ending picks the format. docs/formats.md describes each exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import FormatError, ShapeError
from ..paths import reason, shown
from ..rig.arkit import ARKIT_52
from ..types import Performance
from . import json_text, livelink_csv, npz, table_csv
from .atomic import check_place, replacing


def _write_csv(path: Path, performance: Performance) -> None:
    """A Live Link Face take where the rig allows, else a plain table."""
    form = livelink_csv if set(performance.curves.names) == set(ARKIT_52) else table_csv
    form.write(path, performance)


def _read_csv(path: Path) -> Performance:
    form = table_csv if table_csv.is_table(path) else livelink_csv
    return form.read(path)


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One way to store a performance; write gets a temporary path, read raises FormatError."""

    title: str
    write: Callable[[Path, Performance], None]
    read: Callable[[Path], Performance]


FORMATS = {
    ".npz": FileFormat("NumPy archive", npz.write, npz.read),
    ".csv": FileFormat("Live Link Face CSV, or a table", _write_csv, _read_csv),
    ".json": FileFormat("JSON text", json_text.write, json_text.read),
}
"""The formats by lower-case ending."""


def check_target(path: Path) -> None:
    """Raise FormatError unless a performance can be written to this path; call it before long work."""
    path = Path(path)
    _format_of(path)
    check_place(path)


def write_performance(path: Path, performance: Performance) -> None:
    """Write a performance in the format its ending names; the file appears whole or not at all.

    Raises FormatError for an unknown ending or a place that cannot be written.
    """
    path = Path(path)
    form = _format_of(path)
    for array in (performance.curves.values, performance.head):
        if not np.isfinite(array).all():
            raise ShapeError("Performance values must be finite.")
    check_place(path)
    with replacing(path) as temporary:
        form.write(temporary, performance)


def read_performance(path: Path) -> Performance:
    """Read a performance from any of FORMATS.

    Raises FormatError for a missing file, an unknown ending, or content of another layout.
    """
    path = Path(path)
    form = _format_of(path)
    try:
        performance = form.read(path)
    except FileNotFoundError:
        raise FormatError(f"{shown(path)} does not exist; check the path of the performance.") from None
    except OSError as error:
        raise FormatError(f"{shown(path)} cannot be read ({reason(error)}); check its permissions.") from error
    except ShapeError as error:
        raise FormatError(f"{shown(path)} does not hold a performance: {error}") from error
    if not (np.isfinite(performance.curves.values).all() and np.isfinite(performance.head).all()):
        raise FormatError(f"{shown(path)} holds values that are not numbers (NaN or infinite); write it again.")
    return performance


def _format_of(path: Path) -> FileFormat:
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        endings = ", ".join(FORMATS)
        raise FormatError(f"{shown(path)} has no known ending; name the performance with one of {endings}.")
    return form
