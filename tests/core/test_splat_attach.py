"""Splats hung on a head, and splats taken from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from splat_heads import small_head

from core.errors import SettingError
from core.quats import matrices
from core.splat.attach import Hung, attached, thinned
from core.splat.deltas import no_deltas
from core.splat.pose import pose
from core.splat.types import Splats


def loose(head, count=40, seed=3):
    random = np.random.default_rng(seed)
    quats = random.normal(size=(count, 4)).astype(np.float32)
    sh = random.normal(size=(count, *head.sh.shape[1:])).astype(np.float32)
    return Splats(
        random.uniform(-0.2, 0.2, (count, 3)).astype(np.float32),
        quats / np.linalg.norm(quats, axis=1, keepdims=True),
        random.uniform(-6, -4, (count, 3)).astype(np.float32),
        random.normal(size=count).astype(np.float32),
        sh,
    )


def hung_on(head, splats, bone):
    triangles = np.random.default_rng(1).integers(0, len(head.template.triangles), len(splats)).astype(np.int32)
    weights = np.zeros((len(splats), len(head.bones.names)), np.float32)
    weights[:, bone] = 1
    return Hung(splats, triangles, weights)


def test_at_rest_they_are_where_they_were():
    head = small_head()
    splats = loose(head)
    both = pose(attached(head, hung_on(head, splats, 0)), {})
    own = pose(head, {})
    count = len(head)
    assert np.allclose(both.means[:count], own.means, atol=1e-6)
    assert np.allclose(both.means[count:], splats.means, atol=1e-5)
    assert np.allclose(matrices(both.quats[count:]), matrices(splats.quats), atol=1e-4)
    assert np.allclose(both.log_scales[count:], splats.log_scales, atol=1e-5)
    assert np.array_equal(both.logits[count:], splats.logits)
    assert np.allclose(both.sh[count:], splats.sh, atol=1e-3)


def test_they_turn_with_their_bone():
    head = small_head()
    splats = loose(head)
    last = len(head.bones.names) - 1
    turned = pose(attached(head, hung_on(head, splats, last)), {}, np.array([0.4, 0.1, -0.2], np.float32))
    moved = turned.means[len(head) :]
    away = np.linalg.norm(moved[:, None] - moved[None], axis=2)
    before = np.linalg.norm(splats.means[:, None] - splats.means[None], axis=2)
    assert np.allclose(away, before, atol=1e-5)
    assert np.abs(moved - splats.means).max() > 0.01


def test_harmonics_must_agree():
    head = small_head()
    splats = loose(head)
    wrong = Splats(splats.means, splats.quats, splats.log_scales, splats.logits, np.zeros((40, 16, 3), np.float32))
    with pytest.raises(SettingError, match="harmonics"):
        attached(head, hung_on(head, wrong, 0))


def test_what_is_left_of_a_head_looks_the_same():
    head = replace(small_head(), correctives=no_deltas(), mix=np.zeros((0, 52), np.float32), clips={})
    kept = np.random.default_rng(2).random(len(head)) < 0.5
    few, all_of_it = (pose(one, {"jawOpen": 0.7}) for one in (thinned(head, kept), head))
    for name in ("means", "quats", "log_scales", "logits", "sh"):
        assert np.allclose(getattr(few, name), getattr(all_of_it, name)[kept], atol=1e-6)


def test_a_head_that_counts_its_splats_is_not_thinned():
    with pytest.raises(SettingError, match="correctives"):
        thinned(small_head(), np.ones(150, bool))
