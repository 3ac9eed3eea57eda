"""Voice and film on one face: who leads where, without a jump, and in step."""

from __future__ import annotations

import numpy as np
import pytest
from waves import LINE

from core.audio import read_speech
from core.blend.blend import BlendBrief, blend
from core.blend.filmed import filmed, read_filmed
from core.blend.offset import find_offset
from core.blend.own_range import in_own_range
from core.blend.shares import SURE, UNSURE, share_of, wish, wishes
from core.cli import main
from core.errors import FormatError, RigError, SettingError
from core.formats import read_performance, write_performance
from core.layers.closures import opening_of, together_columns
from core.layers.regions import GROUPS, columns_of
from core.retime import at_rate, trimmed
from core.rig.convert import to_rig
from core.speech.brief import Brief
from core.speech.direction import Direction
from core.speech.emotion import parse_emotion
from core.speech.perform import perform
from core.types import Performance, RigCurves

MOUTH, EYES, BROWS, HEAD = range(4)
ALL_FILM = wishes(dict.fromkeys(GROUPS, "film"))


@pytest.fixture(scope="module")
def line():
    return to_rig(perform(read_speech(LINE), Brief(60.0)), "arkit52")


@pytest.fixture(scope="module")
def face():
    """Another performance of the same words: angrier, another life."""
    brief = Brief(60.0, 7, parse_emotion("angry=0.8"), Direction(strength_lips=1.3))
    return to_rig(perform(read_speech(LINE), brief), "arkit52")


def later(performance, seconds):
    """The performance with so many seconds of rest before it."""
    rows = round(seconds * performance.curves.fps)
    values, head = (np.pad(a, ((rows, 0), (0, 0))) for a in (performance.curves.values, performance.head))
    return Performance(RigCurves(performance.curves.names, values, performance.curves.fps), head)


@pytest.mark.parametrize("shift_s", [0.0, 0.25, -0.35, 0.8])
@pytest.mark.parametrize("fps", [24.0, 29.97, 60.0])
def test_the_offset_is_found_to_a_fraction_of_a_frame(line, face, shift_s, fps):
    moved = later(face, shift_s) if shift_s >= 0 else trimmed(face, -shift_s)
    found = find_offset(line, filmed(at_rate(moved, fps)))
    assert found.is_clear
    assert abs(found.seconds - shift_s) < 0.012, found


def test_what_the_film_was_not_sure_of_does_not_tell_the_offset(line, face):
    covered = later(face, 0.3)
    sure = np.ones(len(covered.head), np.float32)
    sure[150:400] = 0
    covered.curves.values[150:400] = np.random.default_rng(0).random((250, 52), np.float32)
    assert abs(find_offset(line, filmed(covered, sure)).seconds - 0.3) < 0.015


def test_a_film_that_tells_no_offset_is_not_moved(line, face):
    still = Performance(RigCurves(line.curves.names, np.zeros_like(line.curves.values), 60.0), line.head)
    backwards = RigCurves(face.curves.names, np.ascontiguousarray(face.curves.values[::-1]), 60.0)
    for film in (filmed(still), filmed(Performance(backwards, face.head)), filmed(trimmed(face, 0, 0.5))):
        made = blend(line, film)
        assert made.offset.seconds == 0 and not made.offset.is_clear and made.offset.sure < 0.2
        assert "do not tell" in made.offset.sentence()
    clear = blend(line, filmed(later(face, 0.3))).offset
    assert clear.sure > 0.5 and "+0.3" in clear.sentence()


def test_a_short_overlap_that_agrees_by_chance_is_not_believed(line, face):
    """A film that knows its mouth for four seconds, in which a far shift agrees better over little more than one."""
    film = filmed(trimmed(face, 0, 4))
    assert abs(find_offset(line, film).seconds) < 0.03
    assert find_offset(line, film, 0.5).sure >= find_offset(line, film, 2.0).sure


def test_the_voice_takes_on_the_range_of_the_speaker(line):
    """The same words from lips that move 0.6 as far and stand 0.06 higher; for a second they are covered."""
    mouth = columns_of(line.curves.names, "mouth")
    values = line.curves.values.copy()
    values[:, mouth] = 0.6 * values[:, mouth] + 0.06
    truth = Performance(RigCurves(line.curves.names, values, 60.0), line.head)
    sure = np.ones((len(line.head), 4), np.float32)
    sure[200:260, MOUTH] = 0
    film, asked = filmed(truth, sure), wishes({"mouth": "auto"})
    plain, fitted = (blend(line, film, BlendBrief(asked, 0.0, own_range=own)).performance for own in (False, True))
    away = [np.abs(made.curves.values[200:260] - values[200:260])[:, mouth].mean() for made in (plain, fitted)]
    assert away[1] < 0.6 * away[0]
    spoken, shown = opening_of(line.curves)[200:260], opening_of(fitted.curves)[200:260]
    shut = spoken == 0
    assert shut.any() and shown[shut].max() < 1e-6
    assert fitted.curves.values.min() >= 0 and fitted.curves.values.max() <= 1


def test_a_range_is_not_learned_from_a_moment_nor_by_a_voice_that_leads_alone(line, face):
    sure = np.zeros((len(line.head), 4), np.float32)
    sure[:20] = 1
    brief = BlendBrief(wishes({"mouth": "auto"}), 0.0, own_range=True)
    made = blend(line, filmed(face, sure), brief).performance
    assert np.array_equal(made.curves.values[100:], line.curves.values[100:])
    board = perform(read_speech(LINE), Brief(60.0))
    film = np.clip(0.5 * board.curves.values, -1, 1)
    fitted = in_own_range(board.curves, film, np.ones(len(film), np.float32))
    together = together_columns(board.curves.names)
    assert together and np.array_equal(fitted.values[:, together], board.curves.values[:, together])
    assert not np.array_equal(fitted.values, board.curves.values)


def test_each_part_follows_what_is_asked(line, face):
    asked = wishes({"mouth": "voice", "eyes": "film", "brows": 0.5, "head": "film"})
    made = blend(line, filmed(face), BlendBrief(asked, 0.0)).performance
    columns = {group: columns_of(line.curves.names, group) for group in GROUPS}
    voice, film, both = line.curves.values, face.curves.values, made.curves.values
    assert np.array_equal(both[:, columns["mouth"]], voice[:, columns["mouth"]])
    assert np.allclose(both[:, columns["eyes"]], film[:, columns["eyes"]], atol=1e-6)
    mean = (voice[:, columns["brows"]] + film[:, columns["brows"]]) / 2
    assert np.allclose(both[:, columns["brows"]], mean, atol=1e-6)
    assert np.allclose(made.head, face.head, atol=1e-6)
    assert made.phones == line.phones


def test_keys_lead_over_time(line, face):
    made = blend(line, filmed(face), BlendBrief(wishes({"mouth": [(2.0, 0.0), (3.0, 1.0)]}), 0.0))
    times = np.arange(len(made.shares)) / 60
    assert np.allclose(made.shares[:, MOUTH], np.clip(times - 2, 0, 1), atol=1e-5)


def test_a_hand_before_the_mouth_hands_over_and_back_without_a_jump(line, face):
    sure = np.ones((len(face.head), 4), np.float32)
    sure[200:260, MOUTH] = 0
    wild = Performance(RigCurves(face.curves.names, face.curves.values.copy(), 60.0), face.head)
    mouth = columns_of(face.curves.names, "mouth")
    wild.curves.values[200:260, mouth] = 1
    made = blend(line, filmed(wild, sure), BlendBrief(wishes({"mouth": "auto"}), 0.0, own_range=False))
    share, values = made.shares[:, MOUTH], made.performance.curves.values
    assert share[0] == share[-1] == 1
    assert (share[200:260] == 0).all()
    assert np.abs(np.diff(share)).max() < 0.15
    assert np.array_equal(values[200:260, mouth], line.curves.values[200:260, mouth])
    steps = max(np.abs(np.diff(p.curves.values[:, mouth], axis=0)).max() for p in (line, face))
    assert np.abs(np.diff(values[:, mouth], axis=0)).max() < steps + 0.15
    assert (made.shares[:, EYES] == 1).all()


def test_beyond_the_film_the_voice_goes_on(line, face):
    short = trimmed(face, 0, 4)
    made = blend(line, filmed(short), BlendBrief(ALL_FILM, 0.0, own_range=False))
    assert len(made.shares) == len(line.head)
    assert (made.shares[245:] == 0).all()
    assert (made.shares[:200] == 1).all()
    assert np.array_equal(made.performance.curves.values[245:], line.curves.values[245:])


def test_confidence_counts_between_two_bounds():
    confidence = np.array([0, UNSURE, (UNSURE + SURE) / 2, SURE, 1], np.float32)
    shares = share_of(wish("auto"), np.arange(5) / 60, confidence, 0)
    assert np.allclose(shares, [0, 0, 0.5, 1, 1])


def test_board_stays_board_and_mixed_rigs_become_arkit(line, face):
    spoken = perform(read_speech(LINE), Brief(60.0))
    assert blend(line, filmed(face), BlendBrief(offset_s=0.0)).performance.curves.names == line.curves.names
    both_board = blend(spoken, filmed(to_rig(face, "metahuman")), BlendBrief(offset_s=0.0))
    assert both_board.performance.curves.names == spoken.curves.names
    assert blend(spoken, filmed(face), BlendBrief(offset_s=0.0)).performance.curves.names == line.curves.names


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"chin": "film"}, "no part of the face"),
        ({"mouth": "both"}, "follows voice, film, auto"),
        ({"mouth": 1.5}, "must be 0"),
        ({"mouth": [(1.0, 0.0), (1.0, 1.0)]}, "later than the one before"),
        ({"mouth": []}, "one or more"),
        ({"mouth": [(0.0, float("nan"))]}, "must be 0"),
    ],
)
def test_what_cannot_be_is_one_sentence(asked, says):
    with pytest.raises(SettingError, match=says):
        wishes(asked)


def test_visemes_tell_no_offset(line, face):
    with pytest.raises(RigError, match="how far the mouth is open"):
        find_offset(to_rig(line, "visemes"), filmed(face))


def test_confidence_travels_in_the_archive_and_is_checked(tmp_path, face):
    path = tmp_path / "face.npz"
    write_performance(path, face)
    assert (read_filmed(path).confidence == 1).all()
    with np.load(path) as arrays:
        kept = dict(arrays)
    np.savez(path, **kept, confidence=np.full(len(face.head), 0.25, np.float32))
    assert (read_filmed(path).confidence == 0.25).all()
    assert read_performance(path).curves.fps == 60
    for wrong in (
        np.ones(3, np.float32),
        np.full(len(face.head), np.nan, np.float32),
        np.array(["a"] * len(face.head)),
    ):
        np.savez(path, **kept, confidence=wrong)
        with pytest.raises(FormatError, match="confidence"):
            read_filmed(path)


def test_the_command_blends_and_keeps_what_is_there(tmp_path, line, face, capsys):
    voice, film, out = tmp_path / "voice.npz", tmp_path / "film.npz", tmp_path / "both.csv"
    write_performance(voice, line)
    write_performance(film, later(face, 0.2))
    asked = ["blend", str(voice), str(film), str(out)]
    assert main([*asked, "--mouth", "0:0,2:1"]) == 0
    assert "+0.20" in capsys.readouterr().out
    before = out.read_bytes()
    assert main(asked) != 0
    assert "exists" in capsys.readouterr().err
    assert out.read_bytes() == before
    with pytest.raises(SystemExit):
        main([*asked, "--mouth", "perhaps"])
    assert main([str(a) for a in ("blend", voice, tmp_path / "no.npz", tmp_path / "x.npz")]) != 0
    assert not (tmp_path / "x.npz").exists()


def test_a_recording_is_performed_with_its_emotion(tmp_path, face, capsys):
    film = tmp_path / "film.npz"
    write_performance(film, at_rate(face, 24))
    made = []
    for number, mood in enumerate(([], ["--emotion", "happy=1"])):
        out = tmp_path / f"both{number}.npz"
        assert main(["blend", str(LINE), str(film), str(out), "--brows", "film", "--offset-s", "0", *mood]) == 0
        made.append(read_performance(out).curves)
    calm, happy = (curves.column("mouthSmileLeft").mean() for curves in made)
    assert happy > calm + 0.1
    brows = [curves.values[:, columns_of(curves.names, "brows")] for curves in made]
    assert np.allclose(*brows, atol=1e-5)
    spoken = ["blend", str(out), str(film), str(tmp_path / "x.npz")]
    assert main([*spoken, "--emotion", "happy=1"]) != 0
    assert "performance already" in capsys.readouterr().err
    assert main(["blend", str(LINE), *spoken[2:], "--emotion", "auto"]) != 0
