"""A face solved picture by picture as it comes, with a filter whose lag is stated: for previews and recording live.

The first moments calibrate: who it is and the person's neutral are read from them, so they should be calm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..template.camera import first_pose, refined_pose
from ..template.files import head_template
from ..template.fit import Person, fit_identity, fitted_weights, views_of
from ..template.lids import BLINKS, lid_gaps
from ..template.marks import STEADY
from .blinks import SHUT_ELSE
from .neutral import in_head, neutral_face
from .response import undamped
from .smoothing import OneEuro
from .solve import BLINK_EAGERNESS, BLINK_HZ, CUTOFF_HZ, EAGERNESS
from .turns import head_angles

CALIBRATION = 25
"""Pictures before there is an answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One picture's answer: weights float32 [52], 0..1; head float32 [3], radians, from how it was held at first."""

    weights: np.ndarray
    head: np.ndarray


class LiveSolver:
    """Takes landmarks as they come. fps: of the pictures; size: width and height, pixels."""

    def __init__(self, fps: float, size: tuple[int, int]) -> None:
        self._size, self._early = size, []
        self._shapes = OneEuro(fps, CUTOFF_HZ, EAGERNESS)
        self._blinks = OneEuro(fps, BLINK_HZ, BLINK_EAGERNESS)
        self._person: Person | None = None

    @property
    def lag_s(self) -> float:
        """The lag of shapes at rest, seconds; those in motion have less, blinks a third."""
        return self._shapes.lag_s

    def step(self, landmarks: np.ndarray | None) -> Moment | None:
        """The next picture's landmarks [478, 3], or None where no face was found; None until calibrated.

        While the face is lost the last answer is given again.
        """
        if self._person is None:
            if landmarks is not None:
                self._early.append(landmarks)
            if len(self._early) >= CALIBRATION:
                self._calibrate(np.stack(self._early).astype(np.float64))
            return None
        if landmarks is not None:
            self._last = self._solved(landmarks[None, :, :2].astype(np.float64))
        return self._last

    def _calibrate(self, landmarks: np.ndarray) -> None:
        person = fit_identity(landmarks, self._size)
        template, pixels = head_template(), landmarks[..., :2]
        rest = template.at_landmarks(person.points).astype(np.float64)
        self._steady = np.where(np.isin(np.arange(len(rest)), STEADY), 1.0, 0.03)
        self._moves = template.at_landmarks(template.shapes * person.growth[:, None, None]).astype(np.float64)
        self._person, self._neutral = person, rest
        pose = self._pose(pixels)
        self._neutral = neutral_face(in_head(pixels, pose, rest, person.lens), pixels, rest)
        pose = self._pose(pixels)
        places = in_head(pixels, pose, self._neutral, person.lens)
        self._open = np.median(lid_gaps(places), axis=0)
        self._held = np.median(head_angles(pose), axis=0)
        self._last = Moment(np.zeros(len(self._moves), np.float32), np.zeros(3, np.float32))

    def _pose(self, pixels: np.ndarray) -> np.ndarray:
        rest = np.broadcast_to(self._neutral, (len(pixels), *self._neutral.shape))
        start = first_pose(rest, pixels, self._steady, self._person.lens)
        return refined_pose(start, rest, pixels, self._steady, self._person.lens, steps=4)

    def _solved(self, pixels: np.ndarray) -> Moment:
        lens, pose = self._person.lens, self._pose(pixels)
        weights = undamped(fitted_weights(self._neutral, self._moves, pose, views_of(pixels), lens))[0]
        gaps = lid_gaps(in_head(pixels, pose, self._neutral, lens))[0]
        shut = (0.92 * self._open - gaps) / (0.92 * self._open - SHUT_ELSE * self._open)
        calm = self._shapes.step(weights)
        calm = calm.copy()
        calm[list(BLINKS)] = self._blinks.step(np.clip(shut, 0, 1))
        turn = head_angles(pose)[0] - self._held
        return Moment(np.clip(calm, 0, 1).astype(np.float32), turn.astype(np.float32))
