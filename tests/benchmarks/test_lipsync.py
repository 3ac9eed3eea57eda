"""The lip benchmark's yardsticks on mouths whose figures are known, and the reading of its sources."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("torch")

from benchmarks import headaudio
from benchmarks.lipsync import feelings, kept, page, quiet, run, scores, spoken, voices
from benchmarks.lipsync.clips import Clip
from benchmarks.lipsync.methods import RATE_HZ, VISEME_MOUTHS, Lips
from core.rig.arkit import ARKIT_52
from core.speech.emotion import EmotionTrack
from core.training import facegood, judge
from core.types import RigCurves

LATE_S = 0.12


def mouth(times):
    return 0.1 + 0.1 * np.sin(7 * times) * np.sin(2.3 * times)


def a_clip(late_s=LATE_S, fps=25.0):
    times = np.arange(100) / fps
    opening, width = mouth(times - late_s), -mouth(times - late_s)
    return Clip("a", "a", np.zeros(64_000, np.float32), opening, width, opening, fps)


def perfect(samples):
    opening = mouth(np.arange(len(samples) * RATE_HZ // 16_000) / RATE_HZ)
    return Lips(opening, -opening)


def test_an_offset_is_found_and_taken_out():
    clip = a_clip()
    offsets = scores.source_offsets([clip], perfect)
    assert offsets["a"] == pytest.approx(LATE_S, abs=0.005)
    row = scores.judge("set", [clip], offsets, ("perfect", perfect))
    assert row.opening_r > 0.99
    assert row.width_r > 0.99
    assert row.closure_f1 > 0.95
    assert abs(row.shift_s) < 0.006


def test_a_late_method_is_told_how_late():
    def late(samples):
        lips = perfect(samples)
        return Lips(np.roll(lips.opening, 5), np.roll(lips.width, 5))

    row = scores.judge("set", [a_clip(0.0)], {"a": 0.0}, ("late", late))
    assert row.shift_s == pytest.approx(-0.05, abs=0.006)


def test_a_wrong_width_costs_only_the_width():
    def wrong(samples):
        return Lips(perfect(samples).opening, perfect(samples).opening)

    row = scores.judge("set", [a_clip(0.0)], {"a": 0.0}, ("wrong", wrong))
    assert row.opening_r > 0.99
    assert row.width_r < -0.99


def test_closures_are_met_within_one_frame():
    opening = np.full(100, 0.1)
    opening[50] = 0.0
    fps = 50.0
    assert judge.closures_met(opening, fps, [(0.9, 1.1)]) == 1
    assert judge.closures_met(opening, fps, [(1.02, 1.1)]) == 1
    assert judge.closures_met(opening, fps, [(1.05, 1.1)]) == 0
    assert judge.closures_met(opening, fps, [(0.5, 0.6), (0.9, 1.1)]) == 1


def test_fast_share_tells_slow_from_fast():
    times = np.arange(600) / 60.0
    slow, fast = np.sin(2 * np.pi * 3 * times), np.sin(2 * np.pi * 20 * times)
    assert judge.fast_share(slow, 60.0, 12.0) < 1e-4
    assert judge.fast_share(slow + fast, 60.0, 12.0) == pytest.approx(0.5, abs=0.02)
    assert judge.fast_share(np.ones(600), 60.0, 12.0) == 0.0


def test_count_closures_and_shut_vowels():
    def two_dips(samples):
        opening = np.full(200, 0.1)
        opening[50:60] = 0.0
        opening[150:160] = 0.0
        return Lips(opening, opening)

    line = spoken.Line("Esperanto", np.zeros(32_000, np.float32), [(0.5, 0.6), (1.0, 1.1)], (0.3, 1.55), 30.0)
    assert spoken.count_closures([line], two_dips) == {"Esperanto": spoken.Met(2, 1, 2, 1)}


def test_vowels_beside_a_closure_do_not_count():
    phones = [("m", 0.0, 0.1), ("a", 0.1, 0.2), ("t", 0.2, 0.3), ("a", 0.3, 0.4)]
    assert spoken.free_vowels(phones, [(0.0, 0.1)], ("a",)) == pytest.approx((0.35,))


def test_facegood_names_stand_one_line_further(tmp_path):
    names = [f"shape_{number}" for number in range(116)]
    (tmp_path / "bsname.txt").write_text("\n".join(["116", *names]))
    columns = facegood.column_names(tmp_path)
    values = np.zeros((4, 116), np.float32)
    values[:, 74], values[:, 75] = 0.25, 0.5
    recipes = {"jawOpen": ("shape_73",), "mouthFunnel": ("shape_73", "shape_74"), "mouthClose": ("unknown",)}
    arkit = facegood.to_arkit(values, columns, recipes)
    assert arkit[0, ARKIT_52.index("jawOpen")] == 0.25
    assert arkit[0, ARKIT_52.index("mouthFunnel")] == 0.5
    assert arkit[0, ARKIT_52.index("mouthClose")] == 0.0


def test_answers_are_kept(tmp_path):
    asked = []

    def method(samples):
        asked.append(1)
        return Lips(samples[:3], samples[3:6])

    samples = np.arange(6, dtype=np.float32)
    recalled = kept.kept("rival-1", method, tmp_path)
    first, again = recalled(samples), recalled(samples)
    assert len(asked) == 1
    assert np.array_equal(first.opening, again.opening)
    assert np.array_equal(again.width, samples[3:6])
    recalled(samples + 1)
    assert len(asked) == 2


def still(samples, fps, feeling=None):
    values = np.zeros((max(1, int(len(samples) / 16_000 * fps)), 52), np.float32)
    return RigCurves(ARKIT_52, values, fps)


def test_a_moving_mouth_in_silence_is_caught():
    def moving(samples, fps):
        curves = still(samples, fps)
        curves.values[3, ARKIT_52.index("mouthPucker")] = 0.2
        curves.values[3, ARKIT_52.index("eyeBlinkLeft")] = 1.0
        return curves

    found = quiet.resting(moving)
    assert set(found) == set(quiet.quiet_rooms())
    assert all(control == "mouthPucker" and value == pytest.approx(0.2) for control, value in found.values())
    assert all(value == 0 for _, value in quiet.resting(still).values())


def test_quiet_rooms_are_as_quiet_as_they_say():
    rooms = quiet.quiet_rooms()
    assert not rooms["digital silence"].any()
    for name, samples in list(rooms.items())[1:]:
        said = float(name.split(", ")[1].removesuffix(" dB"))
        assert 10 * np.log10(np.mean(samples**2)) == pytest.approx(said, abs=0.1)


def test_feelings_are_measured(monkeypatch):
    def act(samples, fps, feeling):
        left, right = feeling.at(np.zeros(1))
        curves = still(samples, fps)
        curves.values[:, ARKIT_52.index("mouthSmileLeft")] = left[0, 0]
        curves.values[:, ARKIT_52.index("mouthSmileRight")] = right[0, 0]
        return curves

    monkeypatch.setattr(feelings, "lips_of", lambda curves: Lips(np.zeros(len(curves.values)), None))
    line = spoken.Line("English", np.zeros(16_000, np.float32), [(0.2, 0.3)], (), 30.0)
    neutral, happy, sad = feelings.judge_feelings([line], act)[:3]
    assert neutral.name == "neutral"
    assert neutral.right == 1.0
    assert (happy.name, happy.right, happy.grows, happy.other_side) == ("happy", 1.0, 1.0, 0.0)
    assert happy.strengths[-1] == pytest.approx(2**0.5)
    assert happy.closures == spoken.Met(1, 1, 0, 0)
    assert (sad.right, sad.grows) == (0.0, 0.0)


def test_voices_are_read_back(tmp_path):
    assert voices.read_spoken(tmp_path) == []
    row = {"file": "a.wav", "language": "Spanish", "voice": "v", "text": "ma", "phones": [["m", 0.1, 0.2]]}
    (tmp_path / "phones.json").write_text(json.dumps([row]))
    assert voices.read_spoken(tmp_path) == [voices.Spoken("a.wav", "Spanish", "v", "ma", (("m", 0.1, 0.2),))]


def test_every_viseme_has_a_mouth():
    assert set(VISEME_MOUTHS) == set(headaudio.VISEMES)


def some_findings():
    rows = [scores.Row("wild", "Mouthpiece", 8, 0.7, 0.4, 0.45, 0.65, 0.01, -0.03)]
    rows += [scores.Row("wild", "Rhubarb", 8, 0.3, 0.1, 0.1, 0.3, 0.0, 0.0)]
    felt = feelings.Felt("happy", {"happy": 3, "sad": 1}, (0, 1, 2, 3, 4), 1.0, 0.1, spoken.Met(4, 4, 0, 0))
    return page.Findings(
        rows,
        {"a": 0.02},
        {"Mouthpiece": {"GRID": spoken.Met(10, 9, 4, 1)}, "the film itself": {"GRID": spoken.Met(10, 8, 4, 0)}},
        {"digital silence": ("jawOpen", 0.05)},
        {"wild": {"jaw": (0.02, 0.01, 0.03)}},
        [],
        [felt],
        [{"name": "without augmentation", "metrics": {"r": 0.5, "note": "short"}}],
    )


def test_the_page_holds_figure_and_target_side_by_side():
    text = page.compose(some_findings(), ["Nobody was absent."], "one machine")
    for line in (
        "| wild | Mouthpiece | 8 | 0.700 | 0.400 | 0.450 | 0.650 | +10 | -30 |",
        "| opening r, wild | 0.58 | 0.700 | met |",
        "| width r, wild | 0.50 | 0.400 | missed |",
        "| opening r over Rhubarb's, wild | 2.0 x | 2.33 x | met |",
        "| shift, wild | within 20 ms | +10 ms | met |",
        "| Mouthpiece | 90.0% of 10, vowels shut 25% |",
        "| digital silence | jawOpen | 0.0500 | 0.02: missed |",
        "| wild | jaw | 2.000% | 1.000%: met | 3.000%: missed |",
        "Read right over all seven: 75%; target 80%: missed.",
        "| without augmentation | 0.500 | short |",
    ):
        assert line in text
    assert "one machine. Nobody was absent." in text


def test_ablations_may_be_missing(tmp_path):
    assert run.read_ablations(tmp_path / "none.json") == []
    (tmp_path / "some.json").write_text('[{"name": "a", "metrics": {}}]')
    assert run.read_ablations(tmp_path / "some.json")[0]["name"] == "a"


def test_steady_feelings():
    assert feelings._steady("neutral", 1.0).is_neutral
    assert isinstance(feelings._steady("happy", 0.5), EmotionTrack)


def test_programs_are_asked_ahead():
    heard = []
    every = {name: lambda samples, name=name: heard.append((name, len(samples))) for name in ("Rhubarb", "loudness")}
    run.ask_ahead(every, [np.zeros(3), np.zeros(5)])
    assert sorted(heard) == [("Rhubarb", 3), ("Rhubarb", 5)]
