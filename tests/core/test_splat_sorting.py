"""The order of splats: nearest first, stable, and fine enough where a picture needs it."""

from __future__ import annotations

import numpy as np
import pytest
from mouthpiece.core.splat.render import look_at
from mouthpiece.core.splat.sorting import KEYS, depth_keys, nearest_first, view_depths


@pytest.fixture
def depths():
    return np.random.default_rng(0).uniform(0.5, 0.9, 20_000).astype(np.float32)


def test_distance_is_along_the_axis():
    means = np.random.default_rng(0).normal(size=(100, 3)).astype(np.float32)
    camera = look_at(np.array([1.0, 2.0, 3.0]), np.zeros(3), (10, 10), 40)
    wanted = -(means @ camera.to_camera[:3, :3].T + camera.to_camera[:3, 3])[:, 2]
    assert np.allclose(view_depths(means, -camera.to_camera[2]), wanted, atol=1e-5)


@pytest.mark.parametrize("near", (None, 0.01))
def test_nearest_come_first(depths, near):
    order = nearest_first(depths, near)
    assert sorted(order) == list(range(len(depths)))
    back = -np.minimum(np.diff(depths[order]), 0)
    assert back.max() <= 2 * (depths.max() - depths.min()) / KEYS * 1.5


def test_the_exact_order_is_exact_and_stable():
    order = nearest_first(np.array([3, 1, 2, 1, 1], np.float32), exact=True)
    assert order.tolist() == [1, 3, 4, 2, 0]


def test_equals_keep_their_order():
    same = np.full(1000, 0.7, np.float32)
    assert (nearest_first(same, 0.01) == np.arange(1000)).all()
    assert (nearest_first(same) == np.arange(1000)).all()


def test_one_far_splat_does_not_spoil_a_head(depths):
    """A kilometre away: steps near the head stay well below a millimetre."""
    order = nearest_first(np.append(depths, np.float32(1000)), 0.01)
    assert order[-1] == len(depths)
    back = -np.minimum(np.diff(np.append(depths, np.float32(1000))[order]), 0)
    assert back.max() < 2e-4


def test_what_is_behind_the_camera_comes_first_and_harms_nothing(depths):
    mixed = np.concatenate([depths, np.array([-5, 0, 1e-9], np.float32)])
    order = nearest_first(mixed, 0.01)
    assert set(order[:3]) == {20_000, 20_001, 20_002}


def test_keys_use_all_steps(depths):
    keys = depth_keys(depths, None)
    assert keys.dtype == np.uint16
    assert (keys.min(), keys.max()) == (0, KEYS - 1)


def test_no_splats():
    assert len(nearest_first(np.empty(0, np.float32), 0.01)) == 0
    assert nearest_first(np.array([0.5], np.float32), 0.01).tolist() == [0]
