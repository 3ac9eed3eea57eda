"""The yardstick for head, brows and blinks gives back what was put in, from a film as from a performance."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.lipsync import upper_face
from core.rig.arkit import ARKIT_52
from core.training.labels import RIGID_LANDMARKS

FPS = 25.0
TIMES = np.arange(250) / FPS
YAW = np.radians(5) * np.sin(2 * np.pi * 0.3 * TIMES)
PITCH = np.radians(3) * np.sin(2 * np.pi * 1.0 * TIMES)
ROLL = np.radians(2) * np.sin(2 * np.pi * 3.0 * TIMES)
BLINKS_S = (2.0, 5.0, 8.0)


def lids():
    """1 when open; three blinks that begin and end 0.16 s from their middle."""
    away = np.min(np.abs(TIMES[:, None] - BLINKS_S), axis=1)
    return np.clip(away / 0.16, 0.1, 1.0)


def face():
    """A face of 478 landmarks with brows, eye corners and lids in their places; x left, y up, z forward."""
    points = np.random.default_rng(0).normal(0, 1, (478, 3)) * (40, 50, 20)
    points[[33, 133, 362, 263]] = [(-50, 0, 0), (-20, 0, 2), (20, 0, 2), (50, 0, 0)]
    for upper, lower, x in ((159, 145, -35), (386, 374, 35)):
        points[upper], points[lower] = (x, 5, 3), (x, -5, 3)
    return points


def filmed():
    """A track whose head turns by YAW, PITCH, ROLL, whose brows swing by 2 % and whose lids blink, seen larger."""
    track = np.repeat(face()[None], len(TIMES), axis=0)
    brows = [landmark for landmark, _ in upper_face._BROW_PAIRS]
    track[:, brows, 1] += (2.0 * np.sin(2 * np.pi * 0.3 * TIMES))[:, None]
    for (upper, lower), _ in upper_face._LIDS:
        track[:, upper, 1], track[:, lower, 1] = 5 * lids(), -5 * lids()
    rigid = np.setdiff1d(RIGID_LANDMARKS, brows)
    assert len(rigid) > 10
    turned = np.einsum("tij,tpj->tpi", turns(), track) * 1.3 + (200, -150, 10)
    landmarks = (turned * (1, -1, -1)).astype(np.float32)
    return {"landmarks": landmarks, "found": np.ones(len(TIMES), bool), "times": TIMES, "fps": np.float64(FPS)}


def turns():
    """Roll first, then pitch, then yaw (docs/conventions.md), [T, 3, 3]."""
    zero, one = np.zeros(len(TIMES)), np.ones(len(TIMES))

    def stack(*rows):
        return np.moveaxis(np.array(rows), -1, 0)

    c, s = np.cos(YAW), np.sin(YAW)
    yaw = stack([c, zero, s], [zero, one, zero], [-s, zero, c])
    c, s = np.cos(PITCH), np.sin(PITCH)
    pitch = stack([one, zero, zero], [zero, c, s], [zero, -s, c])
    c, s = np.cos(ROLL), np.sin(ROLL)
    roll = stack([c, s, zero], [-s, c, zero], [zero, zero, one])
    return yaw @ pitch @ roll


def performed():
    """The same motion as curves: a brow shape worth 10 % and two blinking eyes."""
    values = np.zeros((len(TIMES), len(ARKIT_52)), np.float32)
    values[:, ARKIT_52.index("browInnerUp")] = 0.3 + 0.2 * np.sin(2 * np.pi * 0.3 * TIMES)
    for side in ("Left", "Right"):
        values[:, ARKIT_52.index(f"eyeBlink{side}")] = 1 - lids()
    return values, np.stack([YAW, PITCH, ROLL], axis=1).astype(np.float32), FPS


SLOPES = np.where(np.array(ARKIT_52) == "browInnerUp", 10.0, 0.0)


def test_a_film_gives_back_head_brows_and_blinks():
    motion = upper_face.filmed_motion(filmed())
    expected = np.degrees(np.stack([YAW, PITCH, ROLL], axis=1))
    np.testing.assert_allclose(motion.head - motion.head.mean(0), expected - expected.mean(0), atol=0.05)
    assert motion.brows.std() == pytest.approx(2.0 / np.sqrt(2), rel=0.03)
    assert len(upper_face.blink_lengths(motion.lids)) == len(BLINKS_S)


def test_film_and_performance_of_one_motion_agree_in_every_figure():
    film = upper_face.Film("a", "a", filmed() | {"samples": np.zeros(160_000, np.float32)})
    rows = upper_face.compare([film], lambda samples, seed: performed(), SLOPES, seeds=(0,))
    for row in rows:
        assert row.performed == pytest.approx(row.filmed, rel=0.05, abs=0.003), row.figure


def test_power_lies_in_the_band_of_its_frequency():
    for hertz, band in ((0.3, 0), (1.0, 1), (3.0, 2)):
        shares = upper_face.band_shares(np.sin(2 * np.pi * hertz * TIMES))
        assert shares[band] > 0.95
        assert sum(shares) == pytest.approx(1)


def test_a_blink_lasts_as_long_as_it_stays_below_half_its_depth():
    lengths = upper_face.blink_lengths(lids())
    np.testing.assert_allclose(lengths, 2 * 0.16 * 0.55, atol=0.02)
    assert len(upper_face.blink_lengths(np.ones(100))) == 0


def test_clips_of_one_broadcast_count_once():
    assert upper_face.source_of("edtalk_address_450") == upper_face.source_of("lia_address_256")
    assert upper_face.source_of("yiranran_31") == "yiranran_31"
