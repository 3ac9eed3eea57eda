"""How a direction changes what was heard: strengths, the jaw and lip styles, emphasis and smoothing.

Works on the board at FRAME_RATE_HZ, before the articulation step, which therefore has the last word on every closure.
Each wish is one number or, where it is keyed, one a frame; a frame whose wish is 1 keeps the very values it has.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..rig.board import BOARD_NAMES, HIGHS, LOWS, columns
from ..rig.mapping import LIPS_TOGETHER
from .direction import Direction
from .level import FRAME_RATE_HZ
from .prosody import Prosody
from .prosody import smooth as hann_mean
from .wishes import STEADY, WishTrack

STRENGTHS: dict[str, str] = {
    "jaw": "strength_jaw", "lips": "strength_lips", "cheeks": "strength_cheeks", "nose": "strength_cheeks",
    "brows": "strength_brows", "eyes": "strength_eyes", "tongue": "strength_tongue",
}  # fmt: skip
"""Which wish scales which region of the board; neck and switches stay as they are."""

CLOSERS: np.ndarray = np.array(LIPS_TOGETHER)
"""They say which share of the jaw's gap the lips bridge, not how far anything moves, so no strength touches them."""

_JAW = columns("jaw")
_LIPS = np.setdiff1d(columns("lips"), CLOSERS)

SYLLABLE_S = 0.9
"""What lasts longer than this belongs to expression, not to a syllable."""
STRESS_RISE_S, STRESS_FALL_S = 0.14, 0.18
STRESSED, UNSTRESSED = 0.45, -0.15
"""What one more of emphasis adds to mouth motion at the top of a stress, and takes between stresses."""


def shape(board: np.ndarray, direction: Direction, prosody: Prosody, wishes: WishTrack = STEADY) -> np.ndarray:
    """Apply styles, emphasis and strengths, in this order.

    board: float32 [N, 185] at FRAME_RATE_HZ, columns BOARD_NAMES; prosody: of the same recording; wishes: what of the
    direction changes over time.
    Returns float32 [N, 185] within the controls' ranges; at a default Direction the very same values.
    """
    styled = stylise(board, direction, wishes)
    return strengthen(emphasise(styled, direction, prosody, wishes), direction, wishes)


def strengthen(board: np.ndarray, direction: Direction, wishes: WishTrack = STEADY) -> np.ndarray:
    """Scale each region, frame by frame, so it suits a stream too.

    A strength below 1 scales evenly; above 1 it bends towards the control's limit, g v / (1 + (g - 1) |v|), so that a
    stronger face keeps its peaks apart instead of cutting them flat. board: float32 [N, 185]. Returns the same.
    """
    gains: dict[int, np.ndarray] = {}
    for region, wish in STRENGTHS.items():
        gain = _read(wishes, wish, direction, board)
        if np.any(gain != 1):
            gains |= dict.fromkeys(np.setdiff1d(columns(region), CLOSERS).tolist(), gain)
    return _each(board, np.array(list(gains), int), lambda values, place: _gained(values, gains[place]))


def stylise(board: np.ndarray, direction: Direction, wishes: WishTrack = STEADY) -> np.ndarray:
    """Scale what jaw and lips do per syllable and leave what lasts, after the jaw and lip axes of JALI.

    A strength shrinks a smile with the speech; a style touches the speech alone. Syllables rise from a slow floor of
    their own, so style_jaw 0 leaves a still, nearly shut jaw for the lips to speak over.
    board: float32 [N, 185]. Returns the same.
    Source: Edwards, Landreth, Fiume & Singh 2016, "JALI: an animator-centric viseme model", section 4.
    """
    for places, wish in ((_JAW, "style_jaw"), (_LIPS, "style_lip")):
        style = _read(wishes, wish, direction, board)
        if np.any(style != 1):
            board = _each(board, places, lambda values, _, style=style: _styled(values, style))
    return board


def emphasise(board: np.ndarray, direction: Direction, prosody: Prosody, wishes: WishTrack = STEADY) -> np.ndarray:
    """Let stressed syllables stand out more, or less, from the rest. board: float32 [N, 185]. Returns the same."""
    emphasis = _read(wishes, "emphasis", direction, board)
    if np.all(emphasis == 1):
        return board
    stress = stress_curve(prosody, len(board))
    gains = (1 + (emphasis - 1) * (UNSTRESSED + (STRESSED - UNSTRESSED) * stress)).astype(np.float32)
    return _each(board, np.concatenate([_JAW, _LIPS]), lambda values, _: _gained(values, gains))


def smooth(board: np.ndarray, seconds: float) -> np.ndarray:
    """Soften motion over a window, keeping peaks high and closed lips closed.

    A local parabola under a Hann window follows any bend wider than the window, where a mean would flatten it; what
    bridges the lips is never less than before. board: float32 [N, 185]; seconds: window. Returns the same.
    Source: Savitzky & Golay 1964, with weights.
    """
    kernel = _parabola_kernel(seconds * FRAME_RATE_HZ / 2)
    if len(kernel) <= 3:  # A parabola goes through three points as they are.
        return board
    half = len(kernel) // 2

    def softened(values: np.ndarray, place: int) -> np.ndarray:
        soft = np.convolve(np.pad(values, half, mode="edge"), kernel, mode="valid")
        return np.maximum(soft, values) if place in CLOSERS else soft

    return _each(board, np.arange(len(BOARD_NAMES)), softened)


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
    """What of a control outlasts a syllable: the value nearest 0 it keeps to, softened. values: float32 [N].

    A control that crosses 0 within a syllable has none. Returns float32 [N], never farther from 0 than values.
    """
    half = round(SYLLABLE_S * FRAME_RATE_HZ / 2)
    floor = np.maximum(_windowed(values, half, np.minimum), 0) + np.minimum(_windowed(values, half, np.maximum), 0)
    soft = hann_mean(floor, SYLLABLE_S)
    return np.clip(soft, np.minimum(values, 0), np.maximum(values, 0)).astype(np.float32)


def _each(board: np.ndarray, places: np.ndarray, change: Callable[[np.ndarray, int], np.ndarray]) -> np.ndarray:
    """A copy of the board with some columns changed, one at a time, so an hour needs little more room than its copy."""
    if not len(places):
        return board
    changed = board.copy()
    for place in places:
        changed[:, place] = np.clip(change(board[:, place], place), LOWS[place], HIGHS[place])
    return changed


def _read(wishes: WishTrack, name: str, direction: Direction, board: np.ndarray) -> np.ndarray:
    """A wish at each row, float32 [N], or one for all, float32 []."""
    return np.asarray(wishes.read(name, direction, np.arange(len(board)) / FRAME_RATE_HZ), np.float32)


def _styled(values: np.ndarray, style: np.ndarray) -> np.ndarray:
    lasting = slow_floor(values)
    return np.where(style == 1, values, lasting + _gained(values - lasting, style))


def _gained(values: np.ndarray, gains: np.ndarray) -> np.ndarray:
    return values * gains / (1 + np.maximum(gains - 1, 0) * np.abs(values))


def _windowed(values: np.ndarray, half: int, reach: np.ufunc) -> np.ndarray:
    """The least or greatest value within `half` rows on either side, by doubling windows. values: [N]."""
    width = 2 * half + 1
    held = np.pad(values, half, mode="edge")
    done = 1
    while 2 * done <= width:
        held = reach(held[:-done], held[done:])
        done *= 2
    rest = width - done
    return reach(held[: len(held) - rest], held[rest:]) if rest else held


def _parabola_kernel(half: float) -> np.ndarray:
    """Weights of a local parabola's middle value under a Hann window of any half width in frames, summing to 1."""
    reach = int(np.ceil(half))
    offsets = np.arange(-reach, reach + 1)
    window = 0.5 + 0.5 * np.cos(np.pi * np.minimum(np.abs(offsets) / (half + 1), 1))
    moments = [float((window * offsets**power).sum()) for power in (0, 2, 4)]
    weights = window * (moments[2] - moments[1] * offsets**2)
    return (weights / weights.sum() if reach else np.ones(1)).astype(np.float32)
