"""Between keys at any time and rows at an even rate."""

from __future__ import annotations

import numpy as np

from .rates import nearest_rate

SINGLE_FRAME_FPS = 60.0
TOLERATED_FRAMES = 0.25
MOST_ROWS = 24 * 3600 * 240
"""A day at the highest rate: what claims to be longer is damaged, and would fill the memory."""


def needed_keys(values: np.ndarray) -> np.ndarray:
    """The rows that must be keyed so that straight lines between keys give every row: int64 [K].

    values: [T] or [T, N]. Left out are rows that equal both their neighbours, so nothing is lost.
    """
    rows = values.reshape(len(values), -1)
    changes = (rows[1:] != rows[:-1]).any(1)
    needed = np.ones(len(rows), bool)
    needed[1:-1] = changes[:-1] | changes[1:]
    return np.flatnonzero(needed)


def times_of(frames: int, fps: float, start_frame: int = 0) -> np.ndarray:
    """The seconds of rows that begin at a frame, float64 [frames], each reckoned from 0 so that no error adds up."""
    return (start_frame + np.arange(frames)) / fps


def rows_between(start_s: float, end_s: float, fps: float) -> np.ndarray:
    """The seconds of an even grid from the first to the last key, float64 [T].

    Raises ValueError for a span that cannot be.
    """
    steps = (end_s - start_s) * fps
    if not 0 <= steps < MOST_ROWS:
        raise ValueError(f"it runs from {start_s:g} to {end_s:g} s")
    return start_s + np.arange(round(steps) + 1) / fps


def check_rising(times: np.ndarray) -> None:
    """Raise ValueError unless seconds [T] are finite and each is later than the one before."""
    if not (np.isfinite(times).all() and (np.diff(times) > 0).all()):
        raise ValueError("its times do not rise")


def evened(times: np.ndarray, table: np.ndarray, rounding_s: float) -> tuple[np.ndarray, float]:
    """The rows on an even grid, float32 [T, N], and its frames per second.

    times:      float64 [T], seconds, rising. table: float64 [T, N].
    rounding_s: how coarsely the times are written.
    Rows stay as they are while each lies near its place, for the rounding of times is no motion; else all are put on
    the grid by linear interpolation. Raises ValueError for times that do not rise.
    """
    check_rising(times)
    if len(times) == 1:
        return table.astype(np.float32), SINGLE_FRAME_FPS
    fps = nearest_rate(len(times) - 1, float(times[-1] - times[0]), rounding_s)
    even = times[0] + np.arange(len(times)) / fps
    if np.abs(times - even).max() * fps > TOLERATED_FRAMES:
        table = np.stack([np.interp(even, times, column) for column in table.T], axis=1)
    with np.errstate(over="ignore"):  # What no float32 can hold becomes infinite, which the caller refuses.
        return table.astype(np.float32), fps
