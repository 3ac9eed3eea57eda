"""Landmark tracks to ARKit curves: the mouth of the demo head is fitted to the filmed mouth, frame by frame.

Each speaker has his own rest face; what the landmarks of lips, corners and chin move away from it (rigid head
motion taken out, in units of the outer-eye distance) is explained by the demo head's own shapes, in 0..1, by
regularised least squares. The label therefore means "on our head this looks like what was filmed".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..head import lips

# MediaPipe's landmark beside the base mesh's vertex. Both lip lines run from the person's right to his left.
_PAIRS: tuple[tuple[int, int], ...] = (
    (13, lips.LIP_INNER_UPPER[6]), (81, lips.LIP_INNER_UPPER[4]), (311, lips.LIP_INNER_UPPER[8]),
    (14, lips.LIP_INNER_LOWER[6]), (178, lips.LIP_INNER_LOWER[4]), (402, lips.LIP_INNER_LOWER[8]),
    (0, lips.LIP_OUTER_UPPER_MID), (17, lips.LIP_OUTER_LOWER_MID),
    (61, lips.MOUTH_CORNERS[0]), (291, lips.MOUTH_CORNERS[1]), (152, lips.CHIN),
)  # fmt: skip
LANDMARKS = np.array([pair[0] for pair in _PAIRS])
VERTICES = np.array([pair[1] for pair in _PAIRS])
# Depth comes from the tracker's guess, the other two axes from the picture.
_AXIS_WEIGHTS = np.array([1.0, 1.0, 0.35], np.float32)

RIGID_LANDMARKS = np.array([33, 133, 362, 263, 168, 6, 197, 195, 10, 151, 9, 127, 356, 234, 454])
EYE_CORNERS = (33, 263)
INNER_LIPS = (13, 14)

SOLVED: tuple[str, ...] = (
    "jawOpen", "jawLeft", "jawRight", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight",
    "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight",
)  # fmt: skip
"""The shapes that landmarks of lips and chin can tell apart."""

_STIFFNESS_ELSE = 0.04
_STIFFNESS: dict[str, float] = {
    "jawOpen": 0.02,
    # Two opposite or look-alike shapes could explain a tracker's noise together; these must earn their keep.
    "jawLeft": 0.15, "jawRight": 0.15, "mouthLeft": 0.15, "mouthRight": 0.15,
    "mouthShrugLower": 0.12, "mouthShrugUpper": 0.12, "mouthFrownLeft": 0.08, "mouthFrownRight": 0.08,
}  # fmt: skip
"""How strongly each shape is pulled to its prior, in outer-eye distances of lip motion."""

_TRACKER_KNOWS: tuple[str, ...] = ("jawOpen", "mouthPucker", "mouthFunnel", "mouthPressLeft", "mouthPressRight")
SCORE_NAMES: tuple[str, ...] = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker",
    "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft",
    "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
"""Order of the task file's 52 scores."""


@dataclass(frozen=True, slots=True)
class MouthBasis:
    """What each solved shape does to the paired points of the demo head.

    offsets: float32 [C, P, 3] in outer-eye distances, x to the person's left, y up, z forward; C = len(SOLVED).
    """

    offsets: np.ndarray


def mouth_basis(points: np.ndarray, shapes: dict[str, np.ndarray]) -> MouthBasis:
    """Read the basis off a head. points: [N, 3], base mesh, y up; shapes: ARKit name to offsets [N, 3]."""
    right, left = (points[corner] for corner in lips.EYE_OUTER_CORNERS)
    width = np.linalg.norm(right - left)
    return MouthBasis(np.stack([shapes[name][VERTICES] for name in SOLVED]).astype(np.float32) / width)


def filmed_opening(landmarks: np.ndarray) -> np.ndarray:
    """Inner-lip gap over outer-eye-corner distance. landmarks: [T, 478, 3]. Returns [T]."""
    upper, lower = (landmarks[:, i, :2] for i in INNER_LIPS)
    right, left = (landmarks[:, i] for i in EYE_CORNERS)
    return np.linalg.norm(upper - lower, axis=1) / np.linalg.norm(right - left, axis=1)


def steady(landmarks: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Take rigid head motion and size out of a track.

    landmarks: [T, 478, 3] as the tracker gives them; reference: [R, 3], where RIGID_LANDMARKS should lie.
    Returns [T, 478, 3] in the reference's frame. Source: Umeyama 1991, similarity by singular values.
    """
    rigid = landmarks[:, RIGID_LANDMARKS]
    centre, goal = rigid.mean(axis=1, keepdims=True), reference.mean(axis=0)
    covariance = np.einsum("tri,rj->tij", rigid - centre, reference - goal)
    u, s, vt = np.linalg.svd(covariance)
    flip = np.sign(np.linalg.det(u @ vt))
    u[:, :, 2] *= flip[:, None]
    s[:, 2] *= flip
    size = s.sum(axis=1) / np.square(rigid - centre).sum(axis=(1, 2))
    return (landmarks - centre) @ (u @ vt) * size[:, None, None] + goal


def rest_face(tracks: list[np.ndarray]) -> np.ndarray:
    """A speaker's closed, quiet face from his tracks, [478, 3]: x to his left, y up, z forward, eyes 1 apart."""
    landmarks = np.concatenate(tracks) * np.array([1, -1, -1], np.float32)
    first = landmarks[0] / np.linalg.norm(landmarks[0, EYE_CORNERS[0]] - landmarks[0, EYE_CORNERS[1]])
    still = steady(landmarks, first[RIGID_LANDMARKS])
    opening = filmed_opening(still)
    rest = np.median(still[opening <= np.quantile(opening, 0.2)], axis=0)
    return (rest / np.linalg.norm(rest[EYE_CORNERS[0]] - rest[EYE_CORNERS[1]])).astype(np.float32)


def solve_curves(landmarks: np.ndarray, scores: np.ndarray, rest: np.ndarray, basis: MouthBasis) -> np.ndarray:
    """Fit the demo head's mouth to a filmed one.

    landmarks: float32 [T, 478, 3] and scores: float32 [T, 52] of one track; rest: that speaker's rest_face.
    Returns float32 [T, 24] in 0..1, columns SOLVED.
    """
    still = steady(landmarks * np.array([1, -1, -1], np.float32), rest[RIGID_LANDMARKS])
    moved = (still - rest)[:, LANDMARKS] * _AXIS_WEIGHTS
    system = (basis.offsets * _AXIS_WEIGHTS).reshape(len(SOLVED), -1)  # [C, 3P]
    prior = np.zeros((len(scores), len(SOLVED)), np.float32)
    for name in _TRACKER_KNOWS:
        prior[:, SOLVED.index(name)] = scores[:, SCORE_NAMES.index(name)] * 0.6
    pull = np.array([_STIFFNESS.get(name, _STIFFNESS_ELSE) ** 2 for name in SOLVED], np.float32)
    gram = system @ system.T + np.diag(pull)
    goal = moved.reshape(len(moved), -1) @ system.T + prior * pull
    return _bounded_least_squares(gram, goal)


def _bounded_least_squares(gram: np.ndarray, goal: np.ndarray, steps: int = 400) -> np.ndarray:
    """Minimise w gram w / 2 - goal w over 0 <= w <= 1 for each row. Source: Beck & Teboulle 2009 (FISTA)."""
    rate = 1.0 / np.linalg.norm(gram, 2)
    weights = momentum = np.zeros_like(goal)
    pace = 1.0
    for _ in range(steps):
        before = weights
        weights = np.clip(momentum - rate * (momentum @ gram - goal), 0.0, 1.0)
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        momentum = weights + (pace - 1) / faster * (weights - before)
        pace = faster
    return weights.astype(np.float32)


_PAIRED = ("mouthSmile", "mouthFrown", "mouthStretch", "mouthPress", "mouthLowerDown", "mouthUpperUp")
_SIDEWAYS = ("jaw", "mouth")


def without_tics(clips: list[np.ndarray]) -> list[np.ndarray]:
    """Take one speaker's own lopsidedness out of his curves, so that no character inherits it.

    clips: float32 [T, 24] each, columns SOLVED. Left and right twins get their mean; sideways shapes lose their median.
    """
    curves = np.concatenate(clips)
    for name in _PAIRED:
        pair = [SOLVED.index(f"{name}{side}") for side in ("Left", "Right")]
        curves[:, pair] = curves[:, pair].mean(axis=1, keepdims=True)
    for name in _SIDEWAYS:
        pair = [SOLVED.index(f"{name}{side}") for side in ("Left", "Right")]
        curves[:, pair] = np.maximum(curves[:, pair] - np.median(curves[:, pair], axis=0), 0.0)
    return np.split(curves, np.cumsum([len(clip) for clip in clips])[:-1])
