"""A live session: from a camera's newest picture to the face it shows, again and again, until somebody stops it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import SettingError
from ..live_lines import CALIBRATE, STOP, LiveMoment
from .camera import Camera, CameraWish, Rate, Shot
from .faces import FaceFollower
from .live import SMOOTHINGS, LiveSolver

PREVIEW = (160, 120)
"""The largest width and height of a preview picture, pixels."""
PREVIEW_S = 0.12
PATIENCE_S = 0.25
"""How long a picture is waited for before it is asked again whether to go on."""
SEEN, LOST, CALIBRATING = (90, 230, 120), (240, 90, 70), (250, 200, 70)
"""Colours of a preview's landmarks and frame, RGB."""


@dataclass(frozen=True, slots=True)
class LiveWish:
    """camera: what to look at; smoothing: one of core.video.live.SMOOTHINGS; preview: whether pictures are wanted."""

    camera: CameraWish
    smoothing: str = "usual"
    preview: bool = False

    def __post_init__(self) -> None:
        if self.smoothing not in SMOOTHINGS:
            choices = ", ".join(SMOOTHINGS)
            raise SettingError(f'There is no smoothing "{self.smoothing}"; choose one of {choices}.')


def watched(wish: LiveWish, asked: Callable[[], str]) -> Iterator[LiveMoment]:
    """What a camera shows of a face, moment by moment, until a film is over or STOP is asked.

    asked: gives what was asked since the last time, CALIBRATE or STOP, or "". Raises FormatError, in a sentence, for a
    camera that is not there, gives no picture, or is gone.
    """
    with Camera(wish.camera) as camera, FaceFollower() as follower:
        camera.start()
        watcher = _Watcher(wish, camera, follower)
        while (word := asked()) != STOP:
            if word == CALIBRATE:
                watcher.calibrate()
            shot = camera.newest(PATIENCE_S)
            if shot is not None:
                yield watcher.seen(shot)
            elif camera.ended:
                return


class _Watcher:
    """What lasts from picture to picture."""

    def __init__(self, wish: LiveWish, camera: Camera, follower: FaceFollower) -> None:
        self._wish, self._camera, self._follower = wish, camera, follower
        self._solver: LiveSolver | None = None
        self._before_s, self._shown_s = 0.0, float("-inf")
        self._rate = Rate()

    def calibrate(self) -> None:
        """Begin anew with the person's neutral."""
        if self._solver:
            self._solver.calibrate()

    def seen(self, shot: Shot) -> LiveMoment:
        """The answer to a picture."""
        asked_s = time.time()
        height, width = shot.image.shape[:2]
        if self._solver is None:
            self._solver = LiveSolver(self._camera.fps, (width, height), self._wish.smoothing)
        found = self._follower.find(shot.image)
        made = self._solver.step(found, shot.seconds - self._before_s)
        self._before_s = shot.seconds
        now_s = time.time()
        taken_s = self._camera.began + shot.seconds if self._camera.paced else asked_s
        return LiveMoment(
            seconds=shot.seconds,
            began=self._camera.began,
            weights=made.weights if made else None,
            head=made.head if made else None,
            confidence=made.confidence if made else 0.0,
            seen=found is not None,
            calibrated=self._solver.calibrated,
            restless=self._solver.restless,
            fps=self._rate.note(time.monotonic()),
            camera_fps=self._camera.fps,
            dropped=self._camera.dropped,
            lag_s=max(now_s - taken_s, 0.0),
            filter_s=self._solver.lag_s,
            preview=self._preview(shot.image, found),
        )

    def _preview(self, image: np.ndarray, found: np.ndarray | None) -> np.ndarray | None:
        now_s = time.monotonic()
        if not self._wish.preview or now_s - self._shown_s < PREVIEW_S:
            return None
        self._shown_s = now_s
        return preview_of(image, found, self._solver.calibrated < 1)


def preview_of(image: np.ndarray, found: np.ndarray | None, calibrating: bool) -> np.ndarray:
    """A small picture, uint8 [h, w, 3] RGB, with landmarks [478, 3] as dots and a frame that tells how it goes."""
    import cv2

    height, width = image.shape[:2]
    share = min(PREVIEW[0] / width, PREVIEW[1] / height)
    size = max(round(width * share), 8), max(round(height * share), 8)
    made = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    color = LOST if found is None else CALIBRATING if calibrating else SEEN
    if found is not None:
        column, row = np.round(found[:, :2] * (size[0] / width, size[1] / height)).astype(int).T
        inside = (column >= 0) & (column < size[0]) & (row >= 0) & (row < size[1])
        dots = made[row[inside], column[inside]]
        made[row[inside], column[inside]] = (0.45 * dots + 0.55 * np.array(color)).astype(np.uint8)
    made[[0, 1, -2, -1]] = color
    made[:, [0, 1, -2, -1]] = color
    return made
