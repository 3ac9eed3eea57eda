"""What was found in a splat file, and the limits of what is believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

MOST_SPLATS = 50_000_000
FARTHEST_M = 1e6
"""A splat beyond this distance from the origin is a damaged record."""
LEAST_LOG_SCALE, MOST_LOG_SCALE = -30.0, 10.0
"""e^-30 m is smaller than an atom and is raised to that; e^10 m is 22 km, and what is larger is a damaged record."""
MOST_LOGIT = 30.0
"""The sigmoid of 30 differs from 1 by 1e-13, less than float32 can say."""
MOST_COEFFICIENT = 1e4
BLOCK = 16384
"""Splats worked on at a time, so that a block stays in the processor's cache; a multiple of 256."""


class Fault(Exception):
    """What is wrong with a file, as the end of a sentence that its name begins; read_splats makes the sentence."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some splats as a file has them: unchecked, in the file's own axes, views of any float type.

    means: [n, 3]; quats: [n, 4] w x y z, any length; log_scales: [n, 3]; logits: [n]; base: [n, 3], coefficient 0;
    rest: [n, K - 1, 3], the other coefficients, K - 1 = 0, 3, 8 or 15.
    """

    means: np.ndarray
    quats: np.ndarray
    log_scales: np.ndarray
    logits: np.ndarray
    base: np.ndarray
    rest: np.ndarray


@dataclass(frozen=True, slots=True)
class Source:
    """A splat file that is open and whose size has been checked against its count.

    count:  splats it says it holds.
    degree: of its harmonics, 0 to 3.
    axes:   one of core.splat.files.axes.AXES.
    blocks: its splats in order, count in all.
    cut:    what could not be held at all, counted, such as harmonics of degree 4.
    """

    count: int
    degree: int
    axes: str
    blocks: Iterator[Block]
    cut: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What reading a file found.

    format:   its name in FORMATS.
    count:    splats in the file; those that are left may be fewer.
    repaired: how many splats of each fault were mended or left out, by the words of this module's readers.
    """

    format: str
    count: int
    repaired: dict[str, int] = field(default_factory=dict)

    def sentence(self) -> str:
        """What was mended in a few words, empty where nothing was."""
        return ", ".join(f"{count:,} {fault}" for fault, count in self.repaired.items())


def added(counts: Counter[str], fault: str, bad: np.ndarray) -> np.ndarray:
    """Count the true entries of bad under a fault, if there are any, and return bad."""
    if number := int(np.count_nonzero(bad)):
        counts[fault] += number
    return bad
