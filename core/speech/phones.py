"""Phones over time: what is said when, as data that can be shown, edited and spoken again.

The 40 classes are silence and the 39 phones of the CMU dictionary without stress; data/phones.csv lists them with
their IPA symbol, viseme (the 15 of Oculus, in their published order of names) and an example.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..arrays import check
from ..errors import CoreError
from .level import FRAME_RATE_HZ
from .tables import read_table

PHONES: tuple[str, ...] = tuple(row["phone"] for row in read_table("phones"))
"""The 40 symbols in the order of the network's outputs, silence first."""
SILENCE = PHONES[0]
NUMBERS: dict[str, int] = {symbol: number for number, symbol in enumerate(PHONES)}
KIND: dict[str, str] = {row["phone"]: row["kind"] for row in read_table("phones")}
IPA: dict[str, str] = {row["phone"]: row["ipa"] for row in read_table("phones")}
VISEME: dict[str, str] = {row["phone"]: row["viseme"] for row in read_table("phones")}
VISEMES = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou")
TOLERANCE_S = 1e-6
"""How far rounded times of a file may overlap or leave the recording."""
FLOOR = 1e-4
"""Posteriors below are taken as this, so that one frame can never rule a phone out."""
CHANGE = 1.5
"""Cost, in nats, of beginning another phone. 39 may follow and a phone lasts about four frames, which would make it 5;
but neighbouring frames hear the same sound and are no independent witnesses. Classifiers of 61 to 88 % right frames
made the fewest phone errors at 1 and few more at 2.5, one of 51 % at 2."""


class PhoneError(CoreError):
    """A phone or a track of phones that cannot be."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone.

    symbol:     one of PHONES.
    start_s:    first second, at least 0.
    end_s:      second at which it ends, after start_s.
    confidence: how sure the hearer is, 0..1.
    """

    symbol: str
    start_s: float
    end_s: float
    confidence: float = 1.0

    def __post_init__(self) -> None:
        if self.symbol not in NUMBERS:
            raise PhoneError(f'The phone "{self.symbol}" is unknown; use one of {", ".join(PHONES)}.')
        if not all(map(_is_number, (self.start_s, self.end_s, self.confidence))):
            raise PhoneError(f'Start, end and confidence of the phone "{self.symbol}" must be finite numbers.')
        if not 0 <= self.start_s < self.end_s:
            raise PhoneError(
                f'The phone "{self.symbol}" runs from {self.start_s:g} to {self.end_s:g} s; '
                "it must start at 0 s or later and end after its start."
            )
        if not 0 <= self.confidence <= 1:
            raise PhoneError(f'The confidence of the phone "{self.symbol}" must be 0 to 1, but is {self.confidence:g}.')

    @property
    def viseme(self) -> str:
        """The mouth shape it belongs to, one of VISEMES."""
        return VISEME[self.symbol]

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class PhoneTrack:
    """The phones of a recording in order of time; what none of them covers is silence.

    duration_s: length of the recording.
    """

    phones: tuple[Phone, ...]
    duration_s: float

    def __post_init__(self) -> None:
        if not _is_number(self.duration_s) or self.duration_s < 0:
            raise PhoneError(f"The length of a phone track must be a number of seconds, but is {self.duration_s}.")
        if self.phones and self.phones[-1].end_s > self.duration_s + TOLERANCE_S:
            last = self.phones[-1]
            raise PhoneError(
                f'The phone "{last.symbol}" ends at {last.end_s:g} s, outside the recording of {self.duration_s:g} s.'
            )
        for before, after in zip(self.phones, self.phones[1:], strict=False):
            if after.start_s < before.end_s - TOLERANCE_S:
                raise PhoneError(
                    f'The phones "{before.symbol}" (to {before.end_s:g} s) and "{after.symbol}" (from '
                    f"{after.start_s:g} s) overlap or are out of order; let each start where the one before ends."
                )

    def symbols_at(self, times: np.ndarray) -> np.ndarray:
        """Numbers of the phones at some seconds, int64 [N]. times: float [N]; silence where there is none."""
        if not self.phones:
            return np.zeros(len(times), np.int64)
        starts = np.array([phone.start_s for phone in self.phones])
        ends = np.array([phone.end_s for phone in self.phones])
        numbers = np.array([NUMBERS[phone.symbol] for phone in self.phones])
        place = np.searchsorted(starts, times, side="right") - 1
        covered = (place >= 0) & (times < ends[place])
        return np.where(covered, numbers[place], 0)


def viseme_of(symbol: str) -> str:
    """The viseme of a phone. Raises PhoneError for a symbol that is none of PHONES."""
    if symbol not in VISEME:
        raise PhoneError(f'The phone "{symbol}" is unknown; use one of {", ".join(PHONES)}.')
    return VISEME[symbol]


def recognise(posteriors: np.ndarray, duration_s: float | None = None) -> PhoneTrack:
    """The likeliest phones, each at least two frames (40 ms) long, silence among them.

    posteriors: float32 [N, 40] at 50 Hz, rows sum to 1.
    duration_s: length of the recording; N / 50 if unknown.
    A phone's confidence is its mean posterior. Source: Viterbi 1967 over two states a phone, enter and stay.
    """
    check("posteriors", posteriors, ("N", len(PHONES)))
    return track_of(_best_path(log_posteriors(posteriors)), posteriors, duration_s)


def log_posteriors(posteriors: np.ndarray) -> np.ndarray:
    """Logarithms of floored posteriors, float64: sums over an hour must not lose their digits."""
    return np.log(np.maximum(posteriors, FLOOR, dtype=np.float64))


def track_of(numbers: np.ndarray, confidences: np.ndarray, duration_s: float | None = None) -> PhoneTrack:
    """A track from segments of whole frames.

    numbers:     int [N], for each frame the phone's number; equal neighbours are one phone.
    confidences: float [N, 40], posteriors whose mean over a phone is its confidence.
    duration_s:  length of the recording; N / 50 if unknown.
    Row n lies at n / 50 s, so that a phone begins half a frame before its first row.
    """
    changes = np.flatnonzero(np.diff(numbers)) + 1
    edges = np.concatenate([[0], changes, [len(numbers)]])
    return track_of_spans(numbers[edges[:-1]] if len(numbers) else numbers, edges, confidences, duration_s)


def track_of_spans(
    numbers: np.ndarray, edges: np.ndarray, confidences: np.ndarray, duration_s: float | None = None
) -> PhoneTrack:
    """A track of K phones. numbers: int [K]; edges: int [K + 1], their first frames and the end. Else as track_of."""
    frames = len(confidences)
    duration_s = frames / FRAME_RATE_HZ if duration_s is None else duration_s
    times = np.clip((edges - 0.5) / FRAME_RATE_HZ, 0.0, duration_s)
    times[-1] = duration_s
    phones = []
    for number, first, last, start_s, end_s in zip(numbers, edges, edges[1:], times, times[1:], strict=False):
        if end_s - start_s > TOLERANCE_S:
            sure = min(max(float(confidences[first:last, number].mean()), 0.0), 1.0)
            phones.append(Phone(PHONES[number], float(start_s), float(end_s), round(sure, 4)))
    return PhoneTrack(tuple(phones), duration_s)


def _best_path(scores: np.ndarray) -> np.ndarray:
    """The phone of each frame, int64 [N]. scores: float64 [N, 40]."""
    frames, phones = scores.shape
    if frames < 2:
        return scores.argmax(axis=1)
    entered = np.empty((frames, phones), bool)  # Came into "stay" from "enter", not from "stay".
    before = np.zeros(frames, np.int64)  # The phone left when one is entered at this frame.
    enter, stay = scores[0].copy(), np.full(phones, -np.inf)
    for frame in range(1, frames):
        before[frame] = stay.argmax()
        change = stay[before[frame]] - CHANGE
        entered[frame] = enter > stay
        stay = np.maximum(enter, stay) + scores[frame]
        enter = change + scores[frame]
    return _traced(int(stay.argmax()), entered, before)


def _traced(phone: int, entered: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Follow the best path back from the last frame, where phone stays."""
    path = np.empty(len(before), np.int64)
    frame = len(path) - 1
    while frame > 0:
        path[frame] = phone
        frame -= 1
        if entered[frame + 1, phone]:
            path[frame] = phone
            phone = int(before[frame])
            frame -= 1
    return path


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
