"""Fewer keys: the bound holds for whoever evaluates Bezier curves, and no closure is lost."""

from __future__ import annotations

import time

import numpy as np
import pytest
from waves import LINE

from core.audio import read_speech
from core.errors import SettingError, ShapeError
from core.layers.closures import SHUT, closed_runs, kept_keys, opening_of
from core.layers.reduce import TOLERANCE, reduce_curves, reduce_keys
from core.rig.arkit import ARKIT_52
from core.rig.convert import to_rig
from core.speech.brief import Brief
from core.speech.perform import perform
from core.types import RigCurves

TWINS = {"smooth": True, "free": False}


@pytest.fixture(scope="module")
def spoken():
    """The sample line on the control board."""
    return perform(read_speech(LINE), Brief(fps=60.0))


def bezier(curve, frames, start=0):
    """The curve as Blender reads it: handles stored as float32, x(t) = frame solved by halving, then y(t).

    frames: [n]; start: the scene frame of row 0.
    """
    keys = curve.frames + start
    moved = np.array([start, 0.0])
    left, right = ((side + moved).astype(np.float32).astype(np.float64) for side in (curve.left, curve.right))
    place = np.clip(np.searchsorted(keys, frames + start, side="right") - 1, 0, max(len(keys) - 2, 0))
    if len(keys) == 1:
        return np.full(len(frames), float(curve.values[0]))
    x = np.stack([keys[place], right[place, 0], left[place + 1, 0], keys[place + 1]])
    y = np.stack([curve.values[place], right[place, 1], left[place + 1, 1], curve.values[place + 1]])
    low, high = np.zeros(len(frames)), np.ones(len(frames))
    for _ in range(60):
        middle = (low + high) / 2
        early = bernstein(x, middle) < frames + start
        low, high = np.where(early, middle, low), np.where(early, high, middle)
    return bernstein(y, (low + high) / 2)


def bernstein(points, t):
    u = 1 - t
    return u**3 * points[0] + 3 * u * u * t * points[1] + 3 * u * t * t * points[2] + t**3 * points[3]


def read_back(reduction, count, start=0):
    return np.stack([bezier(curve, np.arange(count), start) for curve in reduction.curves], axis=1)


def noise(count, columns=3, seed=0):
    """Curves that wander, some jumping, as nothing that speaks does."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(0, 0.05, (count, columns)), axis=0)
    walk[count // 2 :] += 0.7
    return walk.astype(np.float32)


@pytest.mark.parametrize("aligned", TWINS.values(), ids=TWINS)
@pytest.mark.parametrize("rig", ["arkit52", "metahuman"])
def test_a_real_performance_stays_within_the_bound(spoken, rig, aligned):
    curves = to_rig(spoken, rig).curves
    reduction = reduce_curves(curves, aligned=aligned)
    error = np.abs(read_back(reduction, len(curves.values), start=1) - curves.values).max()
    assert error <= TOLERANCE
    assert abs(error - reduction.largest_error) < 1e-4
    assert reduction.saved > (0.86 if aligned else 0.92)
    assert reduction.keys == round((1 - reduction.saved) * curves.values.size)


@pytest.mark.parametrize("aligned", TWINS.values(), ids=TWINS)
@pytest.mark.parametrize("tolerance", [0.001, 0.01, 0.1])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 17, 400])
def test_the_bound_holds_for_any_curve(count, tolerance, aligned):
    values = noise(count, seed=count)
    reduction = reduce_keys(values, tolerance, aligned=aligned)
    assert np.abs(read_back(reduction, count) - values).max() <= tolerance
    for column, curve in enumerate(reduction.curves):
        assert (curve.values == values[curve.frames, column]).all()
        assert (curve.frames[0], curve.frames[-1]) == (0, count - 1)


def test_the_bound_holds_late_in_a_long_scene():
    """From frame 32,768 on float32 tells handles apart by 1/256 of a frame only."""
    values = noise(600, seed=5)
    for aligned in TWINS.values():
        back = read_back(reduce_keys(values, 0.01, aligned=aligned), 600, start=36_000)
        assert np.abs(back - values).max() <= 0.01


def test_our_own_reading_is_the_same_as_beziers():
    values = noise(120)
    times = np.linspace(0, 119, 1191)
    for curve in reduce_keys(values).curves:
        assert np.abs(curve.at(times) - bezier(curve, times)).max() < 2e-5
        assert curve.at(np.array([-5.0, 500.0])).tolist() == pytest.approx([curve.values[0], curve.values[-1]])


def test_aligned_handles_lie_on_one_line_and_level_at_turns(spoken):
    reduction = reduce_curves(to_rig(spoken, "arkit52").curves)
    assert reduction.aligned
    jaw = reduction.curves[ARKIT_52.index("jawOpen")]
    keys = np.stack([jaw.frames, jaw.values], axis=1).astype(np.float64)
    before, after = keys - jaw.left, jaw.right - keys
    assert (before[:, 0] > 0).all()
    assert (after[:, 0] > 0).all()
    assert np.abs(before[:, 1] / before[:, 0] - after[:, 1] / after[:, 0]).max() < 1e-5
    steps = np.diff(jaw.values)
    turns = np.flatnonzero(steps[1:] * steps[:-1] < 0) + 1
    column = to_rig(spoken, "arkit52").curves.column("jawOpen")
    extreme = [
        turn for turn, row in zip(turns, jaw.frames[turns], strict=True)
        if (column[row] - column[row - 1]) * (column[row + 1] - column[row]) < 0
    ]  # fmt: skip
    assert len(extreme) > 10
    assert np.abs(after[extreme, 1]).max() == 0


def test_handles_stay_between_their_keys():
    for aligned in TWINS.values():
        for curve in reduce_keys(noise(300), aligned=aligned).curves:
            thirds = np.diff(curve.frames) / 3
            assert np.abs(curve.right[:-1, 0] - curve.frames[:-1] - thirds).max() < 1e-9
            assert np.abs(curve.frames[1:] - curve.left[1:, 0] - thirds).max() < 1e-9


@pytest.mark.parametrize("aligned", TWINS.values(), ids=TWINS)
def test_straight_and_still_curves_need_two_keys(aligned):
    values = np.stack([np.zeros(1000), np.linspace(0, 1, 1000), np.full(1000, 0.3)], axis=1).astype(np.float32)
    reduction = reduce_keys(values, aligned=aligned)
    assert [len(curve.frames) for curve in reduction.curves] == [2, 2, 2]
    assert reduction.saved == pytest.approx(1 - 6 / 3000)


def test_one_curve_may_be_given_alone():
    values = noise(50)
    alone, among = reduce_keys(values[:, 1].copy()).curves[0], reduce_keys(values).curves[1]
    assert (alone.frames == among.frames).all()
    assert (alone.left == among.left).all()


@pytest.mark.parametrize("aligned", TWINS.values(), ids=TWINS)
@pytest.mark.parametrize("rig", ["arkit52", "metahuman", "metahuman251"])
def test_no_closure_is_lost(spoken, rig, aligned):
    curves = to_rig(spoken, rig).curves
    before = opening_of(curves)
    reduction = reduce_curves(curves, 0.05, aligned=aligned)
    back = read_back(reduction, len(before)).astype(np.float32)
    after = opening_of(RigCurves(curves.names, back, curves.fps))
    runs = closed_runs(before)
    assert len(runs) >= 10
    for first, last in runs:
        assert after[first : last + 1].min() <= SHUT + 1e-6
        assert after[[first, last]].max() <= SHUT + 1e-6


def test_without_the_kept_keys_a_closure_could_be_lost(spoken):
    """So that the test above is known to see what it looks for."""
    curves = to_rig(spoken, "arkit52").curves
    before = opening_of(curves)
    back = read_back(reduce_keys(curves.values, 0.05), len(before)).astype(np.float32)
    after = opening_of(RigCurves(curves.names, back, curves.fps))
    assert max(after[[first, last]].max() for first, last in closed_runs(before)) > SHUT


def test_kept_values_are_exact():
    values, kept = noise(80), np.zeros((80, 3), bool)
    kept[[7, 33], [0, 2]] = True
    first, second, third = reduce_keys(values, 0.5, kept=kept).curves
    assert 7 in first.frames
    assert 33 in third.frames
    assert 7 not in second.frames


def test_rigs_that_do_not_tell_the_lips_are_reduced_all_the_same(spoken):
    for rig in ("flame", "visemes"):
        curves = to_rig(spoken, rig).curves
        assert opening_of(curves) is None
        assert kept_keys(curves) is None
        assert reduce_curves(curves).largest_error <= TOLERANCE


@pytest.mark.parametrize("tolerance", [0, -0.1, float("nan"), float("inf")])
def test_a_bound_must_be_one(tolerance):
    with pytest.raises(SettingError, match="a number above 0"):
        reduce_keys(np.zeros(5, np.float32), tolerance)


@pytest.mark.parametrize("values", [np.zeros(5), np.zeros((0, 3), np.float32), np.full(4, np.nan, np.float32)])
def test_curves_must_be_finite_float32(values):
    with pytest.raises(ShapeError):
        reduce_keys(values)


@pytest.mark.slow
def test_ten_minutes_take_two_seconds_of_one_core(spoken):
    line = to_rig(spoken, "arkit52").curves.values
    values = np.tile(line, (36_000 // len(line) + 1, 1))[:36_000]
    reduce_keys(values[:600])
    started = time.process_time()
    reduction = reduce_curves(RigCurves(ARKIT_52, values, 60.0))
    assert time.process_time() - started < 2
    assert reduction.largest_error <= TOLERANCE
