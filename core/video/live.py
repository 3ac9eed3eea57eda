"""A face solved picture by picture as it comes, with a filter whose lag is stated: for previews and recording live.

The first moments calibrate: who it is and the person's neutral are read from them, so they should be calm. calibrate()
reads the neutral anew while answers go on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..template.camera import first_pose, moved, refined_pose
from ..template.files import head_template
from ..template.fit import Person, fit_identity, fitted_weights, views_of
from ..template.lids import BLINKS, lid_gaps
from ..template.marks import STEADY, landmark_weights
from .blinks import GAZE_SHARE, SHUT_ELSE
from .gaps import BRIDGED_S, FADE_S
from .neutral import in_head, lip_opening, neutral_face
from .reading import motions, shipped_reader
from .smoothing import OneEuro
from .solve import BLINK_EAGERNESS, BLINK_HZ, CUTOFF_HZ, DOWNS, EAGERNESS, LOOKS
from .trust import AWAY, TURNED, USUAL_ERROR
from .turns import head_angles

CALIBRATION, FITTED = 25, 8
"""Pictures before there is an answer, and how many of them tell who it is: more would take longer than people wait."""
SMOOTHINGS = {"quick": 2.0, "usual": 1.0, "calm": 0.5}
"""By how much each choice raises the filter's cutoff, and so divides its lag."""
HEAD_HZ, HEAD_EAGERNESS = 3.0, 12.0
"""The head's filter, radians."""
LIPS_MOVED, HEAD_MOVED = 0.1, 0.3
"""What is no calm second: lips that open by so much of the mouth's width, a nose that goes so far over the eyes'
distance. A talking man's every second but one was beyond the first."""
NOSE = 1
SHUT = 0.55
"""An eye shut further hides where it looks, so the gaze of before holds."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One picture's answer.

    weights: float32 [52], 0..1; head: float32 [3], radians, from how it was held while calibrating.
    confidence: 0..1, by how well the template explains the landmarks and how far the face is turned away; 0: not seen.
    """

    weights: np.ndarray
    head: np.ndarray
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class _Calm:
    """What calibration read: the person's lens and shapes [52, 478, 3], neutral [478, 3], open lids [2], head held [3].

    moves: metres, as the landmarks go with each shape. usual: what landmarks missed, over the eyes' distance.
    """

    person: Person
    moves: np.ndarray
    neutral: np.ndarray
    open: np.ndarray
    held: np.ndarray
    usual: float


class LiveSolver:
    """Takes landmarks as they come. fps: of the pictures; size: width and height, pixels; smoothing: of SMOOTHINGS.

    restless: whether the face was not calm while it was calibrated, so that it had better be calibrated again.
    """

    def __init__(self, fps: float, size: tuple[int, int], smoothing: str = "usual") -> None:
        quick = SMOOTHINGS[smoothing]
        self._size, self._period_s = size, 1 / fps
        self._shapes = OneEuro(fps, quick * CUTOFF_HZ, quick * EAGERNESS)
        self._blinks = OneEuro(fps, quick * BLINK_HZ, quick * BLINK_EAGERNESS)
        self._turn = OneEuro(fps, quick * HEAD_HZ, quick * HEAD_EAGERNESS)
        self._early: list[np.ndarray] | None = []
        self._calm: _Calm | None = None
        self._looks: np.ndarray | None = None
        self._pose: np.ndarray | None = None
        self._lost_s, self._deepest = 0.0, np.inf
        self.restless = False

    @property
    def lag_s(self) -> float:
        """The lag of shapes at rest, seconds; those in motion have less, blinks a third."""
        return self._shapes.lag_s

    @property
    def calibrated(self) -> float:
        """How far calibrating is, 0..1; 1 while it does not."""
        return 1.0 if self._early is None else len(self._early) / CALIBRATION

    def calibrate(self) -> None:
        """Read the person's neutral anew from the next pictures; answers go on as before until it is there."""
        self._early = []

    def step(self, landmarks: np.ndarray | None, elapsed_s: float = 0.0) -> Moment | None:
        """The next picture's landmarks [478, 3], or None where no face was found; None until calibrated.

        elapsed_s: since the picture before, 0 for what fps says. While the face is lost the last answer is held, and
        comes to rest after BRIDGED_S within FADE_S.
        """
        elapsed_s = elapsed_s if elapsed_s > 0 else self._period_s
        if landmarks is not None and self._early is not None:
            self._early.append(landmarks)
            if len(self._early) >= CALIBRATION:
                self._settle(np.stack(self._early).astype(np.float64))
                self._early = None
                if self._looks is None:
                    self._last = Moment(np.zeros(len(self._calm.moves), np.float32), np.zeros(3, np.float32))
                    self._looks = np.zeros(len(LOOKS))
                    return None
        if self._calm is None:
            return None
        if landmarks is None:
            return self._unseen(elapsed_s)
        self._lost_s = 0.0
        self._last = self._solved(landmarks[None, :, :2].astype(np.float64), elapsed_s)
        return self._last

    def _unseen(self, elapsed_s: float) -> Moment:
        self._pose = None
        self._lost_s += elapsed_s
        left = float(np.clip(1 - (self._lost_s - BRIDGED_S) / FADE_S, 0, 1))
        return Moment(self._last.weights * np.float32(left), self._last.head * np.float32(left), 0.0)

    def _settle(self, landmarks: np.ndarray) -> None:
        """Read what is calm from landmarks [T, 478, 3]; who it is, only the first time."""
        template, pixels = head_template(), landmarks[..., :2]
        self.restless = _moved(pixels)
        person = self._calm.person if self._calm else fit_identity(landmarks[:: CALIBRATION // FITTED], self._size)
        rest = template.at_landmarks(person.points).astype(np.float64)
        moves = template.at_landmarks(template.shapes * person.growth[:, None, None]).astype(np.float64)
        calm = _Calm(person, moves, rest, np.ones(2), np.zeros(3), USUAL_ERROR)
        pose = _posed(calm, pixels)
        calm = _Calm(person, moves, neutral_face(in_head(pixels, pose, rest, person.lens), pixels, rest), *_RESTING)
        pose = _posed(calm, pixels)
        gaps = np.median(lid_gaps(in_head(pixels, pose, calm.neutral, person.lens)), axis=0)
        weights = fitted_weights(calm.neutral, moves, pose, views_of(pixels), person.lens)
        usual = max(float(np.median(_missed(calm, pose, weights, pixels))), USUAL_ERROR)
        self._calm = _Calm(person, moves, calm.neutral, gaps, np.median(head_angles(pose), axis=0), usual)
        self._pose, self._deepest = None, np.inf

    def _solved(self, pixels: np.ndarray, elapsed_s: float) -> Moment:
        """The answer to one picture's landmarks, [1, 478, 2]."""
        calm, views = self._calm, views_of(pixels)
        lens = calm.person.lens
        pose = _posed(calm, pixels, self._pose)
        fitted = fitted_weights(calm.neutral, calm.moves, pose, views, lens)
        posed = calm.neutral + np.einsum("tc,cld->tld", fitted, calm.moves)
        pose = refined_pose(pose, posed, pixels, landmark_weights() + _steady(), lens, steps=2)
        fitted = fitted_weights(calm.neutral, calm.moves, pose, views, lens)
        self._pose = pose
        turn = head_angles(pose)
        weights = shipped_reader().read(motions(pixels, pose, calm.neutral, lens), turn, fitted)[0]
        shut = self._shut(lid_gaps(in_head(pixels, pose, calm.neutral, lens))[0], weights)
        if shut.max() < SHUT:
            self._looks = weights[list(LOOKS)]
        weights[list(LOOKS)] = self._looks
        made = self._shapes.step(weights, elapsed_s).copy()
        made[list(BLINKS)] = self._blinks.step(shut, elapsed_s)
        turn = turn[0]
        facing = float(np.clip((AWAY - np.degrees(abs(turn[0]))) / (AWAY - TURNED), 0, 1))
        over = max(float(_missed(calm, pose, fitted, pixels)[0]) / calm.usual - 2, 0)
        head = self._turn.step(turn - calm.held, elapsed_s)
        return Moment(
            np.clip(made, 0, 1).astype(np.float32), head.astype(np.float32), float(np.exp(-(over**2))) * facing
        )

    def _shut(self, gaps: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """How shut each eye is, 0..1 [2], between the person's open eye and what shut is; see blinks.shut."""
        wide = self._calm.open
        self._deepest = min(self._deepest, float((gaps / np.maximum(wide, 1e-6)).max()))
        low = np.clip(self._deepest, SHUT_LEAST, SHUT_ELSE) * wide
        lowered = wide - GAZE_SHARE * np.clip(weights[list(DOWNS)], 0, 1) * (wide - low)
        return np.clip(((lowered - gaps) / np.maximum(lowered - low, 1e-6) - 0.08) / 0.87, 0, 1)


SHUT_LEAST = 0.1
"""No shut eye's gap is taken for less of the open one's than this: a slip of the tracker would make blinks shallow."""
_RESTING = (np.ones(2), np.zeros(3), USUAL_ERROR)


def _moved(pixels: np.ndarray) -> bool:
    """Whether lips or head moved much in a moment, [T, 478, 2]."""
    low, high = np.quantile(lip_opening(pixels), (0.1, 0.9))
    way = np.linalg.norm(np.ptp(pixels[:, NOSE], axis=0)) / np.median(views_of(pixels).eyes)
    return bool(high - low > LIPS_MOVED or way > HEAD_MOVED)


def _steady() -> np.ndarray:
    """What a pose goes by, [478]: the parts of a face that do not move."""
    return np.where(np.isin(np.arange(len(landmark_weights())), STEADY), 1.0, 0.03)


def _posed(calm: _Calm, pixels: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
    """Poses [T, 4, 4] of the neutral face on pixels [T, 478, 2]; start: the poses of the moment before."""
    steady, lens = _steady(), calm.person.lens
    whole = np.broadcast_to(calm.neutral, (len(pixels), *calm.neutral.shape))
    if start is None:
        return refined_pose(first_pose(whole, pixels, steady, lens), whole, pixels, steady, lens, steps=4)
    return refined_pose(start, whole, pixels, steady, lens, steps=2)


def _missed(calm: _Calm, pose: np.ndarray, weights: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """What landmarks are off from the posed face, over the distance of the outer eye corners, [T]."""
    trust = landmark_weights()
    posed = calm.neutral + np.einsum("tc,cld->tld", weights, calm.moves)
    off = np.square(pixels - calm.person.lens.pixels(moved(pose, posed))).sum(-1)
    return np.sqrt(off @ trust / trust.sum()) / views_of(pixels).eyes
