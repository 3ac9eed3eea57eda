"""One person's extremes on another's head: timid and strong actors alike, one-sided ones one-sided, rest at rest."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import SettingError
from core.layers.regions import GROUPS
from core.rig.arkit import ARKIT_52
from core.video.ranges import MOST_GAIN, extremes, in_range

COUNT, REACH = 200, 0.8
NAMES = {name: k for k, name in enumerate(ARKIT_52)}
SURE = np.ones((COUNT, len(GROUPS)), np.float32)
SLOW = np.clip(np.sin(np.arange(COUNT) / 10), 0, 1)


def acted(strength):
    """Smiles more with the left, raises brows, opens the jaw with the lips closed over it, blinks and looks."""
    weights = np.zeros((COUNT, 52), np.float32)
    shares = {"mouthSmileLeft": 1.0, "mouthSmileRight": 0.25, "browInnerUp": 0.9, "jawOpen": 0.8, "mouthClose": 0.4}
    for name, share in shares.items():
        weights[:, NAMES[name]] = strength * share * SLOW
    weights[:, NAMES["eyeBlinkLeft"]] = 0.5 * SLOW
    weights[:, NAMES["eyeLookUpLeft"]] = 0.3 * SLOW
    weights[:, NAMES["mouthFrownLeft"]] = 0.06 * SLOW  # trembling, no expression
    return weights


def test_timid_and_strong_actors_reach_the_same():
    timid, strong = (in_range(acted(strength), SURE, REACH) for strength in (0.3, 1.0))
    np.testing.assert_allclose(timid, strong, atol=0.02)
    for name in ("mouthSmileLeft", "browInnerUp", "jawOpen"):
        assert timid[:, NAMES[name]].max() == pytest.approx(REACH, abs=0.02)


def test_one_sided_stays_one_sided():
    made = in_range(acted(0.3), SURE, REACH)
    left, right = made[:, NAMES["mouthSmileLeft"]].max(), made[:, NAMES["mouthSmileRight"]].max()
    assert right / left == pytest.approx(0.25, abs=0.01)


def test_what_belongs_together_goes_together():
    made = in_range(acted(0.3), SURE, REACH)
    assert made[:, NAMES["mouthClose"]].max() / made[:, NAMES["jawOpen"]].max() == pytest.approx(0.5, abs=0.01)


def test_rest_trembling_blinks_and_looks_are_left_alone():
    given = acted(0.3)
    made = in_range(given, SURE, REACH)
    assert not made[SLOW == 0].any()
    for name in ("mouthFrownLeft", "eyeBlinkLeft", "eyeLookUpLeft"):
        np.testing.assert_array_equal(made[:, NAMES[name]], given[:, NAMES[name]])


def test_only_what_was_seen_tells_the_range():
    given, parts = acted(0.3), SURE.copy()
    given[50:60, NAMES["jawOpen"]] = 1.0  # a hand before the mouth
    parts[50:60, GROUPS.index("mouth")] = 0.1
    assert extremes(given, parts)[NAMES["jawOpen"]] == pytest.approx(0.24, abs=0.01)
    assert in_range(given, parts, REACH)[:50, NAMES["jawOpen"]].max() == pytest.approx(REACH, abs=0.02)


def test_nothing_grows_beyond_measure():
    given = acted(0.15)
    made = in_range(given, SURE, 1.0)
    assert made[:, NAMES["mouthSmileLeft"]].max() == pytest.approx(MOST_GAIN * 0.15, abs=0.01)


def test_a_film_without_expressions_stays_as_it_is():
    still = np.zeros((COUNT, 52), np.float32)
    assert not in_range(still, SURE, 1.0).any()


@pytest.mark.parametrize("reach", [0.0, -1.0, 1.2])
def test_a_range_must_be_one(reach):
    with pytest.raises(SettingError, match="range"):
        in_range(acted(0.3), SURE, reach)
