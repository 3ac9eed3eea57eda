"""Posing a head of splats: the fast path is its slow twin, and both do what the layers promise."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from splat_heads import changes, small_head

from core.errors import SettingError
from core.formats.head_turn import quaternions
from core.quats import matrices
from core.rig.arkit import ARKIT_52
from core.splat.deltas import COLUMNS, no_deltas, packed
from core.splat.head import Bones, SplatHead
from core.splat.ordering import together
from core.splat.pose import pose
from core.splat.pose_twin import pose_slowly
from core.splat.prepared import CHUNK, SHARED, WORTH, prepared, summed
from core.splat.rotate_sh import turned_splats
from core.splat.types import Splats

FIELDS = tuple(Splats.__dataclass_fields__)
LOOK = np.array([0.4, -0.2, 0.15])


def random_weights(seed=1):
    return np.random.default_rng(seed).uniform(0, 1, 52).astype(np.float32)


def replaced(head, **fields) -> SplatHead:
    return dataclasses.replace(head, **fields)


def assert_same(one, two, atol=2e-5):
    for name in FIELDS:
        a, b = getattr(one, name), getattr(two, name)
        if name == "quats":
            b = b * np.sign((a * b).sum(1, keepdims=True))
        assert np.abs(a - b).max() < atol, name


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("weights", "turn", "moments"),
    [
        (np.zeros(52, np.float32), np.zeros(3), None),
        (random_weights(), np.zeros(3), None),
        (np.zeros(52, np.float32), LOOK, None),
        ({"smile": 0.7}, np.zeros(3), None),
        ({"wink": 1.0, "jawOpen": 0.4}, LOOK, {"take": 0.05}),
        (random_weights(2), -LOOK, {"take": 9.0}),
    ],
)
def test_the_fast_path_is_its_slow_twin(degree, weights, turn, moments):
    head = small_head(degree=degree)
    assert_same(pose(head, weights, turn, moments), pose_slowly(head, weights, turn, moments))


def test_a_head_that_only_moves_in_part_is_its_twin_too():
    """Splats on triangles no shape touches are laid out apart."""
    head = replaced(small_head(), correctives=no_deltas(), mix=np.zeros((0, 52), np.float32), clips={})
    ready = prepared(head)
    assert 0 < len(ready.owners) < len(head)
    assert_same(pose(head, random_weights(), LOOK), pose_slowly(head, random_weights(), LOOK))


@pytest.mark.parametrize("sorted_first", [False, True])
def test_splats_that_one_bone_carries_alone_are_its_twin_too(sorted_first):
    head = small_head(7 * WORTH)
    weights = head.bones.weights.copy()
    weights[: 6 * WORTH] = np.eye(3)[np.arange(6 * WORTH) // (3 * WORTH) * 2]
    head = replaced(head, bones=dataclasses.replace(head.bones, weights=weights))
    head = together(head) if sorted_first else head
    blocks = prepared(head).blocks
    assert {bone for _, bone in blocks} == {0, 2, SHARED}
    assert [b.start for b, _ in blocks[1:]] + [len(head)] == [b.stop for b, _ in blocks]
    assert_same(
        pose(head, random_weights(), LOOK, {"take": 0.1}), pose_slowly(head, random_weights(), LOOK, {"take": 0.1})
    )


def test_the_same_arguments_give_the_same_splats_in_any_order():
    head, weights = small_head(), random_weights()
    once = pose(head, weights, LOOK, {"take": 0.1})
    pose(head, random_weights(7), -LOOK)
    again = pose(head, weights, LOOK, {"take": 0.1})
    assert all((getattr(once, name) == getattr(again, name)).all() for name in FIELDS)


def test_posing_leaves_the_head_as_it_was():
    head = small_head()
    before = [head.logits.copy(), head.sh.copy(), head.binding.log_scales.copy(), head.template.points.copy()]
    moved = pose(head, random_weights(), LOOK)
    moved.means[:] = 0
    after = [head.logits, head.sh, head.binding.log_scales, head.template.points]
    assert all((a == b).all() for a, b in zip(before, after, strict=True))
    assert np.abs(pose(head, random_weights(), LOOK).means).max() > 1


def test_a_shape_moves_splats_as_it_moves_their_triangle():
    head = replaced(small_head(), ceilings=(), correctives=no_deltas(), mix=np.zeros((0, 52), np.float32), clips={})
    whole = np.arange(len(head.template.points), dtype=np.int32)
    shift = np.tile(np.array([0.01, -0.02, 0.03], np.float32), (len(whole), 1))
    head = replaced(head, template=dataclasses.replace(head.template, shapes={"jawOpen": (whole, shift)}))
    rest, moved = pose(head, {}), pose(head, {"jawOpen": 0.5})
    assert np.abs(moved.means - rest.means - shift[0] / 2).max() < 1e-6
    assert np.abs(moved.log_scales - rest.log_scales).max() < 1e-3
    assert np.abs((moved.quats * rest.quats).sum(1)).min() > 0.9999


def test_a_grown_mesh_grows_its_splats():
    head = replaced(small_head(), correctives=no_deltas(), mix=np.zeros((0, 52), np.float32), clips={})
    points = head.template.points
    grown = (np.arange(len(points), dtype=np.int32), (0.25 * (points - points.mean(0))).astype(np.float32))
    head = replaced(head, template=dataclasses.replace(head.template, shapes={"jawOpen": grown}))
    growth = pose(head, {"jawOpen": 1.0}).log_scales - pose(head, {}).log_scales
    assert np.allclose(growth, np.log(1.25), atol=1e-3)


def test_the_head_bone_turns_splats_as_one_rigid_thing():
    head = small_head(degree=3)
    weights = np.tile(np.array([0, 0, 1], np.float32), (len(head), 1))
    pivots = head.bones.pivots
    head = replaced(head, bones=Bones(head.bones.names, pivots, (0.0, 0.0, 1.0), weights))
    x, y, z, w = quaternions(LOOK[None])[0]
    expected = turned_splats(pose(head, {}), np.array([w, x, y, z]), pivots[2].astype(float))
    assert_same(pose(head, {}, LOOK), expected)


def test_yaw_turns_the_face_to_its_own_left():
    head = small_head()
    weights = np.tile(np.array([0, 0, 1], np.float32), (len(head), 1))
    head = replaced(head, bones=Bones(head.bones.names, head.bones.pivots, (0.0, 0.0, 1.0), weights))
    forward = (pose(head, {}).means - head.bones.pivots[2])[:, 2]
    moved = pose(head, {}, np.array([np.pi / 2, 0, 0])).means - head.bones.pivots[2]
    assert np.allclose(moved[:, 0], forward, atol=1e-6)


def test_a_still_chest_stays_and_bones_share_the_turn():
    head = small_head()
    count = len(head)
    for bone, share in enumerate((0.0, 0.3, 1.0)):
        weights = np.zeros((count, 3), np.float32)
        weights[:, bone] = 1
        bones = Bones(head.bones.names, head.bones.pivots, head.bones.shares, weights)
        own = replaced(head, bones=bones)
        rest, turned = pose(own, {}), pose(own, {}, np.array([0.6, 0, 0]))
        angle = 2 * np.arccos(np.clip(np.abs((rest.quats * turned.quats).sum(1)), 0, 1))
        assert np.allclose(angle, 0.6 * share, atol=2e-3)


def test_a_ceiling_holds_a_shape_down():
    head = small_head()
    assert_same(pose(head, {"mouthClose": 0.9, "jawOpen": 0.3}), pose(head, {"mouthClose": 0.4, "jawOpen": 0.3}))
    free = pose(head, {"mouthClose": 0.2, "jawOpen": 0.3}).means
    assert np.abs(free - pose(head, {"mouthClose": 0.4, "jawOpen": 0.3}).means).max() > 1e-4


def test_correctives_follow_the_mix_and_their_own_names():
    head = small_head()
    row = head.correctives.names.index("smile")
    by_name = pose(head, {"smile": float(head.mix[row, 20])}).logits
    others = np.zeros_like(head.mix)
    others[row] = head.mix[row]
    by_shape = pose(replaced(head, mix=others), {ARKIT_52[20]: 1.0}).logits
    assert np.allclose(by_name, by_shape, atol=1e-6)
    assert np.abs(by_name - head.logits).max() > 0.01


def test_a_clip_is_straight_between_frames_and_held_beyond_its_ends():
    head = small_head()
    clip = head.clips["take"]
    assert np.allclose(clip.at(1.5 / 25), clip.coefficients[1:3].mean(0))
    assert (clip.at(-1) == clip.coefficients[0]).all() and (clip.at(99) == clip.coefficients[-1]).all()
    still, early, late = (pose(head, {}, moments=m).means for m in (None, {"take": 0.0}, {"take": 0.1}))
    assert np.abs(early - still).max() > 1e-3 and np.abs(late - early).max() > 1e-3


@pytest.mark.parametrize("on", [1, 3, 9])
def test_sums_of_few_and_many_rows_agree(on):
    random = np.random.default_rng(on)
    rows = random.normal(size=(10, 2 * CHUNK + 77)).astype(np.float32)
    values = np.zeros(10, np.float32)
    values[:on] = random.normal(size=on)
    assert np.allclose(summed(values, rows), values.astype(float) @ rows, atol=1e-5)
    assert summed(np.zeros(10, np.float32), rows) is None


def test_small_turns_are_rotation_vectors():
    head = small_head()
    turn = np.zeros((len(head), 3), np.float32)
    turn[:, 1] = 0.1
    tilt = packed({"tilt": turn}, ("turn",), 0)
    head = replaced(head, correctives=tilt, mix=np.zeros((1, 52), np.float32), clips={})
    rest, tilted = (matrices(pose(head, weights).quats.astype(float)) for weights in ({}, {"tilt": 1.0}))
    angle = np.arccos((np.einsum("nij,nij->n", rest, tilted) - 1) / 2)
    assert np.allclose(angle, 0.1, atol=1e-4)


@pytest.mark.parametrize(
    ("weights", "turn", "moments", "words"),
    [
        (np.zeros(51, np.float32), np.zeros(3), None, "takes 52"),
        ({"nose": 1.0}, np.zeros(3), None, "no slider called nose"),
        ({"jawOpen": float("nan")}, np.zeros(3), None, "must be a number"),
        ({}, np.zeros(2), None, "yaw, pitch and roll"),
        ({}, np.array([0, np.inf, 0]), None, "yaw, pitch and roll"),
        ({}, np.zeros(3), {"song": 0.0}, "it has take"),
    ],
)
def test_what_a_head_does_not_have_is_said(weights, turn, moments, words):
    for way in (pose, pose_slowly):
        with pytest.raises(SettingError, match=words):
            way(small_head(20), weights, turn, moments)


def test_rounded_changes_are_as_near_as_promised():
    random = np.random.default_rng(4)
    change = random.normal(0, 0.3, (200, 13)).astype(np.float32)
    for kind, allowed in ((np.int8, 1 / 254), (np.float16, 1e-3)):
        splats, numbers = packed({"one": change}, tuple(COLUMNS), 0, kind).rows(0)
        assert (splats == np.arange(200)).all()
        assert (np.abs(numbers - change).max(0) <= allowed * np.abs(change).max(0) + 1e-7).all()


def test_changes_sort_their_groups():
    made = changes(np.random.default_rng(0), 30, ("a", "b"), ("offset", "color"))
    assert made.columns() == {"offset": slice(0, 3), "color": slice(3, 6)}
