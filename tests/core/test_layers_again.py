"""A part run again: what the whole would give there, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from waves import LINE

from core.audio import read_speech
from core.errors import RigError, SettingError
from core.layers.again import Part, part_of_frames, part_of_speech, run_again, say_again
from core.layers.words import Spoken, find_said, lines_of, phrases, spoken_words
from core.rig.convert import RIGS, to_rig
from core.speech.align import TranscriptError
from core.speech.brief import Brief
from core.speech.direction import Direction
from core.speech.emotion import parse_emotion
from core.speech.perform import perform
from core.speech.phones import Phone, PhoneError, PhoneTrack
from core.speech.script import Script
from core.speech.transcript import pronounce
from core.types import RigCurves

TEXT = LINE.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def speech():
    return read_speech(LINE)


@pytest.fixture(scope="module")
def old(speech):
    """The line as its words ask."""
    return perform(speech, Brief(30.0, script=Script.from_text(TEXT)))


@pytest.mark.parametrize(
    "brief",
    [
        Brief(30.0, emotion=parse_emotion("happy=0.8"), script=Script.from_text(TEXT)),
        Brief(30.0, direction=Direction(style_jaw=0.3, live_blinks=False), script=Script.from_text(TEXT)),
        Brief(30.0, seed=9),
    ],
    ids=["mood", "direction", "life and no words"],
)
@pytest.mark.parametrize("rig", ["metahuman", "arkit52", "visemes"])
def test_the_part_is_what_the_whole_would_give(speech, old, brief, rig):
    before, whole = to_rig(old, rig), to_rig(perform(speech, brief), rig)
    made = run_again(speech, before, part_of_frames(90, 179, 30.0), brief)
    ease = 4
    assert made.curves.values[:90].tobytes() == before.curves.values[:90].tobytes()
    assert made.curves.values[180:].tobytes() == before.curves.values[180:].tobytes()
    inside = slice(90 + ease, 180 - ease)
    assert made.curves.values[inside].tobytes() == whole.curves.values[inside].tobytes()
    assert made.head[inside].tobytes() == whole.head[inside].tobytes()
    assert (made.head[:90] == before.head[:90]).all()
    assert np.abs(made.curves.values[inside] - before.curves.values[inside]).max() > 0.02


def test_the_frame_rate_is_the_old_ones(speech, old):
    made = run_again(speech, old, part_of_frames(10, 40, 30.0), Brief(60.0))
    assert made.curves.fps == 30.0
    assert len(made.head) == len(old.head)


def test_columns_keep_their_order(speech, old):
    arkit = to_rig(old, "arkit52")
    turned = RigCurves(arkit.curves.names[::-1], np.ascontiguousarray(arkit.curves.values[:, ::-1]), 30.0)
    part = part_of_frames(10, 200, 30.0)
    brief = Brief(30.0, emotion=parse_emotion("sad"))
    made = run_again(speech, replace(arkit, curves=turned), part, brief)
    straight = run_again(speech, arkit, part, brief)
    assert made.curves.names == turned.names
    assert (made.curves.values[:, ::-1] == straight.curves.values).all()


def test_words_can_be_changed_in_a_part_alone(speech, old):
    words = spoken_words(old.phones, pronounce(TEXT))
    first = [word.text for word in words].index("five")
    part_words = words[first : first + 3]
    spoken = Spoken("", part_words[0].start_s, part_words[-1].end_s)
    script = say_again(speech, old.phones, spoken, Script.from_text("Five grave foxes"))
    assert symbols_in(script.track, spoken) == ["F", "AY", "V", "G", "R", "EY", "V", "F", "AA", "K", "S", "AH", "Z"]
    assert symbols_in(old.phones, spoken) == ["F", "AY", "V", "B", "R", "EY", "V", "F", "AA", "K", "S", "AH", "Z"]
    outside = [phone for phone in old.phones.phones if not spoken.start_s - 0.02 < phone.end_s < spoken.end_s + 0.1]
    assert set(outside) <= set(script.track.phones)
    part = part_of_speech(part_words, 30.0, len(old.head))
    made = run_again(speech, old, part, Brief(30.0, script=script))
    assert (made.curves.values[: part.span.start] == old.curves.values[: part.span.start]).all()
    assert (made.curves.values[part.span.stop :] == old.curves.values[part.span.stop :]).all()
    assert symbols_in(made.phones, spoken) == symbols_in(script.track, spoken)
    b = next(phone for phone in old.phones.phones if phone.symbol == "B" and phone.start_s > spoken.start_s)
    rows = slice(round(b.start_s * 30), round(b.end_s * 30) + 1)
    changed = np.abs(made.curves.values - old.curves.values)
    assert changed[rows].max() > 0.05


def symbols_in(track, spoken):
    """The phones in the middle of a part, silence left out."""
    middles = [(phone.symbol, (phone.start_s + phone.end_s) / 2) for phone in track.phones if phone.symbol != "sil"]
    return [symbol for symbol, middle_s in middles if spoken.start_s < middle_s < spoken.end_s]


def test_words_that_do_not_fit_are_refused(speech, old):
    with pytest.raises(TranscriptError):
        say_again(speech, old.phones, Spoken("", 1.0, 1.2), Script.from_text(TEXT))


def test_words_lie_where_they_are_said(old):
    words = pronounce(TEXT)
    found = spoken_words(old.phones, words)
    assert [spoken.text for spoken in found] == [word.text for word in words]
    assert all(before.end_s <= after.start_s for before, after in pairwise(found))
    starts = {phone.start_s for phone in old.phones.phones}
    assert all(spoken.start_s in starts for spoken in found)


def test_a_word_with_several_ways_takes_the_one_that_was_said():
    ways = pronounce("a tomato")
    longest = max(ways[1].ways, key=len)
    symbols = (*ways[0].ways[-1], *longest)
    track = PhoneTrack(tuple(Phone(s, i / 10, (i + 1) / 10) for i, s in enumerate(symbols)), len(symbols) / 10)
    found = spoken_words(track, ways)
    assert (found[0].start_s, found[0].end_s) == pytest.approx((0.0, 0.1))
    assert (found[1].start_s, found[1].end_s) == pytest.approx((0.1, len(symbols) / 10))


def test_phones_of_other_words_are_refused(old):
    with pytest.raises(PhoneError, match="not those of these words"):
        spoken_words(old.phones, pronounce("Something else entirely"))


def test_phrases_are_parted_by_pauses():
    track = PhoneTrack(
        (
            Phone("sil", 0, 0.5),
            Phone("M", 0.5, 0.7),
            Phone("sil", 0.7, 0.8),
            Phone("AH", 0.8, 1.0),
            Phone("T", 1.6, 1.7),
        ),
        2.0,
    )
    assert [(p.start_s, p.end_s) for p in phrases(track)] == [(0.5, 1.0), (1.6, 1.7)]
    assert len(phrases(track, 0.05)) == 3
    assert phrases(PhoneTrack((), 3.0)) == ()


def test_parts():
    assert part_of_frames(10, 19, 60.0) == Part(range(10, 20), 7)
    assert part_of_speech((Spoken("a", 1.0, 1.5), Spoken("b", 1.6, 2.0)), 10.0, 100, 0.2) == Part(range(8, 23), 2)
    assert part_of_speech((Spoken("a", 0.05, 9.99),), 10.0, 100, 0.2).span == range(0, 100)
    with pytest.raises(SettingError, match="first frame 9"):
        part_of_frames(9, 8, 60.0)
    with pytest.raises(SettingError, match="at least one"):
        part_of_speech((), 60.0, 100)


def test_every_rig_can_be_run_again_or_says_why(speech, old):
    for rig in RIGS:
        made = run_again(speech, to_rig(old, rig), part_of_frames(5, 30, 30.0), Brief(30.0))
        assert made.curves.names == to_rig(old, rig).curves.names
    basis = np.ones((52, 100), np.float32)
    with pytest.raises(RigError, match="FLAME's expressions"):
        run_again(speech, to_rig(old, "flame", basis), part_of_frames(5, 30, 30.0), Brief(30.0))
    few = RigCurves(("jawOpen",), old.curves.values[:, :1].copy(), 30.0)
    with pytest.raises(RigError, match="one whole rig"):
        run_again(speech, replace(old, curves=few), part_of_frames(5, 30, 30.0), Brief(30.0))


def test_a_part_is_named_by_what_is_said(old):
    script, words = Script.from_text(TEXT), spoken_words(old.phones, pronounce(TEXT))
    texts = [word.text for word in words]
    boat = texts.index("boat")
    assert find_said("The blue, BOAT!", old.phones, script) == words[boat - 2 : boat + 1]
    assert find_said("boat", old.phones, script) == words[boat : boat + 1]
    nobody = [place for place, text in enumerate(texts) if text == "nobody"]
    assert find_said("nobody #2", old.phones, script) == words[nobody[1] : nobody[1] + 1]
    assert find_said("but nobody", old.phones, script) == words[nobody[1] - 1 : nobody[1] + 1]
    second = phrases(old.phones)[1:2]
    for name in ("phrase 2", "Phrase #2", "phrase 2: 3.10 to 3.95 s"):
        assert find_said(name, old.phones, None) == second
    assert all(find_said(name, old.phones, script) for name in lines_of(TEXT))


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("nobody", 'is said 2 times; write "nobody #1" to "nobody #2"'),
        ("nobody #3", "there is no #3"),
        ("boat blue", "is not said here"),
        ("phrase 99", "not phrase 99"),
        ("phrase", "is not said here"),
    ],
)
def test_what_is_not_said_is_refused(old, wanted, sentence):
    with pytest.raises(SettingError, match=sentence):
        find_said(wanted, old.phones, Script.from_text(TEXT))
    with pytest.raises(SettingError):
        find_said(wanted, old.phones, None)


def test_lines_are_sentences_and_their_clauses():
    assert lines_of("Please, hush! We left.\nWe left.") == ("Please, hush", "Please", "hush", "We left")
    assert lines_of(" ... ") == ()
