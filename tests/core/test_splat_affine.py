"""Splats under any linear map."""

from __future__ import annotations

import numpy as np
import pytest
from splat_sets import covariances, head_like

from core.errors import SettingError
from core.splat.affine import transformed
from core.splat.rotate_sh import seen_colors, turned_splats
from core.splat.types import Splats


def test_a_turn_is_the_turn_of_a_rigid_thing():
    splats, quat = head_like(degree=3), np.array([0.5, -0.5, 0.5, 0.5])
    matrix = np.eye(4)
    matrix[:3, :3] = [[0, -1, 0], [0, 0, 1], [-1, 0, 0]]
    found, wanted = transformed(splats, matrix), turned_splats(splats, quat, np.zeros(3))
    np.testing.assert_allclose(found.means, wanted.means, atol=1e-6)
    np.testing.assert_allclose(covariances(found), covariances(wanted), atol=1e-9, rtol=1e-3)
    np.testing.assert_allclose(found.sh, wanted.sh, atol=1e-5)


@pytest.mark.parametrize("mirrored", [False, True])
def test_ellipsoids_are_mapped(mirrored):
    splats = head_like(degree=0)
    matrix = np.eye(4)
    matrix[:3, :3] = np.random.default_rng(3).normal(size=(3, 3))
    if (np.linalg.det(matrix) < 0) != mirrored:
        matrix[:3, 0] *= -1
    matrix[:3, 3] = 1, 2, 3
    found = transformed(splats, matrix)
    inner = matrix[:3, :3]
    np.testing.assert_allclose(found.means, splats.means @ inner.T + matrix[:3, 3], atol=1e-5)
    wanted = inner @ covariances(splats) @ inner.T
    size = np.abs(wanted).max((1, 2), keepdims=True)
    np.testing.assert_allclose(covariances(found) / size, wanted / size, atol=2e-4)
    np.testing.assert_allclose(np.linalg.norm(found.quats, axis=1), 1, atol=1e-5)


def test_a_mirror_shows_the_other_side():
    splats = head_like(degree=3)
    matrix = np.diag([-1.0, 1, 1, 1])
    directions = np.random.default_rng(0).normal(size=(len(splats), 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    before = seen_colors(splats, directions)
    after = seen_colors(transformed(splats, matrix), directions * [-1, 1, 1])
    np.testing.assert_allclose(after, before, atol=1e-5)


def test_nothing_and_flatness():
    splats = head_like(degree=0)
    assert transformed(splats, np.eye(4)) is splats
    none = Splats(*(array[:0] for array in (splats.means, splats.quats, splats.log_scales, splats.logits, splats.sh)))
    assert len(transformed(none, np.diag([2.0, 1, 1, 1]))) == 0
    for bad in (np.diag([1.0, 0, 1, 1]), np.full((4, 4), np.nan)):
        with pytest.raises(SettingError, match="scaled to nothing"):
            transformed(splats, bad)
