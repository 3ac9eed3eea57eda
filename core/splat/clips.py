"""A recorded clip of splats, less what shapes and correctives already do, as a few components and their course."""

from __future__ import annotations

import numpy as np

from ..arrays import check
from ..errors import SettingError
from .deltas import packed
from .head import Clip


def fitted_clip(residuals: np.ndarray, groups: tuple[str, ...], fps: float, components: int) -> Clip:
    """The principal components of what a clip adds to a posed head.

    residuals: float32 [T, N, A], A numbers for the groups (core.splat.deltas.COLUMNS) by frame and splat.
    components: how many to keep, at most T. They are not about a mean, so that coefficients of 0 add nothing and a clip
    can be faded in and out. Numbers of different units are weighed by their own spread.
    """
    check("residuals", residuals, ("T", "N", "A"))
    frames, count, width = residuals.shape
    if not 1 <= components <= frames:
        raise SettingError(f"A clip of {frames} frames has 1 to {frames} components, not {components}.")
    spread = np.sqrt((residuals.astype(np.float64) ** 2).mean((0, 1)))  # [A]
    spread = np.where(spread > 0, spread, 1.0)
    rows = (residuals / spread).reshape(frames, count * width)
    # T is far smaller than N x A: the eigenvectors of the small matrix of products are the same components.
    _, courses = np.linalg.eigh(rows @ rows.T)
    courses = courses[:, ::-1][:, :components]  # [T, components], strongest first
    basis = (courses.T @ rows).reshape(components, count, width) * spread
    changes = {f"component {k + 1}": part.astype(np.float32) for k, part in enumerate(basis)}
    return Clip(courses.astype(np.float32), fps, packed(changes, groups, 0.0, np.float16))
