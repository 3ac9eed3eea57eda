"""Answers of rivals that never change, kept so that the next run need not ask again."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from .methods import Lips, Method


def kept(name: str, method: Method, folder: Path) -> Method:
    """The same method, its answers kept in folder under its name and the recording's fingerprint.

    name: says which version of the rival it is; another version is another name.
    """

    def recalled(samples: np.ndarray) -> Lips:
        fingerprint = hashlib.sha256(np.ascontiguousarray(samples, np.float32).tobytes()).hexdigest()[:20]
        path = folder / name / f"{fingerprint}.npz"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            lips = method(samples)
            part = path.with_suffix(".part.npz")
            np.savez_compressed(part, opening=lips.opening, width=lips.width)
            part.rename(path)
        with np.load(path) as known:
            return Lips(known["opening"], known["width"])

    return recalled
