"""Cubics over stretches of sampled curves, many at a time: stretches of one length share one small matrix.

A cubic is told by its ends and the slopes there. With Bezier handles at thirds of the stretch its time runs evenly, so
that reading it needs no equation to be solved.
Source: Schneider 1990, "An Algorithm for Automatically Fitting Digitized Curves", with the parameter given by time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

MOST_SAMPLES = 1 << 18
"""Samples worked on at a time, which stay in the processor's cache."""
KEPT_MATRICES = 512


@dataclass(frozen=True, slots=True)
class Fit:
    """The best cubics of some stretches.

    slopes: float64 [N, 2], value per frame at the first and last sample.
    errors: float64 [N], the largest distance to a sample.
    """

    slopes: np.ndarray
    errors: np.ndarray


def fit(flat: np.ndarray, firsts: np.ndarray, lasts: np.ndarray) -> Fit:
    """The least squares cubic through both ends of each stretch.

    flat: float32 [S], samples; firsts, lasts: int64 [N], places of the ends in it, last after first.
    """
    found = Fit(np.empty((len(firsts), 2)), np.empty(len(firsts)))
    for chosen, length in _by_length(lasts - firsts):
        samples = _samples(flat, firsts[chosen], length)
        ends, slopes = samples[:, [0, -1]], samples @ _solver(length)
        found.slopes[chosen] = slopes
        found.errors[chosen] = _distance(samples, ends, slopes)
    return found


def distances(flat: np.ndarray, firsts: np.ndarray, lasts: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """How far cubics of given slopes are from the samples at most, float64 [N]. slopes: [N, 2]. Else as fit()."""
    errors = np.empty(len(firsts))
    for chosen, length in _by_length(lasts - firsts):
        samples = _samples(flat, firsts[chosen], length)
        errors[chosen] = _distance(samples, samples[:, [0, -1]], slopes[chosen].astype(np.float32))
    return errors


def shapes(places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The weights of first value, last value, first slope and last slope of a cubic over 0..1. places: [n]."""
    last = (3 - 2 * places) * places * places
    return 1 - last, last, places * (1 - places) ** 2, (places - 1) * places * places


def _distance(samples: np.ndarray, ends: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """The largest error of each row. samples: [N, length + 1]; ends, slopes: [N, 2]."""
    made = np.concatenate([ends, slopes], axis=1) @ _matrix(samples.shape[1] - 1)
    made -= samples
    return np.abs(made, out=made).max(axis=1)


def _by_length(lengths: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """The rows of each length, some at a time."""
    order = np.argsort(lengths, kind="stable")
    edges = np.flatnonzero(np.diff(lengths[order])) + 1
    for group in np.split(order, edges) if len(order) else ():
        length = int(lengths[group[0]])
        size = max(1, MOST_SAMPLES // (length + 1))
        for start in range(0, len(group), size):
            yield group[start : start + size], length


def _samples(flat: np.ndarray, firsts: np.ndarray, length: int) -> np.ndarray:
    return np.lib.stride_tricks.sliding_window_view(flat, length + 1)[firsts]


@lru_cache(maxsize=KEPT_MATRICES)
def _matrix(length: int) -> np.ndarray:
    """From ends and slopes to samples, float32 [4, length + 1]."""
    first, last, leaving, arriving = shapes(np.arange(length + 1) / length)
    return np.stack([first, last, length * leaving, length * arriving]).astype(np.float32)


@lru_cache(maxsize=KEPT_MATRICES)
def _solver(length: int) -> np.ndarray:
    """From samples to the best slopes, float32 [length + 1, 2]; a stretch of two samples is a straight line."""
    if length < 3:  # One inner sample cannot tell two slopes: the parabola through all three has them.
        steps = [[-1.0, 1.0], [-1.0, 1.0]] if length == 1 else [[-1.5, 2.0, -0.5], [0.5, -2.0, 1.5]]
        return np.array(steps, np.float32).T.copy()
    first, last, leaving, arriving = shapes(np.arange(length + 1) / length)
    slopes = np.linalg.pinv(np.stack([length * leaving, length * arriving], axis=1))  # [2, length + 1]
    of_samples = slopes.T.copy()
    of_samples[0] -= slopes @ first
    of_samples[-1] -= slopes @ last
    return of_samples.astype(np.float32)
