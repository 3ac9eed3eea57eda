"""The 52 shapes out of a table whose columns are named as other programs name them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..rig.arkit import ARKIT_52

FEWEST = 10
"""A table with fewer of the shapes is something else."""
_BY_NAME = {name.lower(): place for place, name in enumerate(ARKIT_52)}


def pascal(name: str) -> str:
    """EyeBlinkLeft for eyeBlinkLeft, as NVIDIA and Epic spell it."""
    return name[:1].upper() + name[1:]


def arkit_values(names: Sequence[str], rows: np.ndarray) -> np.ndarray:
    """float32 [T, 52] in ARKit's order; shapes that no column has rest, other columns are left out.

    names: as spelt with any capitals. rows: float64 [T, N].
    Raises ValueError where hardly any of the shapes are there.
    """
    places = {column: _BY_NAME[name.lower()] for column, name in enumerate(names) if name.lower() in _BY_NAME}
    if len(places) < FEWEST:
        raise ValueError(f"only {len(places)} of the ARKit shapes are in it")
    values = np.zeros((len(rows), len(ARKIT_52)), np.float32)
    with np.errstate(over="ignore"):  # What no float32 can hold becomes infinite, which the caller refuses.
        values[:, list(places.values())] = rows[:, list(places)]
    return values
