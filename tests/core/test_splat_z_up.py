"""The quarter turn between our axes and those with +z up."""

from __future__ import annotations

import numpy as np
import pytest

from core.splat.rotate_sh import turned_splats
from core.splat.types import SH_COEFFICIENTS, Splats
from core.splat.z_up import y_up, z_up

QUARTER = np.array([np.sqrt(0.5), np.sqrt(0.5), 0, 0])


def random_splats(held: int, count: int = 300) -> Splats:
    random = np.random.default_rng(held)
    quats = random.normal(size=(count, 4))
    arrays = (
        random.normal(size=(count, 3)),
        quats / np.linalg.norm(quats, axis=1, keepdims=True),
        random.normal(-4, 1, (count, 3)),
        random.normal(size=count),
        random.normal(size=(count, held, 3)),
    )
    return Splats(*(array.astype(np.float32) for array in arrays))


@pytest.mark.parametrize("held", SH_COEFFICIENTS)
def test_it_is_the_general_turn(held: int) -> None:
    splats = random_splats(held)
    slow, fast = turned_splats(splats, QUARTER, np.zeros(3)), z_up(splats)
    for name in ("means", "quats", "log_scales", "logits", "sh"):
        np.testing.assert_allclose(getattr(fast, name), getattr(slow, name), atol=2e-6, err_msg=name)


@pytest.mark.parametrize("held", SH_COEFFICIENTS)
def test_it_comes_back(held: int) -> None:
    splats = random_splats(held)
    back = y_up(z_up(splats))
    for name in ("means", "quats", "sh"):
        np.testing.assert_allclose(getattr(back, name), getattr(splats, name), atol=2e-6, err_msg=name)


def test_up_is_z_and_the_face_looks_along_minus_y() -> None:
    one = random_splats(1, 2)
    one.means[:] = [[0, 1, 0], [0, 0, 1]]
    np.testing.assert_array_equal(z_up(one).means, [[0, 0, 1], [0, -1, 0]])
