"""Two courses of the same controls as one, lips closed on the way where both close them."""

from __future__ import annotations

import numpy as np

from .closures import JAWS, together_columns

LEAST_JAW = 1e-3


def mix(old: np.ndarray, new: np.ndarray, share: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Values float32 [T, C] that are the old ones where share [T, 1] is 0 and the new ones where it is 1.

    What lips close is a share of the jaw's opening, a product, which does not ease evenly when both factors do; so each
    such share counts as much as the jaw it closes.
    """
    values = mixed(old, new, share)
    jaw = next((place for place, name in enumerate(names) if name in JAWS), None)
    lips = together_columns(names)
    if jaw is None or not lips:
        return values
    parts = (1 - share) * np.maximum(old[:, [jaw]], 0), share * np.maximum(new[:, [jaw]], 0)
    opened = parts[0] + parts[1]
    weighed = (parts[0] * old[:, lips] + parts[1] * new[:, lips]) / np.maximum(opened, LEAST_JAW)
    between = (share > 0) & (share < 1) & (opened > LEAST_JAW)
    values[:, lips] = np.where(between, weighed, values[:, lips])
    return values


def mixed(old: np.ndarray, new: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Exactly the one where share is 0 and exactly the other where it is 1."""
    return np.where(share == 1, new, old + share * (new - old))
