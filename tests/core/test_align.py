"""Forced alignment: boundaries, ways to say a word, pauses, texts that do not fit, and a slow plain twin."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest
from heard import onsets, posteriors_of, random_words, spoken

from core.errors import CoreError, ShapeError
from core.speech import align as aligner
from core.speech.align import LEAST, TranscriptError, align
from core.speech.phones import NUMBERS, PHONES, PhoneError, PhoneTrack, log_posteriors, recognise


def one_way(words):
    return [[word] for word in words]


def symbols(track):
    return [phone.symbol for phone in track.phones if phone.symbol != "sil"]


@pytest.mark.parametrize(("doubt", "worst_ms"), [(0.1, 6.0), (1.0, 8.0), (2.0, 15.0)])
def test_boundaries_are_found(doubt, worst_ms):
    """Mean error of phone starts; half a frame, 5 ms on average, cannot be known."""
    random = np.random.default_rng(1)
    errors = []
    for _ in range(8):
        words = random_words(12, random)
        said = spoken(words, random)
        found = align(posteriors_of(said, random, doubt), one_way(words), said.duration_s)
        assert symbols(found) == symbols(said)
        assert found.duration_s == said.duration_s == found.phones[-1].end_s
        errors.append(np.abs(onsets(found) - onsets(said)).mean())
    assert np.mean(errors) * 1000 < worst_ms


def test_a_transcript_helps():
    random = np.random.default_rng(2)
    words = random_words(40, random)
    said = spoken(words, random)
    heard = posteriors_of(said, random, 2.0)
    moments = np.arange(len(heard)) / 50
    right = [
        (track.symbols_at(moments) == said.symbols_at(moments)).mean()
        for track in (recognise(heard), align(heard, one_way(words)))
    ]
    assert right[1] > right[0] + 0.03
    assert right[1] > 0.9


def test_the_best_way_to_say_a_word_is_taken():
    random = np.random.default_rng(3)
    ways = [[("R", "EH", "D"), ("R", "IY", "D")], [("DH", "AH"), ("DH", "IY")], [("T", "UW"), ("T", "OW")]]
    for choice in ((0, 0, 1), (1, 1, 0), (1, 0, 1)):
        words = [way[place] for way, place in zip(ways, choice, strict=True)]
        said = spoken(words, random)
        assert symbols(align(posteriors_of(said, random, 1.0), ways)) == symbols(said)


def test_pauses_are_found_where_they_are():
    random = np.random.default_rng(4)
    words = random_words(10, random)
    for pauses in (0.0, 1.0):
        said = spoken(words, random, pauses)
        found = align(posteriors_of(said, random, 0.5), one_way(words))
        assert [phone.symbol for phone in found.phones] == [phone.symbol for phone in said.phones]


def test_a_phone_lasts_two_frames_and_has_its_mean_posterior():
    random = np.random.default_rng(5)
    words = random_words(20, random)
    said = spoken(words, random)
    heard = posteriors_of(said, random)
    for track in (align(heard, one_way(words)), recognise(heard)):
        assert min(phone.length_s for phone in track.phones[1:-1]) > 0.0399
        for phone in track.phones[1:-1]:
            frames = slice(round(phone.start_s * 50 + 0.5), round(phone.end_s * 50 + 0.5))
            assert phone.confidence == pytest.approx(heard[frames, NUMBERS[phone.symbol]].mean(), abs=1e-4)


def test_a_text_of_another_recording_is_refused():
    random = np.random.default_rng(6)
    for _ in range(5):
        words, others = random_words(12, random), random_words(10, random)
        heard = posteriors_of(spoken(words, random), random)
        with pytest.raises(TranscriptError, match="does not fit the recording: something else is said"):
            align(heard, one_way(others))
        silence = np.full((400, 40), 0.001, np.float32)
        silence[:, 0] = 0.961
        with pytest.raises(TranscriptError, match="does not fit"):
            align(silence, one_way(words))


def test_a_few_wrong_words_are_forgiven():
    random = np.random.default_rng(7)
    words = random_words(30, random)
    said = spoken(words, random)
    heard = posteriors_of(said, random)
    slips = [*words[:10], *random_words(2, random), *words[12:]]
    assert len(symbols(align(heard, one_way(slips)))) == sum(map(len, slips))


def test_a_text_too_long_for_the_recording():
    heard = np.full((50, 40), 1 / 40, np.float32)
    with pytest.raises(TranscriptError, match=r"has 26 sounds, but a recording of 1\.0 s has time for 25"):
        align(heard, one_way([("B", "AA")] * 13))


def test_what_cannot_be_aligned_is_one_sentence():
    heard = np.full((50, 40), 1 / 40, np.float32)
    with pytest.raises(TranscriptError, match="no word that can be spoken"):
        align(heard, [[()], []])
    with pytest.raises(PhoneError, match='"QQ" is unknown'):
        align(heard, [[("QQ",)]])
    with pytest.raises(ShapeError, match=r"posteriors must be float32\[N, 40\]"):
        align(heard[:, :39], one_way([("M",)]))
    assert issubclass(TranscriptError, CoreError)


def test_a_window_finds_what_the_whole_finds(monkeypatch):
    random = np.random.default_rng(8)
    words = random_words(150, random)
    heard = posteriors_of(spoken(words, random), random)
    whole = align(heard, one_way(words))
    monkeypatch.setattr(aligner, "WINDOW", 96)
    assert align(heard, one_way(words)) == whole


def test_a_long_pause_does_not_lead_the_window_astray(monkeypatch):
    monkeypatch.setattr(aligner, "WINDOW", 96)
    random = np.random.default_rng(9)
    words = random_words(80, random)
    said = spoken(words, random)
    pause = np.full((3000, 40), 0.001, np.float32)
    pause[:, 0] = 0.961
    found = align(np.concatenate([pause, posteriors_of(said, random, 1.0), pause]), one_way(words))
    assert np.abs(onsets(found) - onsets(said) - 60).mean() < 0.01


def test_the_path_is_the_best_there_is():
    """Against every placing of pauses and every way, each solved by plain recursion."""
    random = np.random.default_rng(10)
    words = [[("M", "AA")], [("T", "UW"), ("T",)], [("S", "IY")]]
    for _ in range(4):
        said = spoken([("M", "AA"), ("T", "UW"), ("S", "IY")], random)
        scores = log_posteriors(posteriors_of(said, random, 2.5))
        chain = aligner._chain(words)
        path = aligner._best_path(scores, chain)
        total = scores[np.arange(len(scores)), chain.numbers[path]].sum()
        assert total == pytest.approx(max(plain_best(scores, row) for row in sentences(words)))


def sentences(words):
    """Every row of phones that words with optional pauses may be."""
    for ways in product(*words):
        for pauses in product(((), ("sil",)), repeat=len(words) + 1):
            row = pauses[0]
            for way, pause in zip(ways, pauses[1:], strict=True):
                row += way + pause
            yield row


def plain_best(scores, row):
    """The best total of a row of phones, each at least LEAST frames, by recursion."""
    sums = np.concatenate([np.zeros((1, 40)), np.cumsum(scores, axis=0)])

    @cache
    def best(place, start):
        number = NUMBERS[row[place]]
        if place == len(row) - 1:
            return sums[-1, number] - sums[start, number] if len(scores) - start >= LEAST else -np.inf
        ends = range(start + LEAST, len(scores) - LEAST + 1)
        return max((sums[end, number] - sums[start, number] + best(place + 1, end) for end in ends), default=-np.inf)

    return best(0, 0)


def test_free_recognition_keeps_silence_and_drops_flickers():
    heard = np.full((60, 40), 0.001, np.float32)
    heard[:20, NUMBERS["sil"]] = heard[20:40, NUMBERS["M"]] = heard[40:, NUMBERS["AA"]] = 0.961
    heard[30] = 0.001
    heard[30, NUMBERS["B"]] = 0.961
    found = recognise(heard, 1.195)
    assert [phone.symbol for phone in found.phones] == ["sil", "M", "AA"]
    assert [phone.start_s for phone in found.phones] == pytest.approx([0.0, 0.39, 0.79])
    assert found.duration_s == found.phones[-1].end_s == 1.195
    assert found.phones[1].confidence == pytest.approx((19 * 0.961 + 0.001) / 20, abs=1e-3)


def test_free_recognition_of_next_to_nothing():
    assert recognise(np.zeros((0, 40), np.float32)) == PhoneTrack((), 0.0)
    for count in (1, 2, 3):
        heard = np.full((count, len(PHONES)), 0.001, np.float32)
        heard[:, 5] = 0.961
        assert [phone.symbol for phone in recognise(heard).phones] == [PHONES[5]]
