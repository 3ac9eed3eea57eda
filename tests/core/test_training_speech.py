"""Speech for training: cutting and joining, packs, labels by phone, what the engines' letters mean."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.errors import FormatError
from core.speech.phones import NUMBERS, PHONES
from core.training import aligned, sentences, speech_corpus, speech_packs, voices
from core.training.speech_corpus import RATE_HZ, UNKNOWN, Clip, labels_of

RNG = np.random.default_rng(0)
SIL, B, AA = (NUMBERS[phone] for phone in ("sil", "B", "AA"))


def sound(seconds: float) -> np.ndarray:
    return (RNG.standard_normal(round(seconds * RATE_HZ)) * 0.1).astype(np.float32)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def test_silence_is_cut_off_both_ends():
    kept = speech_corpus.trimmed(np.concatenate([silence(1), sound(2), silence(3)]))
    assert len(kept) / RATE_HZ == pytest.approx(2 + 2 * speech_corpus.EDGE_S, abs=0.03)
    assert len(speech_corpus.trimmed(silence(2))) == 0
    assert len(speech_corpus.trimmed(silence(0))) == 0


def test_long_speech_is_divided_where_it_is_quiet():
    parts = speech_corpus.divided(np.concatenate([sound(8), silence(0.4), sound(7)]))
    assert [len(part) / RATE_HZ for part in parts] == pytest.approx([8.2, 7.2], abs=0.25)


def test_short_prompts_are_joined_and_none_is_lost():
    pieces = [sound(1.5) for _ in range(10)]
    clips = list(speech_corpus.joined("x", "en", pieces))
    assert [clip.name for clip in clips] == ["x-0000", "x-0001", "x-0002"]
    assert all(2 <= len(clip.samples) / RATE_HZ <= speech_corpus.JOINED_S for clip in clips)
    gaps = sum(len(clip.samples) for clip in clips) - sum(len(piece) for piece in pieces)
    assert gaps == 7 * round(speech_corpus.GAP_S * RATE_HZ)


def test_a_pack_is_read_as_it_was_written(tmp_path):
    clips = [
        Clip(name, "grid", RNG.integers(-99, 99, 320 * n + 5).astype(np.int16), np.full(n + 1, n, np.int8))
        for name, n in (("a", 3), ("b", 7))
    ]
    speech_corpus.write_pack(tmp_path / "deep" / "phones.npz", clips)
    for got, put in zip(speech_corpus.read_pack(tmp_path / "deep" / "phones.npz"), clips, strict=True):
        assert (got.name, got.kind) == (put.name, put.kind)
        np.testing.assert_array_equal(got.samples, put.samples)
        np.testing.assert_array_equal(got.labels, put.labels)
    with pytest.raises(FormatError, match="some have none"):
        speech_corpus.write_pack(tmp_path / "x.npz", [*clips, Clip("c", "en", np.zeros(9, np.int16))])
    with pytest.raises(FormatError, match="not a pack"):
        speech_corpus.read_pack(tmp_path / "nothing.npz")


def test_missing_voices_are_named(tmp_path):
    (tmp_path / "voices" / "prompts" / "en").mkdir(parents=True)
    (tmp_path / "voices" / "prompts" / "en" / "hello.g722").touch()
    with pytest.raises(FormatError, match=r"lacks voices/dialogue/LANGUAGE/\*\.ogg;"):
        speech_corpus.find_voices(tmp_path)


def test_actors_are_told_apart_by_name(tmp_path):
    assert speech_corpus.actor_of(tmp_path / "bar-v-barman.ogg") == "v"
    assert speech_corpus.actor_of(tmp_path / "alone.ogg") == ""


def test_a_frame_has_the_phone_at_its_middle():
    labels = labels_of([("sil", 0.0, 0.03), ("B", 0.03, 0.08), ("AA", 0.08, 0.1)], 320 * 7 + 1)
    assert labels.tolist() == [SIL, SIL, B, B, AA, UNKNOWN, UNKNOWN, UNKNOWN]
    assert labels_of([("AA", 0.0, 0.7)], 320).tolist() == [UNKNOWN]  # nobody holds a vowel so long
    assert labels_of([("sil", 0.0, 0.7)], 320).tolist() == [SIL]


def test_words_are_spelled_as_in_the_dictionary():
    assert aligned.words_of("It's well-known — the 'Law’s' end.") == ["it's", "well", "known", "the", "law's", "end"]
    rows = "0 23750 sil\n23750 29500 bin\n29500 34000 z\n34000 35500 sp\n"
    assert aligned.grid_words(rows) == ["bin", "zed"]


def test_wrong_words_are_not_believed():
    spoken, pause = sound(2), silence(1)
    samples = np.concatenate([spoken, pause])
    phones = [("AA", k * 0.1, k * 0.1 + 0.1) for k in range(20)]
    assert aligned.believable([*phones, ("sil", 2.0, 3.0)], samples)
    assert not aligned.believable([*phones[:10], ("sil", 1.0, 2.0), ("AA", 2.0, 3.0)], samples)
    assert not aligned.believable([("AA", k * 0.03, k * 0.03 + 0.03) for k in range(20)], samples)
    assert not aligned.believable([("sil", 0.0, 3.0)], samples)


def test_a_held_breath_is_silence():
    spans = aligned.without_held_breath([("B", 0.0, 0.5), ("AA", 0.5, 0.6), ("T", 0.6, 0.9)])
    assert [phone for phone, _, _ in spans] == ["sil", "B", "AA", "T"]
    assert spans[1][1:] == pytest.approx((0.38, 0.5))
    assert spans[3][1:] == (0.6, 0.9)


def test_long_readings_are_parted_in_their_longest_pause():
    labels = np.full(800, AA, np.int8)
    labels[300:304] = labels[420:440] = SIL
    parts = aligned.parted(Clip("x", "librispeech", np.arange(800 * 320).astype(np.int16), labels))
    assert [part.name for part in parts] == ["x-a", "x-b"]
    assert [len(part.labels) for part in parts] == [430, 370]
    assert parts[1].samples[0] == np.int64(430 * 320).astype(np.int16)


def test_kept_spans_are_moved_and_judged(tmp_path):
    spans = [["AA", k * 0.1, k * 0.1 + 0.1] for k in range(10)]
    (tmp_path / "x.json").write_text(json.dumps({"words": [], "sure": 0, "spans": spans}))
    got = aligned.kept_spans(tmp_path / "x.json", sound(1))
    assert got[3] == ("AA", pytest.approx(0.3 + aligned.EARLY_S), pytest.approx(0.4 + aligned.EARLY_S))


def test_r_is_part_of_its_vowel():
    assert [phone for _, phone in voices.phones_of("wˈɜɹld")] == ["W", "", "ER", "ER", "L", "D"]
    assert [phone for _, phone in voices.phones_of("ɛɹ")] == ["EH", "R"]
    assert set(voices.PHONE_OF.values()) | {"ER"} == set(PHONES) - {"sil"}


def test_lengths_of_letters_become_spans():
    letters = ["sil", "B", "", "AA", " ", "B", "sil"]
    said = voices.Spoken(silence(1), RATE_HZ, letters, np.array([1, 1, 1, 2, 0.08, 1, 2]))
    spans = voices.spans_of(said)
    assert [phone for phone, _, _ in spans] == ["sil", "B", "AA", "B", "sil"]
    assert [start_s for _, start_s, _ in spans] == pytest.approx([0, 1, 2, 5.04, 6.08])
    assert [end_s for _, _, end_s in spans] == pytest.approx([1, 2, 5.04, 6.08, 8.08])


def test_a_phone_does_not_last_into_the_pause_after_it():
    samples = np.concatenate([sound(0.5), silence(0.5)])
    spans = [("AA", 0.0, 0.8), ("sil", 0.8, 1.0)]
    labels = voices.hushed(labels_of([("AA", 0.0, 0.5), ("AA", 0.5, 0.8), spans[1]], len(samples)), spans, samples)
    assert labels[24] == AA
    assert (labels[26:] == SIL).all()


def test_sentences_are_many_and_come_again():
    made = sentences.sentences(200, seed=3)
    assert made == sentences.sentences(200, seed=3)
    assert len(set(made)) > 195
    assert all(text[0].isupper() and text[-1] in ".!?" for text in made)


def test_voices_say_what_was_heard(tmp_path):
    (tmp_path / "aligned").mkdir()
    kept = tmp_path / "aligned" / "1-2-3.json"
    kept.write_text(json.dumps({"words": [f"w{k}" for k in range(20)], "sure": 0, "spans": []}))
    texts = speech_packs.voice_texts(tmp_path, seed=1)
    assert sum(text.startswith(("W0 w1", "W14 w15")) for text in texts) == 2
    assert len(texts) == 3
