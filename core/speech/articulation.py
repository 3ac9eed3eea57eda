"""What lips must do whatever a network averages out or an emotion wants: rest in silence, and meet when they must.

Works on the board at FRAME_RATE_HZ, frame by frame, so it suits a stream too. It has the last word on the lips.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..rig.arkit import ARKIT_52
from ..rig.board import BOARD, columns, index
from ..rig.mapping import JAW_OPEN, LIPS_TOGETHER, board_to_arkit, board_to_arkit_matrix
from ..types import RigCurves
from .phones import NUMBERS
from .weights import SpeechModel

SEALED, PARTED = 0.02, 0.042
"""Lip openings (inner-lip gap over outer-eye distance) below which lips meet and above which they are left alone.
A network trained on squared errors never quite closes; a viewer always sees it."""
DOUBT, SURE = 0.08, 0.8  # lip seals below which nothing happens and above which the lips meet
PARTS = 0.004
"""Lip opening that a full control must bring to count as one that parts lips. Corners bring less, so that a grin keeps
them where they are."""
LEAST_JAW = 0.02  # a jaw shut farther than this needs no whole bridge: its gap is hardly seen
SHARPNESS = 3  # frames either way among which a closure is at its surest
SLOPE = (0.2, 0.45)  # shares of that at which a frame begins to count, and counts in full
TONGUE_NEEDS = 0.05  # lip opening at which the tongue may show in full
BLOCK = 256  # frames worked on at a time, which stay in the processor's cache
CLOSURE_REACH = 0.5  # of a frame: how far a sampled frame may reach for a closure that falls beside it

MOUTH: np.ndarray = np.sort(np.concatenate([columns(r) for r in ("jaw", "lips", "cheeks", "nose", "tongue")]))
"""What rests in silence; brows and eyes do not."""
_SEALING = [NUMBERS[symbol] for symbol in ("P", "B", "M")]
_CLOSE = ARKIT_52.index("mouthClose")
_TONGUE_OUT = index("CTRL_C_tongue_inOut.ty")


@dataclass(frozen=True, slots=True, eq=False)
class Lips:
    """The demo head's lips as a function of the board, which is ARKit's line read through the mapping.

    shapes: the A ARKit shapes that move the lips apart or together, without mouthClose.
    inputs: the B controls that drive them; positive, negative: float32 [B, A], from each half of a control.
    slopes: float32 [A]; bridge: what mouthClose takes away; rest: the gap at rest.
    parting: the controls that part lips, but for the jaw, which the lips can bridge.
    """

    inputs: np.ndarray
    positive: np.ndarray
    negative: np.ndarray
    slopes: np.ndarray
    bridge: float
    rest: float
    parting: np.ndarray

    def opening(self, board: np.ndarray) -> np.ndarray:
        """Gap of the lips. board: float32 [N, 185 or more]. Returns float32 [N], 0 when closed."""
        driven = board[:, self.inputs]
        shapes = np.maximum(driven, 0) @ self.positive
        shapes += np.maximum(-driven, 0) @ self.negative
        np.clip(shapes, 0, 1, out=shapes)
        gap = shapes @ self.slopes
        gap -= self.bridge * board[:, JAW_OPEN] * board[:, LIPS_TOGETHER].mean(axis=1)
        gap += self.rest
        return np.maximum(gap, 0, out=gap)


def read_lips(model: SpeechModel) -> Lips:
    """The lips that a model was made for."""
    slopes, rest = model.opening[:-1], float(model.opening[-1])
    shapes = np.flatnonzero(slopes)
    shapes = shapes[shapes != _CLOSE]
    halves = board_to_arkit_matrix()[shapes]
    positive, negative = halves[:, : len(BOARD)], halves[:, len(BOARD) :]
    inputs = np.flatnonzero(np.abs(positive).sum(axis=0) + np.abs(negative).sum(axis=0))
    parts = np.maximum(slopes[shapes] @ positive, slopes[shapes] @ negative) > PARTS
    parts[JAW_OPEN] = False
    return Lips(
        inputs,
        np.ascontiguousarray(positive[:, inputs].T),
        np.ascontiguousarray(negative[:, inputs].T),
        slopes[shapes],
        -float(slopes[_CLOSE]),
        rest,
        np.flatnonzero(parts),
    )


def curve_opening(curves: RigCurves, model: SpeechModel) -> np.ndarray:
    """Opening of the demo head's lips for a performance's curves, board or ARKit. Returns [T], 0 when closed."""
    arkit = curves.values if curves.names == ARKIT_52 else board_to_arkit(curves.values)
    return np.maximum(arkit @ model.opening[:-1] + model.opening[-1], 0.0)


def rest_in_silence(board: np.ndarray, gate: np.ndarray, rest: np.ndarray | None = None) -> None:
    """Bring the mouth to rest where nothing is heard, in place.

    board: float32 [N, 185]; gate: float32 [N], level.voice_gate; rest: float32 [N, 185], the pose to rest in, None for
    the neutral one.
    """
    quiet = np.flatnonzero(gate < 1)
    for start in range(0, len(quiet), BLOCK):
        rows = quiet[start : start + BLOCK]
        share = gate[rows, None]
        mouth = board[rows[:, None], MOUTH] * share
        if rest is not None:
            mouth += rest[rows[:, None], MOUTH] * (1 - share)
        board[rows[:, None], MOUTH] = mouth


def witness(seal: np.ndarray, posteriors: np.ndarray) -> np.ndarray:
    """How sure a closure is by either of two witnesses: what the generator learned and what the phones say.

    seal: float32 [N]; posteriors: float32 [N, 40], columns PHONES. Returns float32 [N], 0..1.
    """
    return np.maximum(seal, posteriors[:, _SEALING].sum(axis=1))


def sharpen(seal: np.ndarray) -> np.ndarray:
    """Keep a closure where it is surest, so that a faint one counts but its slopes do not. seal: float32 [N]."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(seal, SHARPNESS), 2 * SHARPNESS + 1).max(axis=1)
    return seal * smooth_step(seal / np.maximum(around, 1e-6), *SLOPE)


def close_lips(board: np.ndarray, seal: np.ndarray, lips: Lips) -> None:
    """Seal lips that must meet or nearly meet, and keep the tongue behind them, in place.

    First what parts the lips lets go, then the lips bridge what the jaw leaves open: the jaw itself and the corners
    stay, so that a shout or a grin closes and still is one.
    board: float32 [N, 185]; seal: float32 [N], 0..1, how sure a closure is.
    """
    opening = lips.opening(board)
    sealed = smooth_step(seal, DOUBT, SURE)
    share = smooth_step(opening, SEALED, PARTED) * (1 - sealed)
    goal = opening * share
    yielding = np.flatnonzero(share < 1)
    if len(yielding):
        low = board[yielding]
        low[:, lips.parting] *= share[yielding, None]
        excess = np.maximum(lips.opening(low) - np.maximum(goal[yielding], lips.rest), 0)
        missing = excess / (lips.bridge * np.maximum(low[:, JAW_OPEN], LEAST_JAW))
        low[:, LIPS_TOGETHER] = _bridged(low[:, LIPS_TOGETHER], missing)
        board[yielding] = low
    board[:, _TONGUE_OUT] *= smooth_step(goal, SEALED, TONGUE_NEEDS)


def sample(board: np.ndarray, places: np.ndarray, lips: Lips) -> np.ndarray:
    """Read board values at any places, keeping every lip closure.

    A closure of p or b is shorter than a frame of film: the frame next to it shows the lips where they meet.

    board: float32 [N, 185]; places: row numbers [T], evenly spaced, any reals; beyond the ends the end rows hold.
    Returns float32 [T, 185].
    """
    moments = reach_closures(places, closures(lips, board))
    sampled = np.empty((len(places), board.shape[1]), np.float32)
    for start in range(0, len(places), BLOCK):
        sampled[start : start + BLOCK] = interpolate(board, moments[start : start + BLOCK])
    return sampled


def closures(lips: Lips, board: np.ndarray) -> np.ndarray:
    """Rows at which sealed lips are most closed: one for each dip, int64 [K]."""
    starts = range(0, len(board), 4 * BLOCK)
    opening = np.concatenate([lips.opening(board[start : start + 4 * BLOCK]) for start in starts])
    inside = opening[1:-1]
    dips = (inside <= opening[:-2]) & (inside < opening[2:]) & (inside < PARTED)
    return np.flatnonzero(dips) + 1


def reach_closures(places: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Move each place that lies nearest to a closure, and near enough, onto it. places: [T]; rows: [K]."""
    step = places[1] - places[0] if len(places) > 1 else 1.0
    nearest = np.clip(np.round((rows - places[0]) / step).astype(np.int64), 0, len(places) - 1)
    near = np.abs(rows - places[nearest]) <= CLOSURE_REACH * step + 1e-9
    moved = places.astype(np.float64)
    moved[nearest[near]] = rows[near]
    return moved


def interpolate(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Monotone cubic reading between rows, so that no value overshoots its neighbours.

    values: float32 [N, C]; places: row numbers [T], rising, any reals; beyond the ends the end rows hold.
    Returns float32 [T, C].
    Source: Fritsch & Carlson 1980, with the harmonic mean of neighbouring slopes.
    """
    places = np.clip(places, 0.0, len(values) - 1.0)
    if len(values) < 2:
        return np.repeat(values, len(places), axis=0).astype(np.float32)
    row = np.minimum(places.astype(np.int64), len(values) - 2)
    first, last = max(int(row.min()) - 1, 0), min(int(row.max()) + 3, len(values))
    near, row = values[first:last], row - first
    t = (places - first - row).astype(np.float32)[:, None]
    rise = np.diff(near, axis=0)
    slopes = _slopes(rise)
    # before + t (m0 + t (3 d - 2 m0 - m1 + t (m0 + m1 - 2 d))), d the rise and m the slopes at both ends
    step, leaving, arriving = rise[row], slopes[row], slopes[row + 1]
    bend = leaving + arriving
    bend -= 2 * step
    cubic = bend * t
    cubic -= bend
    cubic += step
    cubic -= leaving
    cubic *= t
    cubic += leaving
    cubic *= t
    cubic += near[row]
    return cubic


def smooth_step(x: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 up to low, 1 from high, eased between."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)


def _bridged(together: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """The four lipsTogether so that their mean rises by `missing`, none above 1. together: [N, 4]; missing: [N]."""
    room = 1 - together
    share = np.minimum(missing / np.maximum(room.mean(axis=1), 1e-6), 1)
    return together + share[:, None] * room


def _slopes(rise: np.ndarray) -> np.ndarray:
    """Slopes at each row between rises, [n, C] to [n + 1, C]; 0 at every turning point."""
    product = rise[:-1] * rise[1:]
    total = rise[:-1] + rise[1:]
    np.maximum(product, 0, out=product)
    product *= 2
    np.divide(product, total, out=product, where=product > 0)
    return np.concatenate([rise[:1], product, rise[-1:]])
