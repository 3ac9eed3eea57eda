"""The part of a performance that no network hears: blinks, gaze, brows, head and breath, seeded and repeatable."""

from __future__ import annotations

import numpy as np

from ..rig.board import HIGHS, LOWS, index
from . import accents, blinks, breath, gaze
from .direction import Direction
from .emotion import EmotionTrack
from .level import FRAME_RATE_HZ
from .prosody import Prosody
from .temper import temper_of
from .wishes import STEADY, WishTrack

_BLINK, _GAZE, _BROW, _HEAD, _BREATH = range(5)
LIDS = ("CTRL_L_eye_blink.ty", "CTRL_R_eye_blink.ty")
_AMOUNTS = ("strength_eyes", "strength_brows", "strength_head", "breath_depth")
LID_LAG_S = (0.0, 0.006)
"""The two lids never fall in the very same moment."""


def live(
    times: np.ndarray,
    prosody: Prosody,
    seed: int,
    direction: Direction,
    emotion: EmotionTrack | None = None,
    wishes: WishTrack = STEADY,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """What a face does by itself while it speaks.

    times: seconds [T], rising, as direction.face_times gives them; seed: each part draws from a stream of its own, so
    switching one off never changes another, but that the eyes hold their targets against whatever head motion there
    is; emotion: colours the amounts modestly; wishes: what of the direction changes over time.
    Returns board channels to be laid over a performance by add_life, float32 [T] each, and the head, radians
    float32 [T, 3].
    """
    temper = temper_of(emotion, len(prosody.speaking))
    emphasis = wishes.read("emphasis", direction, prosody.stresses)
    eyes, brow, turn, depth = (wishes.read(name, direction, times) for name in _AMOUNTS)
    controls: dict[str, np.ndarray] = {}
    head, lids = np.zeros((len(times), 3)), np.zeros(len(times))
    if direction.live_brows:
        brows, widened = accents.brow_controls(times, prosody, _stream(seed, _BROW), temper, emphasis)
        controls |= {name: brow * curve for name, curve in brows.items()}
        lids -= eyes * widened
    if direction.live_head:
        head += accents.head_path(times, prosody, _stream(seed, _HEAD), temper, emphasis)
    if direction.live_breath:
        breathing, lift = breath.breath_controls(times, prosody, _stream(seed, _BREATH))
        controls |= {name: depth * curve for name, curve in breathing.items()}
        head[:, 1] += depth * lift
    head *= np.reshape(turn, (-1, 1))
    if direction.live_gaze:
        path = gaze.gaze_path(times, prosody, _stream(seed, _GAZE))
        path = np.reshape(eyes, (-1, 1)) * gaze.held(path, head)
        controls |= gaze.look_controls(path)
        lids += gaze.lid_follow(path)
    starts = np.zeros(0)
    if direction.live_blinks:
        rate = wishes.read("blink_rate", direction, np.arange(len(prosody.speaking)) / FRAME_RATE_HZ)
        starts = blinks.blink_times(prosody, _stream(seed, _BLINK), rate * temper.blinks)
    for name, lag_s in zip(LIDS, LID_LAG_S, strict=True):
        closure = blinks.blink_curve(times, starts + lag_s)
        controls[name] = closure + (1 - closure) * lids
    ranged = {}
    for name in tuple(controls):  # one at a time, for an hour of them takes 40 MB
        ranged[name] = np.clip(controls.pop(name), LOWS[index(name)], HIGHS[index(name)]).astype(np.float32)
    return ranged, head.astype(np.float32)


def add_life(board: np.ndarray, life: dict[str, np.ndarray]) -> np.ndarray:
    """Lay what lives by itself over a performance.

    Everything is added, but for falling lids: they close what is open, b + v (1 - b), so that a blink closes fully
    and never more, whether an emotion widens the eyes or narrows them.
    board: float32 [T, 185]; life: as live returns it. Returns a new float32 [T, 185] within the controls' ranges.
    """
    lived = board.copy()
    for name, curve in life.items():
        place = index(name)
        open_part = np.where(curve > 0, 1 - board[:, place], 1.0) if name in LIDS else 1.0
        lived[:, place] += curve * open_part
    return np.clip(lived, LOWS, HIGHS)


def _stream(seed: int, part: int) -> np.random.Generator:
    return np.random.default_rng([seed, part])
