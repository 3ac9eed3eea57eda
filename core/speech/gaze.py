"""Where the eyes look: fixations on the listener with small, fast jumps between them."""

from __future__ import annotations

import numpy as np

FULL_LOOK_RAD = np.radians(30.0)
"""What an eyeLook shape of 1.0 turns the eye; ARKit's own range is about that."""
FIXATION_S = (0.5, 2.8)
JUMP_S = 0.05
SPREAD_RAD = np.radians((2.6, 1.5))  # yaw, pitch of the fixation points about the listener's face
AWAY_SHARE = 0.12
AWAY_RAD = np.radians((9.0, 5.0))
"""Now and then a speaker looks away to think (Lee, Badler & Badler 2002, "Eyes Alive")."""


def gaze_path(times: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Direction of both eyes, radians [T, 2]: yaw to the character's left, pitch up. times: seconds [T]."""
    duration_s = float(times[-1]) + 1.0
    count = int(duration_s / FIXATION_S[0]) + 2
    starts = np.cumsum(rng.uniform(*FIXATION_S, count))
    starts = starts[starts < duration_s]
    spread = np.where(rng.random((len(starts), 1)) < AWAY_SHARE, AWAY_RAD, SPREAD_RAD)
    targets = np.concatenate([np.zeros((1, 2)), rng.normal(0.0, 1.0, (len(starts), 2)).clip(-2, 2) * spread])
    knots = np.concatenate([[0.0], np.stack([starts, starts + JUMP_S], axis=1).ravel()])
    held = np.concatenate([targets[:1], np.stack([targets[:-1], targets[1:]], axis=1).reshape(-1, 2)])
    return np.stack([np.interp(times, knots, held[:, axis]) for axis in range(2)], axis=1)


def look_shapes(path: np.ndarray) -> dict[str, np.ndarray]:
    """The eight eyeLook shapes of a gaze path. path: radians [T, 2]. Returns float32 [T] each, 0..1."""
    yaw, pitch = (path[:, axis] / FULL_LOOK_RAD for axis in range(2))
    halves = {
        "eyeLookOutLeft": yaw, "eyeLookInRight": yaw, "eyeLookInLeft": -yaw, "eyeLookOutRight": -yaw,
        "eyeLookUpLeft": pitch, "eyeLookUpRight": pitch, "eyeLookDownLeft": -pitch, "eyeLookDownRight": -pitch,
    }  # fmt: skip
    return {name: np.clip(half, 0.0, 1.0).astype(np.float32) for name, half in halves.items()}
