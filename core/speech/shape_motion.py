"""How a direction changes what was heard: strengths, the jaw and lip styles, emphasis and smoothing.

Works on the board at FRAME_RATE_HZ, before the articulation step, which therefore has the last word on every closure.
"""

from __future__ import annotations

import numpy as np

from ..rig.board import BOARD_NAMES, HIGHS, LOWS, columns
from ..rig.mapping import LIPS_TOGETHER
from .direction import Direction
from .level import FRAME_RATE_HZ
from .prosody import Prosody
from .prosody import smooth as hann_mean

STRENGTHS: dict[str, str] = {
    "jaw": "strength_jaw", "lips": "strength_lips", "cheeks": "strength_cheeks", "nose": "strength_cheeks",
    "brows": "strength_brows", "eyes": "strength_eyes", "tongue": "strength_tongue",
}  # fmt: skip
"""Which wish scales which region of the board; neck and switches stay as they are."""

CLOSERS: np.ndarray = np.array(LIPS_TOGETHER)
"""They say which share of the jaw's gap the lips bridge, not how far anything moves, so no strength touches them."""

SYLLABLE_S = 0.9
"""What lasts longer than this belongs to expression, not to a syllable."""
STRESS_RISE_S, STRESS_FALL_S = 0.14, 0.18
STRESSED, UNSTRESSED = 0.45, -0.15
"""What one more of emphasis adds to mouth motion at the top of a stress, and takes between stresses."""


def shape(board: np.ndarray, direction: Direction, prosody: Prosody) -> np.ndarray:
    """Apply styles, emphasis and strengths, in this order.

    board: float32 [N, 185] at FRAME_RATE_HZ, columns BOARD_NAMES; prosody: of the same recording.
    Returns float32 [N, 185] within the controls' ranges; at a default Direction the very same values.
    """
    return strengthen(emphasise(stylise(board, direction), direction, prosody), direction)


def strengthen(board: np.ndarray, direction: Direction) -> np.ndarray:
    """Scale each region, frame by frame, so it suits a stream too.

    A strength below 1 scales evenly; above 1 it bends towards the control's limit, g v / (1 + (g - 1) |v|), so that a
    stronger face keeps its peaks apart instead of cutting them flat. board: float32 [N, 185]. Returns the same.
    """
    gains = np.ones(len(BOARD_NAMES), np.float32)
    for region, wish in STRENGTHS.items():
        gains[columns(region)] = getattr(direction, wish)
    gains[CLOSERS] = 1.0
    return _gained(board, gains)


def stylise(board: np.ndarray, direction: Direction) -> np.ndarray:
    """Scale what jaw and lips do per syllable and leave what lasts, after the jaw and lip axes of JALI.

    A strength shrinks a smile with the speech; a style touches the speech alone. The jaw's syllables rise from their
    own slow floor, so style_jaw 0 leaves a still, nearly shut jaw for the lips to speak over; lips swing about their
    slow course. board: float32 [N, 185]. Returns the same.
    Source: Edwards, Landreth, Fiume & Singh 2016, "JALI: an animator-centric viseme model", section 4.
    """
    if direction.style_jaw == 1 and direction.style_lip == 1:
        return board
    styled = board.copy()
    jaw, lips = columns("jaw"), np.setdiff1d(columns("lips"), CLOSERS)
    for places, style in ((jaw, direction.style_jaw), (lips, direction.style_lip)):
        if style != 1:
            lasting = slow_floor(board[:, places])
            styled[:, places] = lasting + _gained(board[:, places] - lasting, np.float32(style))
    return np.clip(styled, LOWS, HIGHS)


def emphasise(board: np.ndarray, direction: Direction, prosody: Prosody) -> np.ndarray:
    """Let stressed syllables stand out more, or less, from the rest. board: float32 [N, 185]. Returns the same."""
    if direction.emphasis == 1:
        return board
    stress = stress_curve(prosody, len(board))
    gains = 1 + (direction.emphasis - 1) * (UNSTRESSED + (STRESSED - UNSTRESSED) * stress)
    moved = np.concatenate([columns("jaw"), np.setdiff1d(columns("lips"), CLOSERS)])
    emphasised = board.copy()
    emphasised[:, moved] = _gained(board[:, moved], gains[:, None].astype(np.float32))
    return emphasised


def smooth(board: np.ndarray, seconds: float) -> np.ndarray:
    """Soften motion over a window, keeping peaks high and closed lips closed.

    A local parabola under a Hann window follows any bend wider than the window, where a mean would flatten it; what
    bridges the lips is never less than before. board: float32 [N, 185]; seconds: window. Returns the same.
    Source: Savitzky & Golay 1964, with weights.
    """
    half = round(seconds * FRAME_RATE_HZ / 2)
    if half < 1:
        return board
    kernel = _parabola_kernel(half)
    padded = np.pad(board, ((half, half), (0, 0)), mode="edge")
    softened = np.zeros_like(board)
    for place, weight in enumerate(kernel):
        softened += weight * padded[place : place + len(board)]
    softened[:, CLOSERS] = np.maximum(softened[:, CLOSERS], board[:, CLOSERS])
    return np.clip(softened, LOWS, HIGHS)


def stress_curve(prosody: Prosody, count: int) -> np.ndarray:
    """How stressed each frame is, 0..1, float32 [count] at FRAME_RATE_HZ."""
    times = np.arange(count) / FRAME_RATE_HZ
    curve = np.zeros(count, np.float32)
    for stress, strength in zip(prosody.stresses, prosody.strengths, strict=True):
        first, last = np.searchsorted(times, (stress - STRESS_RISE_S, stress + STRESS_FALL_S))
        off = times[first:last] - stress
        top = strength * (0.5 + 0.5 * np.cos(np.pi * np.where(off < 0, off / STRESS_RISE_S, off / STRESS_FALL_S)))
        curve[first:last] = np.maximum(curve[first:last], top)
    return curve


def slow_floor(values: np.ndarray) -> np.ndarray:
    """What of some controls outlasts a syllable: the value nearest 0 they keep to, softened. values: [N, P].

    A control that crosses 0 within a syllable has none. Returns float32 [N, P], never farther from 0 than values.
    """
    half = round(SYLLABLE_S * FRAME_RATE_HZ / 2)
    least = _windowed(values, half, np.minimum)
    most = _windowed(values, half, np.maximum)
    floor = np.maximum(least, 0) + np.minimum(most, 0)
    soft = np.stack([hann_mean(column, SYLLABLE_S) for column in floor.T], axis=1)
    return np.clip(soft, np.minimum(values, 0), np.maximum(values, 0)).astype(np.float32)


def _gained(values: np.ndarray, gains: np.ndarray) -> np.ndarray:
    return values * gains / (1 + np.maximum(gains - 1, 0) * np.abs(values))


def _windowed(values: np.ndarray, half: int, reach: np.ufunc) -> np.ndarray:
    """The least or greatest value within `half` rows on either side, by doubling windows. values: [N, P]."""
    width = 2 * half + 1
    held = np.pad(values, ((half, half), (0, 0)), mode="edge")
    done = 1
    while 2 * done <= width:
        held = reach(held[:-done], held[done:])
        done *= 2
    rest = width - done
    return reach(held[: len(held) - rest], held[rest:]) if rest else held


def _parabola_kernel(half: int) -> np.ndarray:
    """Weights of a local parabola's middle value under a Hann window, [2 half + 1], summing to 1."""
    offsets = np.arange(-half, half + 1)
    window = np.hanning(2 * half + 3)[1:-1]
    moments = [float((window * offsets**power).sum()) for power in (0, 2, 4)]
    weights = window * (moments[2] - moments[1] * offsets**2)
    return (weights / weights.sum()).astype(np.float32)
