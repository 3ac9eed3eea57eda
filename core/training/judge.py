"""Lips against filmed lips: the figures by which a speech model is judged.

Definitions (stated because the field has several of each):
  opening   inner-lip gap over the distance of the outer eye corners.
  r         Pearson correlation at the best constant shift within +-0.2 s; over clips, the median.
  closed    opening less than 12 % of the way from its minimum to its 95th percentile.
  closure F1  of closed frames, a match within one video frame, at the same shift as r.
  width r   Pearson correlation of corner-to-corner distance over outer-eye distance, at the same shift as r: one mouth
            has one delay.
  closures met  of labelled p, b and m: closed, or opening at most 0.006, within the phone or one frame beside it.
  fast share  of a curve's power (Hann window, mean removed) that lies above a frequency.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_SHIFT_S = 0.2
CLOSED_SHARE = 0.12
SEALED = 0.006


@dataclass(frozen=True, slots=True)
class Score:
    """How well one clip's lips follow the filmed ones. shift_s: what the film trails the prediction by."""

    r: float
    closure_f1: float
    shift_s: float


def score_clip(predicted: np.ndarray, filmed: np.ndarray, fps: float) -> Score:
    """Compare two openings at the film's frame rate. predicted, filmed: [T]."""
    reach = round(MOST_SHIFT_S * fps)
    tried = [(correlation(*_shifted(predicted, filmed, shift)), shift) for shift in range(-reach, reach + 1)]
    r, shift = max(tried, key=lambda pair: pair[0])
    return Score(r, closure_f1(*_shifted(predicted, filmed, shift)), shift / fps)


def correlation_at(predicted: np.ndarray, filmed: np.ndarray, fps: float, shift_s: float) -> float:
    """Pearson's r of two [T] at fps when the film trails the prediction by shift_s."""
    return correlation(*_shifted(predicted, filmed, round(shift_s * fps)))


def closures_met(opening: np.ndarray, fps: float, spans: list[tuple[float, float]]) -> int:
    """How many of the labelled closures find the lips shut. opening: [T] at fps; spans: (start_s, end_s) each."""
    times = np.arange(len(opening)) / fps
    shut = times[closed(opening) | (opening <= SEALED)]
    reach = 1 / fps + 1e-9
    return sum(bool(((shut >= start - reach) & (shut <= end + reach)).any()) for start, end in spans)


def fast_share(curve: np.ndarray, fps: float, above_hz: float) -> float:
    """Share of a curve's power above a frequency, 0..1; 0 where it stands still. curve: [T] at fps."""
    power = np.abs(np.fft.rfft((curve - curve.mean()) * np.hanning(len(curve) + 2)[1:-1])) ** 2
    hertz = np.fft.rfftfreq(len(curve), 1 / fps)
    total = power[1:].sum()
    return float(power[hertz > above_hz].sum() / total) if total > 1e-15 else 0.0


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's r of two [T], 0 where either stands still."""
    if len(a) < 3 or a.std() < 1e-9 or b.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def closure_f1(predicted: np.ndarray, filmed: np.ndarray) -> float:
    """F1 of closed frames, matched within one frame. predicted, filmed: [T] openings."""
    said, true = closed(predicted), closed(filmed)
    precision = (said & _widened(true)).sum() / max(1, said.sum())
    recall = (true & _widened(said)).sum() / max(1, true.sum())
    return float(2 * precision * recall / max(1e-9, precision + recall))


def closed(opening: np.ndarray) -> np.ndarray:
    """Which frames count as closed. opening: [T]. Returns bool [T]."""
    least = opening.min()
    return opening - least < CLOSED_SHARE * (np.quantile(opening, 0.95) - least)


def _shifted(predicted: np.ndarray, filmed: np.ndarray, shift: int) -> tuple[np.ndarray, np.ndarray]:
    """The overlapping parts when frame t of predicted belongs to frame t + shift of filmed."""
    count = len(predicted)
    return predicted[max(0, -shift) : count - max(0, shift)], filmed[max(0, shift) : count - max(0, -shift)]


def _widened(flags: np.ndarray) -> np.ndarray:
    wide = flags.copy()
    wide[1:] |= flags[:-1]
    wide[:-1] |= flags[1:]
    return wide
