"""A span put into a performance: eased within, untouched outside, lips closed on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from performances import random_performance
from waves import LINE

from core.audio import read_speech
from core.errors import RigError, SettingError
from core.layers.closures import SHUT, opening_of
from core.layers.crossfade import crossfade, join_phones, span_weights
from core.rig.board import BOARD_NAMES
from core.rig.convert import to_rig
from core.speech.brief import Brief
from core.speech.direction import Direction
from core.speech.emotion import parse_emotion
from core.speech.perform import perform
from core.speech.phones import Phone, PhoneTrack


@pytest.fixture(scope="module")
def pair():
    """The sample line calmly, and shouted angrily by another life."""
    speech = read_speech(LINE)
    angry = Brief(60.0, 5, parse_emotion("angry=0.9"), Direction(style_jaw=1.8, strength_lips=1.5))
    return perform(speech, Brief(60.0)), perform(speech, angry)


@pytest.mark.parametrize("rig", ["metahuman", "arkit52", "metahuman251"])
@pytest.mark.parametrize("span", [range(100, 300), range(0, 90), range(500, 640), range(0, 640), range(40, 41)])
def test_outside_is_old_and_inside_is_new(pair, rig, span):
    old, new = (to_rig(performance, rig) for performance in pair)
    made = crossfade(old, new, span, 12)
    count = len(old.head)
    outside = np.setdiff1d(np.arange(count), np.arange(span.start, span.stop))
    ease = min(12, len(span) // 2)
    first = span.start + (ease if span.start else 0)
    last = span.stop - (ease if span.stop < count else 0)
    for mixed, before, after in (
        (made.curves.values, old.curves.values, new.curves.values),
        (made.head, old.head, new.head),
    ):
        assert mixed.dtype == np.float32
        assert mixed[outside].tobytes() == before[outside].tobytes()
        assert mixed[first:last].tobytes() == after[first:last].tobytes()
    assert (made.curves.names, made.curves.fps) == (old.curves.names, old.curves.fps)


def test_nothing_jumps_at_the_ends(pair):
    old, new = pair
    made = crossfade(old, new, range(200, 420), 12)
    for before, after, mixed in (
        (old.head, new.head, made.head),
        (old.curves.values, new.curves.values, made.curves.values),
    ):
        steps = np.abs(np.diff(mixed, axis=0))[190:430]
        usual = np.maximum(np.abs(np.diff(before, axis=0)), np.abs(np.diff(after, axis=0)))[190:430]
        apart = np.abs(after - before)[190:431].max(axis=0)
        # A smooth step over 12 frames is never steeper than 1.5 / 13 of the way.
        assert (steps <= usual + 1.6 / 13 * apart + 0.02).all()


@pytest.mark.parametrize("rig", ["metahuman", "metahuman251", "arkit52"])
def test_lips_closed_in_both_are_closed_on_the_way(pair, rig):
    old, new = (to_rig(performance, rig) for performance in pair)
    both = np.maximum(opening_of(old.curves), opening_of(new.curves))
    seen = 0
    for start in range(20, 600, 7):
        span = range(start, min(start + 60, 640))
        opening = opening_of(crossfade(old, new, span, 30).curves)
        closed = both[span.start : span.stop] <= SHUT
        seen += int(closed.sum())
        assert opening[span.start : span.stop][closed].max(initial=0) <= SHUT + 2e-4
    assert seen > 200


def test_plain_mixing_would_open_them(pair):
    """So that the test above is known to see what it looks for: half of two closed mouths is an open one."""
    jaw, lips = BOARD_NAMES.index("CTRL_C_jaw.ty"), [i for i, n in enumerate(BOARD_NAMES) if "lipsTogether" in n]
    old = random_performance(21, names=BOARD_NAMES)
    old.curves.values[:], new = 0, replace(old, curves=replace(old.curves, values=np.zeros_like(old.curves.values)))
    new.curves.values[:, jaw] = 0.4
    new.curves.values[:, lips] = 1
    made = crossfade(old, new, range(5, 16), 5)
    share = made.curves.values[:, jaw] / 0.4
    assert (0.2 * share * (1 - share) * 2).max() > SHUT
    assert opening_of(made.curves).max() < 1e-6


def test_weights_lead_over_and_only_where_something_lies_beyond():
    assert span_weights(range(10, 20), 0, 40).tolist() == [1.0] * 10
    middle = span_weights(range(10, 20), 3, 40)
    assert middle[:3].tolist() == pytest.approx(middle[::-1][:3].tolist())
    assert (np.diff(middle[:4]) > 0).all()
    assert middle[3:7].tolist() == [1.0] * 4
    assert span_weights(range(0, 10), 3, 40)[:7].tolist() == [1.0] * 7
    assert span_weights(range(30, 40), 3, 40)[3:].tolist() == [1.0] * 7
    assert span_weights(range(10, 12), 30, 40).max() < 1


def track(*rows, duration_s=1.0):
    return PhoneTrack(tuple(Phone(*row) for row in rows), duration_s)


def test_phones_are_joined_at_the_ends():
    old = track(("HH", 0.0, 0.3, 0.9), ("AH", 0.3, 0.6), ("M", 0.6, 1.0, 0.8))
    new = track(("HH", 0.0, 0.25, 0.7), ("IY", 0.25, 0.5), ("M", 0.5, 1.0, 0.6))
    assert join_phones(old, new, 0.2, 0.7) == track(("HH", 0.0, 0.25, 0.7), ("IY", 0.25, 0.5), ("M", 0.5, 1.0, 0.6))
    assert join_phones(old, new, 0.4, 0.45) == track(
        ("HH", 0.0, 0.3, 0.9), ("AH", 0.3, 0.4), ("IY", 0.4, 0.45), ("AH", 0.45, 0.6), ("M", 0.6, 1.0, 0.8)
    )
    assert join_phones(old, new, 0.0, 1.0) == new
    assert join_phones(old, old, 0.15, 0.7) == old


def test_slivers_and_unknown_phones():
    old = track(("HH", 0.0, 0.3), ("AH", 0.3, 1.0))
    new = track(("S", 0.0, 0.3005), ("AH", 0.3005, 1.0))
    assert [phone.symbol for phone in join_phones(old, new, 0.3, 1.0).phones] == ["HH", "AH"]
    first, second = random_performance(20), random_performance(20, seed=1)
    assert crossfade(first, replace(second, phones=old), range(4, 9), 1).phones is None
    assert crossfade(replace(first, phones=old), second, range(4, 9), 1).phones == old


@pytest.mark.parametrize("span", [range(5, 5), range(-1, 4), range(0, 21), range(30, 40), range(0, 10, 2)])
def test_spans_of_other_frames_are_refused(span):
    with pytest.raises(SettingError, match="performance has frames 0 to 19"):
        crossfade(random_performance(20), random_performance(20), span, 2)


def test_performances_that_do_not_belong_together_are_refused():
    old = random_performance(20)
    with pytest.raises(RigError, match="other controls"):
        crossfade(old, random_performance(20, names=BOARD_NAMES), range(0, 9), 2)
    with pytest.raises(RigError, match="20 frames at 60 fps and the new one 21 at 60"):
        crossfade(old, random_performance(21), range(0, 9), 2)
    with pytest.raises(RigError, match="at 24"):
        crossfade(old, random_performance(20, fps=24.0), range(0, 9), 2)
    with pytest.raises(SettingError, match="0 or more"):
        crossfade(old, old, range(0, 9), -1)
