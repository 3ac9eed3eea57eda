"""ARKit's shapes in FLAME's expression space, for a user who has FLAME's files.

The demo woman's landmarks tell what each ARKit shape does to a face; MediaPipe's embedding tells where the same
landmarks are on FLAME. After the rest faces are laid over each other and the jaw joint has done its part, the
coefficients are those that most probably moved the landmarks so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import RigError
from .arkit import ARKIT_52
from .face_landmarks import read_motion
from .flame import jaw_pose
from .flame_file import JAW, Embedding, FlameModel, read_embedding, read_model
from .mapping import arkit_to_board

LANDMARK_NOISE = 0.016
"""How well a landmark is the same place on both heads, in outer-eye distances: the median of the rendering test."""
PRIOR_SPREAD = 2.0
"""FLAME's coefficients are standard deviations; a full ARKit shape is a strong face."""
LEAST_LANDMARKS = 20


@dataclass(frozen=True, slots=True)
class FlameExpression:
    """The bridge.

    coefficients: float32 [52, 100], FLAME expression of each ARKit shape at 1; zero for the gaze shapes.
    explained:    share of each shape's landmark motion that jaw and expression carry together; 1 for a shape that
                  moves no landmark.
    """

    coefficients: np.ndarray
    explained: dict[str, float]


def fit_expression(model: Path, embedding: Path) -> FlameExpression:
    """Fit FLAME's expressions to the ARKit shapes of our demo head.

    model: the user's FLAME file, .pkl or .npz; embedding: its mediapipe_landmark_embedding.npz.
    Minimises |B e - d|^2 / noise^2 + |e|^2 / spread^2 for each shape: d its landmark motion less what the jaw joint
    does, B FLAME's expression basis at the landmarks.
    Raises RigError when a file cannot be read or shares fewer than twenty landmarks with our head.
    """
    flame, places = read_model(model), read_embedding(embedding)
    if places.faces.min(initial=0) < 0 or places.faces.max(initial=0) >= len(flame.faces):
        raise RigError("The embedding names triangles that the FLAME model lacks; take the two files of one version.")
    ours = read_motion()
    common, here, there = np.intersect1d(ours.ids, places.ids, return_indices=True)
    if len(common) < LEAST_LANDMARKS:
        raise RigError(f"The embedding shares {len(common)} landmarks with our head; {LEAST_LANDMARKS} are needed.")
    places = Embedding(places.ids[there], places.faces[there], places.weights[there])
    size, turn = _laid_over(ours.rest[here].astype(np.float64), _on(flame, places, flame.template))
    goal = size * ours.motion[:, here].astype(np.float64) @ turn
    jaw = np.stack([_jaw_motion(flame, places, vector) for vector in _jaw_vectors()])
    basis = _on(flame, places, flame.expression).reshape(-1, flame.expression.shape[2])
    wanted = (goal - jaw).reshape(len(ARKIT_52), -1)
    stiffness = (LANDMARK_NOISE * size / PRIOR_SPREAD) ** 2
    normal = basis.T @ basis + stiffness * np.eye(basis.shape[1])
    found = np.linalg.solve(normal, basis.T @ wanted.T).T
    found[[name.startswith("eyeLook") for name in ARKIT_52]] = 0  # The eye joints turn the eyes; lids may stay.
    left = np.square(wanted - found @ basis.T).sum(1)
    moved = np.square(goal).sum((1, 2))
    shares = np.where(moved > 1e-12, 1 - left / np.maximum(moved, 1e-12), 1.0)
    return FlameExpression(found.astype(np.float32), dict(zip(ARKIT_52, shares.tolist(), strict=True)))


def _on(flame: FlameModel, places: Embedding, values: np.ndarray) -> np.ndarray:
    """Vertex values [V, ...] at the landmarks, [L, ...]."""
    return np.einsum("lk,lk...->l...", places.weights, values[flame.faces[places.faces]])


def _laid_over(ours: np.ndarray, theirs: np.ndarray) -> tuple[float, np.ndarray]:
    """Size and rotation [3, 3] (rows times it) that lay our landmarks [L, 3] over FLAME's.

    Source: Umeyama 1991, similarity by singular values.
    """
    ours, theirs = ours - ours.mean(0), theirs - theirs.mean(0)
    u, s, vt = np.linalg.svd(ours.T @ theirs)
    flip = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    return float((s * flip).sum() / np.square(ours).sum()), (u * flip) @ vt


def _jaw_vectors() -> np.ndarray:
    """The jaw joint's axis-angle at each ARKit shape, [52, 3]."""
    return jaw_pose(arkit_to_board(np.eye(len(ARKIT_52), dtype=np.float32)))


def _jaw_motion(flame: FlameModel, places: Embedding, vector: np.ndarray) -> np.ndarray:
    """What a turn of the jaw joint does to the landmarks, [L, 3]: corrections, then linear blend skinning."""
    turn = _matrix(vector)
    corrections = flame.pose[:, :, 9 * (JAW - 1) : 9 * JAW] @ (turn - np.eye(3)).ravel()
    points = flame.template + corrections
    turned = (points - flame.jaw) @ turn.T + flame.jaw
    moved = points + flame.jaw_weight[:, None] * (turned - points)
    return _on(flame, places, moved - flame.template)


def _matrix(vector: np.ndarray) -> np.ndarray:
    """Rotation matrix of an axis-angle vector [3] (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
