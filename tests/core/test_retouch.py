"""Edited phones: what changed, how smoothly it is taken over, and what the articulator reads."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ShapeError
from core.speech.phones import NUMBERS, Phone, PhoneError, PhoneTrack
from core.speech.retouch import blend, changed_spans, mask, one_hot

HEARD = PhoneTrack((Phone("sil", 0.0, 0.5), Phone("M", 0.5, 0.6), Phone("AA", 0.6, 0.9), Phone("T", 0.9, 1.0)), 2.0)


def edited(*phones):
    return PhoneTrack(tuple(Phone(*phone) for phone in phones), 2.0)


def test_nothing_changed():
    assert changed_spans(HEARD, HEARD) == ()
    gap = edited(("M", 0.5, 0.6), ("AA", 0.6, 0.9), ("T", 0.9, 1.0), ("sil", 1.2, 1.3))
    assert changed_spans(HEARD, gap) == (), "a gap is silence"
    rounded = edited(("M", 0.5004, 0.6), ("AA", 0.6, 0.8996), ("T", 0.8996, 1.0))
    assert changed_spans(HEARD, rounded) == ()
    assert (mask((), 100) == 0).all()


def test_another_sound_and_another_time():
    other = edited(("B", 0.5, 0.6), ("AA", 0.6, 0.8), ("T", 0.8, 1.0))
    assert changed_spans(HEARD, other) == ((0.5, 0.6), (0.8, 0.9))
    longer = edited(("M", 0.4, 0.6), ("AE", 0.6, 0.9), ("T", 0.9, 1.0))
    assert changed_spans(HEARD, longer) == ((0.4, 0.5), (0.6, 0.9))
    cut = edited(("M", 0.5, 0.6))
    assert changed_spans(HEARD, cut) == ((0.6, 1.0),)


def test_phones_of_another_recording():
    with pytest.raises(PhoneError, match=r"of a recording of 3\.00 s, but this one has 2\.00 s"):
        changed_spans(HEARD, PhoneTrack((), 3.0))


def test_the_mask_is_whole_inside_and_smooth_outside():
    weights = mask(((0.8, 0.9), (1.5, 1.52)), 100)
    times = np.arange(100) / 50
    assert (weights[(times >= 0.73) & (times <= 0.97)] == 1).all()
    assert (weights[times < 0.59] == 0).all() and (weights[times > 1.75] == 0).all()
    assert weights.min() >= 0 and weights.max() == 1
    assert np.abs(np.diff(weights)).max() < 0.26


def test_the_mask_agrees_with_a_plain_one():
    random = np.random.default_rng(0)
    edges = np.sort(random.uniform(0.1, 9.9, 12))
    spans = tuple(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    weights = mask(spans, 500)
    for row in range(0, 500, 7):
        away = min(max(start - row / 50, row / 50 - end, 0.0) for start, end in spans)
        share = min(max(1 - (away - 0.08) / 0.12, 0.0), 1.0)
        assert weights[row] == pytest.approx(3 * share**2 - 2 * share**3, abs=1e-6)


def test_blending_leaves_the_rest_alone():
    driven, made = np.zeros((100, 3), np.float32), np.ones((100, 3), np.float32)
    weights = mask(((0.8, 0.9),), 100)
    mixed = blend(driven, made, weights)
    assert np.array_equal(mixed[weights == 0], driven[weights == 0])
    assert np.array_equal(mixed[weights == 1], made[weights == 1])
    with pytest.raises(ShapeError, match="made must be"):
        blend(driven, made[:50], weights)


def test_one_hot_rows():
    rows = one_hot(HEARD, 100)
    assert rows.dtype == np.float32 and rows.shape == (100, 40)
    assert rows.sum(axis=1) == pytest.approx(np.ones(100), abs=1e-6)
    assert rows[24, NUMBERS["sil"]] == 1 and rows[28, NUMBERS["M"]] == 1 and rows[70, NUMBERS["sil"]] == 1
    assert rows[25, NUMBERS["M"]] == pytest.approx(0.5, abs=1e-6), "half of the 20 ms around 0.5 s"
    wide = one_hot(HEARD, 100, 0.06)
    assert wide[25, NUMBERS["M"]] == pytest.approx(0.5) and 0 < wide[24, NUMBERS["M"]] < 0.5
    assert (one_hot(PhoneTrack((), 1.0), 50)[:, 0] == 1).all()
    assert one_hot(HEARD, 0).shape == (0, 40)


def test_one_hot_agrees_with_a_plain_count():
    """The same by counting a thousand moments around each row."""
    rows = one_hot(HEARD, 60, 0.04)
    moments = np.linspace(-0.02, 0.02, 1001)[:-1] + 0.00002
    for row in range(60):
        inside = np.bincount(HEARD.symbols_at(row / 50 + moments), minlength=40) / 1000
        assert rows[row] == pytest.approx(inside, abs=0.003)
