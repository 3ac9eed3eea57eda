"""What emotions do to a speaking face: neutral speech motion plus expression poses, as targets to learn from.

The poses are read from data/emotion_poses.csv. Source of the poses: the action units that EMFACS names for each
emotion (Ekman, Friesen & Hager 2002, "Facial Action Coding System"; Friesen & Ekman 1983, "EMFACS-7"); the numbers
are our own, set while looking at the demo heads.

Columns of the file:
control: a control's name; * stands for L and R.
value:   what the control gains at intensity 1, a share of its way to the end of its range (below 0: to the low end).
kind:    tonic is held, phasic grows with the energy of the speech, rest is held only where nobody speaks, gain
         multiplies the control's own motion.
action:  the FACS action unit that asks for it.

Arrays are NumPy's or torch's alike: only what both know is used, so gradients pass.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..rig.board import BOARD_NAMES, HIGHS, LOWS
from ..speech.emotion import EMOTIONS

if TYPE_CHECKING:
    import torch

    Array = np.ndarray | torch.Tensor

POSES = Path(__file__).with_name("data") / "emotion_poses.csv"
KINDS = ("tonic", "phasic", "rest", "gain")
SIDES = "LR"

JAW = ("CTRL_C_jaw.ty",)
PARTING = ("CTRL_?_mouth_upperLipRaise.ty", "CTRL_?_mouth_lowerLipDepress.ty", *JAW)
"""What takes the lips off each other: nothing of it is added where speech closes them."""
CORNERS = tuple(
    f"CTRL_?_mouth_{name}"
    for name in ("cornerPull.ty", "sharpCornerPull.ty", "stretch.ty", "dimple.ty", "corner.tx", "cornerDepress.ty")
)
"""What moves the corners: rounded lips cannot be wide at the same time."""
PRESSING = tuple(
    f"CTRL_?_{name}"
    for name in ("mouth_lipsPressU.ty", "mouth_press?.ty", "mouth_tighten?.ty", "jaw_ChinRaise?.ty", "jaw_clench.ty")
)
"""What pushes the lips or the teeth together: it does not narrow an open vowel."""
# A blink closes the eye however wide an emotion holds it.
LIDS = ("CTRL_?_eye_blink.ty", "CTRL_?_eye_eyelidU.ty")
BROWS = ("CTRL_?_brow_*",)
LIPS_TOGETHER = ("CTRL_?_mouth_lipsTogether?.ty",)
ROUNDING = ("CTRL_?_mouth_purse?.ty", "CTRL_?_mouth_towards?.ty", "CTRL_?_mouth_funnel?.ty")

SEALED, PARTED = 0.03, 0.16  # opening of the lips in jaw units: below, they count as closed; above, as open
ROUND_FROM, ROUND_FULL = 0.08, 0.5  # rounding at which corners begin to yield, and have yielded
ROUND_YIELD = 0.75  # share of an emotion's corners that fully rounded lips take back
SEAL_YIELD = 0.3  # share of an emotion's corners that closed lips take back: a grin says p with its corners back
OPEN_YIELD = 0.8  # share of pressing that open lips take back
PAUSE_HALF = 15  # frames either way over which speech is told from a pause: 0.3 s, longer than any stop
PAUSE_BELOW, SPEECH_ABOVE = 0.02, 0.15  # mean energy of a pause and of speech


@dataclass(frozen=True, slots=True)
class Poses:
    """The expression poses. Each float32 [6, 185], rows EMOTIONS, columns BOARD_NAMES.

    tonic, phasic, rest: added shares, -1..1.
    gain: factors on the control's own motion, 1 where the file says nothing.
    """

    tonic: np.ndarray
    phasic: np.ndarray
    rest: np.ndarray
    gain: np.ndarray


@cache
def read_poses() -> Poses:
    """The poses of data/emotion_poses.csv.

    Raises ValueError for a name that is no emotion, no control or no kind.
    """
    tables = {kind: np.full((len(EMOTIONS), len(BOARD_NAMES)), kind == "gain", np.float32) for kind in KINDS}
    with POSES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            emotion = EMOTIONS.index(row["emotion"])
            for side in SIDES if "*" in row["control"] else SIDES[:1]:
                control = BOARD_NAMES.index(row["control"].replace("*", side))
                tables[KINDS[KINDS.index(row["kind"])]][emotion, control] = float(row["value"])
    return Poses(**tables)


def compose(neutral: Array, emotion: Array, energy: Array) -> Array:
    """Neutral speech motion with emotions on it.

    neutral: float32 [..., N, 185], columns BOARD_NAMES, within the controls' ranges, FRAME_RATE_HZ.
    emotion: float32 [..., N, 6], 0..1, columns EMOTIONS.
    energy:  float32 [..., N], 0..1: 1 in loud speech, 0 in silence.
    Returns float32 [..., N, 185]. Emotion 0 gives `neutral` itself; more emotion never gives less of its pose.
    """
    poses, taken = read_poses(), _touched()
    guard, pause = _guards(neutral, energy)
    loud = energy.clip(0.0, 1.0)[..., None]
    rising, falling = _brow_shares(emotion)
    brows = _mask(neutral, BROWS)
    up, down = 1.0, 1.0  # what is left of the way to the high and to the low end
    for k, tendency in enumerate(_brow_tendencies()):
        share = rising if tendency >= 0 else falling
        pose = _on(neutral, poses.tonic[k, taken]) + loud * _on(neutral, poses.phasic[k, taken])
        pose = guard * pose + pause * _on(neutral, poses.rest[k, taken])
        amount = emotion[..., k : k + 1] * (1.0 - brows * (1.0 - share)) * pose
        up = up * (1.0 - amount.clip(0.0, 1.0))
        down = down * (1.0 - (-amount).clip(0.0, 1.0))
    low, high = _on(neutral, LOWS[taken]), _on(neutral, HIGHS[taken])
    before = neutral[..., taken]
    after = (before * (1.0 + emotion @ _on(neutral, poses.gain[:, taken] - 1.0))).clip(low, high)
    after = after + (1.0 - up) * (high - after)
    after = after - (1.0 - down) * (after - low)
    spread = np.eye(len(BOARD_NAMES), dtype=np.float32)[taken]
    return neutral + (after - before) @ _on(neutral, spread)


def opening(board: Array) -> Array:
    """How far the lips are apart in speech, in jaw units. board: [..., 185]. Returns [...], 0 when they meet."""
    lips = 0.4 * (_mean(board, PARTING[:1]) + _mean(board, PARTING[1:2])) + 0.3 * _mean(board, ROUNDING[2:])
    return (_mean(board, JAW) + lips) * (1.0 - _mean(board, LIPS_TOGETHER).clip(0.0, 1.0))


def _guards(neutral: Array, energy: Array) -> tuple[Array, Array]:
    """What the speech leaves to the emotions, [..., columns of _touched], and where nobody speaks, [..., 1]."""
    pause = 1.0 - _step(_window_mean(energy), PAUSE_BELOW, SPEECH_ABOVE)[..., None]
    apart = _step(opening(neutral), SEALED, PARTED)[..., None]
    left = 1.0
    for patterns in ROUNDING:
        left = left * (1.0 - _mean(neutral, (patterns,)).clip(0.0, 1.0))
    round_ = _step(1.0 - left, ROUND_FROM, ROUND_FULL)[..., None]
    speech = 1.0 - pause
    shut = speech * (1.0 - apart)
    guard = 1.0 - _mask(neutral, PARTING) * shut
    guard = guard * (1.0 - _mask(neutral, CORNERS) * (1.0 - (1.0 - ROUND_YIELD * round_) * (1.0 - SEAL_YIELD * shut)))
    guard = guard * (1.0 - _mask(neutral, PRESSING) * OPEN_YIELD * apart)
    for side in SIDES:
        blink, lid = (pattern.replace("?", side) for pattern in LIDS)
        closing = _mean(neutral, (blink,)).clip(0.0, 1.0)[..., None]
        guard = guard * (1.0 - _mask(neutral, (blink, lid)) * closing)
    return guard, pause


def _brow_shares(emotion: Array) -> tuple[Array, Array]:
    """Shares 0..1 that brow-raising and brow-lowering emotions keep, each [..., 1]: the stronger wins."""
    pull = emotion * _on(emotion, _brow_tendencies())
    up = pull.clip(0.0, 1.0).sum(-1)[..., None] ** 2
    down = (-pull).clip(0.0, 1.0).sum(-1)[..., None] ** 2
    return 1.0 - down / (up + down + 1e-4), 1.0 - up / (up + down + 1e-4)


@cache
def _brow_tendencies() -> np.ndarray:
    """How far each emotion raises (above 0) or lowers the brows. Returns float32 [6]."""
    tonic = read_poses().tonic.clip(0.0, 1.0)
    raising = tonic[:, _columns(("CTRL_?_brow_raise*",))].mean(axis=1)
    return (raising - tonic[:, _columns(("CTRL_?_brow_down.ty",))].mean(axis=1)).astype(np.float32)


def _window_mean(energy: Array) -> Array:
    """Mean over PAUSE_HALF frames either way, fewer at the ends. energy: [..., N]. Returns [..., N]."""
    length = energy.shape[-1]
    places = np.arange(length)
    first, last = np.maximum(places - PAUSE_HALF, 0), np.minimum(places + PAUSE_HALF, length - 1)
    sums = energy.clip(0.0, 1.0).cumsum(-1)
    total = sums[..., last] - sums[..., first] + energy.clip(0.0, 1.0)[..., first]
    return total / _on(energy, (last - first + 1).astype(np.float32))


def _step(values: Array, low: float, high: float) -> Array:
    """Smooth step from 0 at `low` to 1 at `high`."""
    t = ((values - low) / (high - low)).clip(0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def _mean(board: Array, patterns: tuple[str, ...]) -> Array:
    return board[..., _columns(patterns)].sum(-1) / len(_columns(patterns))


@cache
def _columns(patterns: tuple[str, ...]) -> np.ndarray:
    """Columns of the controls whose names fit one of the patterns, rising."""
    found = [k for k, name in enumerate(BOARD_NAMES) if any(fnmatchcase(name, pattern) for pattern in patterns)]
    return np.array(found, np.int64)


@cache
def _touched() -> np.ndarray:
    """Columns that any emotion moves, rising: a third of the board."""
    poses = read_poses()
    tables = np.concatenate([poses.tonic, poses.phasic, poses.rest, poses.gain - 1.0])
    return np.flatnonzero(tables.any(axis=0))


def _mask(like: Array, patterns: tuple[str, ...]) -> Array:
    """1 where one of the columns of _touched fits, 0 elsewhere: float32."""
    return _on(like, np.isin(_touched(), _columns(patterns)).astype(np.float32))


def _on(like: Array, constant: np.ndarray) -> Array:
    """A constant as the kind of array `like` is, where it lives."""
    return constant if isinstance(like, np.ndarray) else like.new_tensor(constant)
