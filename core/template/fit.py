"""Who is in one or many pictures: camera, pose, identity and expression from MediaPipe's landmarks, then a snap.

Everything is NumPy. Unknowns are solved in turn, each by least squares with the others held: poses (Gauss-Newton),
ARKit weights (bounded), identity components (ridge, one standard deviation each), the focal length (a search).
Source of the alternation: Cao et al. 2014, FaceWarehouse, section 4, with our own template.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import SettingError
from ..rig.arkit import ARKIT_52
from ..splat.head import Template
from .camera import Lens, first_pose, moved, refined_pose
from .files import head_template
from .lids import blink_growth
from .marks import OUTER_EYES, landmark_weights
from .snap import snapped
from .types import HeadTemplate
from .weights import solved_weights, stiffness

ROUNDS = 6
TYPICAL_FOCAL, FOCAL_SPREAD = 2.2, 0.35
"""Focal length expected, over the picture's longer side, and the spread of its logarithm: talking heads are cut out of
pictures taken with longer lenses."""
FOCAL_STEPS = (-0.25, 0.0, 0.25)
NOISE = 0.012
"""A landmark's error to expect, over the distance of the outer eye corners."""
LANDMARKS = 478


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """What was found.

    identity: float32 [K], standard deviations. points: float32 [V, 3], the resting mesh, snapped to the landmarks.
    growth: float32 [52], what each shape is scaled by on this face.
    lens: the camera. pose: float32 [T, 4, 4], template metres to camera. weights: float32 [T, 52], the expression.
    error: root mean square of what landmarks are off after the fit, over the distance of the outer eye corners, [T].
    """

    identity: np.ndarray
    points: np.ndarray
    growth: np.ndarray
    lens: Lens
    pose: np.ndarray
    weights: np.ndarray
    error: np.ndarray

    @property
    def template(self) -> Template:
        """The person at rest as a mesh that carries splats."""
        return head_template().mesh(self.points, self.growth)

    def posed(self, frame: int) -> np.ndarray:
        """The mesh of a frame with its expression, before the pose; float32 [V, 3]."""
        shapes = head_template().shapes
        return self.points + np.tensordot(self.weights[frame] * self.growth, shapes, 1).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """What a fit is made to: landmarks float64 [T, 478, 2], pixels; their weights [478]; eye distance [T], pixels."""

    pixels: np.ndarray
    weights: np.ndarray
    eyes: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Where a fit stands; as Person, with only what is solved for."""

    identity: np.ndarray
    lens: Lens
    pose: np.ndarray
    weights: np.ndarray


def fit_identity(landmarks: np.ndarray, size: tuple[int, int], focal: float | None = None) -> Person:
    """Fit the template to one or many pictures of one person by one camera.

    landmarks: [T, 478, 2 or 3], pixels from the upper left corner (depth is not used); size: width, height;
    focal: pixels, if known. A few dozen frames are enough. Raises SettingError for landmarks that cannot be a face.
    """
    views = views_of(landmarks)
    template = head_template()
    lens = Lens(float(focal or TYPICAL_FOCAL * max(size)), (size[0] / 2, size[1] / 2))
    count = len(views.pixels)
    rest = np.repeat(template.at_landmarks(template.points)[None], count, 0).astype(np.float64)
    pose = first_pose(rest, views.pixels, views.weights, lens)
    state = State(np.zeros(len(template.basis)), lens, pose, np.zeros((count, len(ARKIT_52))))
    for step in range(ROUNDS):
        state = _expressed(template, _posed(template, state, views), views)
        state = _identified(template, state, views)
        if focal is None and step % 2:
            state = _refocused(template, state, views, max(size))
    state = _expressed(template, _posed(template, state, views), views)
    return _person(template, state, views)


def views_of(landmarks: np.ndarray) -> Views:
    """Check landmarks [T, 478, 2 or 3], pixels, and measure the eyes. Raises SettingError for what is no face."""
    if landmarks.ndim != 3 or landmarks.shape[1] != LANDMARKS or not len(landmarks):
        raise SettingError(f"Landmarks must be [T, {LANDMARKS}, 2], but are {list(landmarks.shape)}.")
    pixels = landmarks[..., :2].astype(np.float64)
    right, left = (pixels[:, eye] for eye in OUTER_EYES)
    top, chin = pixels[:, 10], pixels[:, 152]
    eyes = np.maximum(np.linalg.norm(right - left, axis=1), 0.5 * np.linalg.norm(top - chin, axis=1))
    if not np.isfinite(pixels).all() or eyes.min() < 4:
        raise SettingError("The landmarks are no face: its eyes are less than four pixels apart.")
    return Views(pixels, landmark_weights(), eyes)


def _points(template: HeadTemplate, state: State) -> np.ndarray:
    """Landmarks in the head's space, float64 [T, L, 3]."""
    rest = template.at_landmarks(template.shaped(state.identity))
    return rest + np.einsum("tc,cld->tld", state.weights, template.at_landmarks(template.shapes))


def _posed(template: HeadTemplate, state: State, views: Views) -> State:
    pose = refined_pose(state.pose, _points(template, state), views.pixels, views.weights, state.lens)
    return replace(state, pose=pose)


def _expressed(template: HeadTemplate, state: State, views: Views) -> State:
    rest = template.at_landmarks(template.shaped(state.identity)).astype(np.float64)
    weights = fitted_weights(rest, template.at_landmarks(template.shapes), state.pose, views, state.lens)
    return replace(state, weights=weights)


def fitted_weights(rest: np.ndarray, shapes: np.ndarray, pose: np.ndarray, views: Views, lens: Lens) -> np.ndarray:
    """The expression of every frame under given poses, float64 [T, 52].

    rest: [L, 3], the person's resting landmarks; shapes: [52, L, 3].
    """
    place = moved(pose, rest)
    slopes = lens.slopes(place) @ pose[:, None, :3, :3] / views.eyes[:, None, None, None]  # [T, L, 2, 3]
    miss = (views.pixels - lens.pixels(place)) / views.eyes[:, None, None]
    moves = np.einsum("tlxd,cld->tclx", slopes, shapes)  # [T, 52, L, 2]
    flat = moves.reshape(*moves.shape[:2], -1)
    weighed = flat * np.repeat(views.weights, 2)
    gram = weighed @ np.swapaxes(flat, 1, 2) + np.diag(10 * stiffness() ** 2)
    return solved_weights(gram, np.einsum("tcn,tn->tc", weighed, miss.reshape(len(miss), -1)))


def _identified(template: HeadTemplate, state: State, views: Views) -> State:
    basis = template.at_landmarks(template.basis)  # [K, L, 3]
    place = moved(state.pose, _points(template, state))
    slopes = state.lens.slopes(place) @ state.pose[:, None, :3, :3] / views.eyes[:, None, None, None]
    miss = (views.pixels - state.lens.pixels(place)) / views.eyes[:, None, None]
    # Sums over frames first: they all see the same person.
    square = np.einsum("tlxi,tlxj->lij", slopes, slopes) * views.weights[:, None, None] / len(place)
    pull = np.einsum("tlxi,tlx->li", slopes, miss) * views.weights[:, None] / len(place)
    gram = np.einsum("kli,lij,mlj->km", basis, square, basis, optimize=True)
    goal = np.einsum("kli,li->k", basis, pull) + gram @ state.identity
    spread = NOISE**2 * views.weights.sum() / 40
    identity = np.linalg.solve(gram + spread * np.eye(len(basis)), goal)
    return replace(state, identity=np.clip(identity, -3.5, 3.5))


def _refocused(template: HeadTemplate, state: State, views: Views, side: int) -> State:
    """Try longer and shorter lenses, the head moved so that it stays as large, and take the best of a parabola."""
    costs = []
    for step in FOCAL_STEPS:
        tried = _zoomed(template, state, views, float(np.exp(step)))
        place = moved(tried.pose, _points(template, tried))
        miss = (views.pixels - tried.lens.pixels(place)) / views.eyes[:, None, None]
        away = np.log(tried.lens.focal / (TYPICAL_FOCAL * side)) / FOCAL_SPREAD
        costs.append((np.square(miss).sum(-1) @ views.weights).mean() / (NOISE**2 * 40) + away**2)
    a, b, c = costs
    bend = a - 2 * b + c
    best = (
        FOCAL_STEPS[2] * float(np.clip(0.5 * (a - c) / bend, -1, 1)) if bend > 0 else FOCAL_STEPS[int(np.argmin(costs))]
    )
    return _zoomed(template, state, views, float(np.exp(best)))


def _zoomed(template: HeadTemplate, state: State, views: Views, factor: float) -> State:
    pose = state.pose.copy()
    pose[:, :3, 3] *= (1, 1, factor)
    lens = replace(state.lens, focal=state.lens.focal * factor)
    return _posed(template, replace(state, lens=lens, pose=pose), views)


def _person(template: HeadTemplate, state: State, views: Views) -> Person:
    place = moved(state.pose, _points(template, state))
    slopes = state.lens.slopes(place) @ state.pose[:, None, :3, :3]
    miss = views.pixels - state.lens.pixels(place)
    points = snapped(template, template.shaped(state.identity), (slopes, miss, views.eyes))
    error = np.sqrt((np.square(miss).sum(-1) @ views.weights) / views.weights.sum()) / views.eyes
    return Person(
        state.identity.astype(np.float32),
        points,
        blink_growth(template, points),
        state.lens,
        state.pose.astype(np.float32),
        state.weights.astype(np.float32),
        error.astype(np.float32),
    )
