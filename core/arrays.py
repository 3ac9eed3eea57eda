"""The one check that every data type applies to its arrays."""

from __future__ import annotations

import numpy as np

from .errors import ShapeError


def check(owner: str, array: np.ndarray, shape: tuple[int | str, ...], dtype: type = np.float32) -> None:
    """Raise ShapeError unless array has this dtype and shape.

    shape: one entry an axis; an int must match, a letter stands for any length (see docs/conventions.md).
    """
    fits = (
        isinstance(array, np.ndarray)
        and array.dtype == dtype
        and array.ndim == len(shape)
        and all(isinstance(want, str) or want == have for want, have in zip(shape, array.shape, strict=True))
    )
    if not fits:
        found = f"{array.dtype}{list(array.shape)}" if isinstance(array, np.ndarray) else type(array).__name__
        wanted = f"{np.dtype(dtype)}[{', '.join(map(str, shape))}]"
        raise ShapeError(f"{owner} must be {wanted}, but is {found}.")
