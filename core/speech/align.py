"""When each phone of a known text is said: forced alignment.

The words are a chain of states; each phone is one or two of them, each word may be said in several ways, and between
words there may be silence. The best path is Viterbi's, worked out for all states of a window at once; the window
follows the best state, so that memory and time grow with the recording and not with its square.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..arrays import check
from ..errors import CoreError
from .level import FRAME_RATE_HZ
from .phones import NUMBERS, PHONES, SILENCE, PhoneError, PhoneTrack, log_posteriors, track_of_spans

Pronunciation = tuple[str, ...]
LEAST = 2
"""Frames that a phone lasts at least: 40 ms."""
WINDOW = 1024
"""States looked at in a frame: about 20 s of speech before and after the best one."""
MISFIT = 0.5
"""What a text loses against free recognition, as a share of what the same text with every phone exchanged loses.
Measured on 49 spoken sentences with classifiers of 61 to 88 % right frames: the right text 0.00 to 0.23, half the
right one around 0.43, others with some of its words 0.35 to 1.4 (median 0.8); twice as soft posteriors change nothing.
On 16 readings of speakers unknown to a classifier of 51 %: the right text 0.08 to 0.45 and once, where the training
data disbelieves it too, 0.55; others 0.59 to 0.94.
"""
CERTAIN = 0.3
"""Nats a frame lost below which no comparison is needed: the other sentences above lost 0.9 and more."""
EXCHANGED = np.concatenate([[0], np.roll(np.arange(1, len(PHONES)), 13)])
"""Another phone for each phone."""


class TranscriptError(CoreError):
    """A transcript that is not what is said, or cannot be spoken out."""


@dataclass(frozen=True, slots=True)
class _Chain:
    """Everything that may be said, as S states in order of time.

    numbers: int64 [S], the phone of each state.
    owners:  int64 [S], which phone of the chain it belongs to; a phone has LEAST states.
    before:  int64 [P, S], the states that may come before each, padded with S, which is none.
    first, last: the states that may begin and end the recording.
    """

    numbers: np.ndarray
    owners: np.ndarray
    before: np.ndarray
    first: tuple[int, ...]
    last: tuple[int, ...]


def align(
    posteriors: np.ndarray, words: Sequence[Sequence[Pronunciation]], duration_s: float | None = None
) -> PhoneTrack:
    """The phones of known words, at the times at which they explain the sound best.

    posteriors: float32 [N, 40] at 50 Hz, rows sum to 1.
    words:      for each word the ways to say it, each a tuple of PHONES without silence.
    duration_s: length of the recording; N / 50 if unknown.
    Silence is put between words where it is heard. A phone's confidence is its mean posterior.
    Raises TranscriptError if the words are too many for the recording or are not what is said in it.
    """
    check("posteriors", posteriors, ("N", len(PHONES)))
    words = [[tuple(way) for way in ways if way] for ways in words]
    words = [ways for ways in words if ways]
    _check_length(words, len(posteriors))
    scores, chain = log_posteriors(posteriors), _chain(words)
    path = _best_path(scores, chain)
    _check_fit(scores, chain, path)
    owners = chain.owners[path]
    edges = np.concatenate([[0], np.flatnonzero(np.diff(owners)) + 1, [len(path)]])
    return track_of_spans(chain.numbers[path[edges[:-1]]], edges, posteriors, duration_s)


def _check_length(words: list[list[Pronunciation]], frames: int) -> None:
    if not words:
        raise TranscriptError("The transcript holds no word that can be spoken; give the words that are said.")
    needed = sum(min(map(len, ways)) for ways in words)
    if needed * LEAST > frames:
        raise TranscriptError(
            f"The transcript has {needed} sounds, but a recording of {frames / FRAME_RATE_HZ:.1f} s has time for "
            f"{frames // LEAST}; give the text of this recording only."
        )


def _check_fit(scores: np.ndarray, chain: _Chain, path: np.ndarray | None) -> None:
    """Raise TranscriptError where the text explains the sound hardly better than a text of other sounds would."""
    lost = _lost(scores, chain, path)
    if lost <= CERTAIN:
        return
    other = replace(chain, numbers=EXCHANGED[chain.numbers])
    if np.isinf(lost) or lost > MISFIT * _lost(scores, other, _best_path(scores, other)):
        raise TranscriptError(
            "The transcript does not fit the recording: something else is said most of the time. "
            "Give the words that are said and their language, or leave the transcript out."
        )


def _lost(scores: np.ndarray, chain: _Chain, path: np.ndarray | None) -> float:
    """Mean nats by which a path explains the frames with speech worse than the best phone of each frame."""
    if path is None:
        return np.inf
    numbers, best = chain.numbers[path], scores.argmax(axis=1)
    spoken = np.flatnonzero((best != 0) | (numbers != 0))
    return float(np.mean(scores[spoken, best[spoken]] - scores[spoken, numbers[spoken]]))


def _chain(words: list[list[Pronunciation]]) -> _Chain:
    """Lay words and the silences around them out as states."""
    numbers: list[int] = []
    before: list[tuple[int, ...]] = []

    def say(way: Pronunciation, entries: tuple[int, ...]) -> int:
        """Append the states of some phones; returns the last."""
        for symbol in way:
            if symbol not in NUMBERS:
                raise PhoneError(f'The phone "{symbol}" is unknown; use one of {", ".join(PHONES)}.')
            for _ in range(LEAST):
                before.append(entries)
                entries = (len(numbers),)
                numbers.append(NUMBERS[symbol])
            before[-1] = (*before[-1], len(numbers) - 1)
        return len(numbers) - 1

    ends: tuple[int, ...] = ()
    first = [0]
    for place, ways in enumerate(words):
        entries = (*ends, say((SILENCE,), ends))
        if place == 0:
            first += [len(numbers) + LEAST * sum(map(len, ways[:way])) for way in range(len(ways))]
        ends = tuple(say(way, entries) for way in ways)
    ends = (*ends, say((SILENCE,), ends))
    table = np.full((max(map(len, before)), len(before)), len(before))
    for state, entries in enumerate(before):
        table[: len(entries), state] = entries
    return _Chain(np.array(numbers), np.arange(len(numbers)) // LEAST, table, tuple(first), ends)


def _best_path(scores: np.ndarray, chain: _Chain) -> np.ndarray | None:
    """The state of each frame, int64 [N], or None if the end is never reached. scores: float64 [N, 40]."""
    states = len(chain.numbers)
    width = min(WINDOW, states)
    totals = np.full(states + 1, -np.inf)
    first = list(chain.first)
    totals[first] = scores[0, chain.numbers[first]]
    totals[width:] = -np.inf
    choices = np.zeros((len(scores), width), np.uint8)
    lows = np.zeros(len(scores), np.int64)
    low = 0
    for frame in range(1, len(scores)):
        best = low + int(totals[low : low + width].argmax())
        moved = min(max(best - width // 2, low), states - width)
        window = slice(moved, moved + width)
        ways = totals[chain.before[:, window]]  # [P, width]
        choices[frame] = ways.argmax(axis=0)
        totals[low:moved] = -np.inf
        totals[window] = ways.max(axis=0) + scores[frame, chain.numbers[window]]
        lows[frame] = low = moved
    return _traced(totals, chain, choices, lows)


def _traced(totals: np.ndarray, chain: _Chain, choices: np.ndarray, lows: np.ndarray) -> np.ndarray | None:
    """Follow the best path back from the best state that may end the recording."""
    state = max(chain.last, key=lambda last: totals[last])
    if not np.isfinite(totals[state]):
        return None
    path = np.empty(len(choices), np.int64)
    for frame in range(len(choices) - 1, 0, -1):
        path[frame] = state
        state = int(chain.before[choices[frame, state - lows[frame]], state])
    path[0] = state
    return path
