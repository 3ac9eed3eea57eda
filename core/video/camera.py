"""Pictures as they come, newest first: from a camera, or from a film played at its own speed in place of one.

A thread reads; whoever solves asks for the newest picture, and those it was too slow for are dropped.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from ..errors import FormatError
from .film import open_film, pictures

WISHED_SIZE = (640, 480)
"""Width and height asked of a camera; the face mesh sees a face in 192 pixels, and smaller pictures come sooner."""
FIRST_S, SILENT_S = 8.0, 2.0
"""How long a camera may take to its first picture, and between two."""
RATE_S = 1.0
"""The time over which pictures a second are counted."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One picture. image: uint8 [H, W, 3] RGB; seconds: when it was taken, from the first one; number: from 0."""

    image: np.ndarray
    seconds: float
    number: int


@dataclass(frozen=True, slots=True)
class CameraWish:
    """What to look at.

    source: a camera's number, or a film. mirrored: whether pictures are flipped, so that whoever moves sees a mirror.
    paced: whether a film is played at its own speed; otherwise each of its pictures waits to be asked for.
    """

    source: int | Path
    mirrored: bool = False
    paced: bool = True


class Camera:
    """A source, open; a context manager, whose entry raises FormatError, in a sentence, for what cannot be opened.

    began: the wall clock's second (time.time) of the first picture. fps: as source and driver say. dropped: pictures
    that nobody asked for in time.
    """

    def __init__(self, wish: CameraWish) -> None:
        self._wish = wish
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, name="mouthpiece-camera", daemon=True)
        self._shot: Shot | None = None
        self._given, self._ended, self._leaving = -1, False, threading.Event()
        self._fault: FormatError | None = None
        self.began, self.fps, self.dropped = 0.0, 30.0, 0

    def __enter__(self) -> Camera:
        source = self._wish.source
        if isinstance(source, Path):
            film = open_film(source)
            self.fps, self._images = film.fps, _played(pictures(film), film.fps, self)
        else:
            self._device = _opened(source)
            self.fps = _told_fps(self._device)
            self._images = _filmed(self._device, source)
        return self

    def start(self) -> None:
        """Let pictures come; until then none is taken, so that none is lost while others prepare themselves."""
        if self._threaded:
            self._thread.start()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._leaving.set()
        if self._thread.is_alive():
            self._thread.join(SILENT_S)
        # A driver that hangs in a picture would hang in this too; it is let go with the process.
        if not isinstance(self._wish.source, Path) and not self._thread.is_alive():
            self._device.release()

    @property
    def paced(self) -> bool:
        """Whether pictures come by a clock of their own."""
        return self._wish.paced or not isinstance(self._wish.source, Path)

    _threaded = paced

    def newest(self, wait_s: float = SILENT_S) -> Shot | None:
        """The newest picture nobody was given yet, or None where wait_s brought none or the film is over (ended).

        Raises FormatError where the camera is gone.
        """
        if not self._threaded:
            self._take(next(self._images, None))
            return None if self._ended else self._hand_over()
        with self._changed:
            self._changed.wait_for(lambda: self._fault or self._ended or self._waiting, wait_s)
            if self._waiting:
                return self._hand_over()
            if self._fault:
                raise self._fault
            return None

    @property
    def ended(self) -> bool:
        """Whether the film is over and its last picture given."""
        return self._ended and not self._waiting

    @property
    def _waiting(self) -> bool:
        return self._shot is not None and self._shot.number > self._given

    def _hand_over(self) -> Shot:
        shot = self._shot
        self.dropped += shot.number - self._given - 1
        self._given = shot.number
        return shot

    def _read(self) -> None:
        """Runs in a thread, until the source ends or nobody looks any more."""
        try:
            for made in self._images:
                if self._leaving.is_set():
                    return
                with self._changed:
                    self._take(made)
                    self._changed.notify_all()
            self._take(None)
        except FormatError as fault:
            self._fault = fault
        with self._changed:
            self._changed.notify_all()

    def _take(self, made: tuple[np.ndarray, float] | None) -> None:
        if made is None:
            self._ended = True
            return
        image, seconds = made
        number = self._shot.number + 1 if self._shot else 0
        if not number:
            self.began = time.time()
        if self._wish.mirrored:
            image = np.ascontiguousarray(image[:, ::-1])
        self._shot = Shot(image, seconds, number)

    def wait(self, seconds: float) -> bool:
        """Let time pass; returns False at once when nobody looks any more."""
        return not self._leaving.wait(max(seconds, 0.0))


class Rate:
    """Counts how many of something there are a second."""

    def __init__(self) -> None:
        self._times: list[float] = []

    def note(self, second: float) -> float:
        """One more, at a second that does not run backwards. Returns how many there were a second just before."""
        self._times = [one for one in self._times if one > second - RATE_S] + [second]
        span = second - self._times[0]
        return (len(self._times) - 1) / span if span > 0 else 0.0


def _played(images: Iterator[np.ndarray], fps: float, camera: Camera) -> Iterator[tuple[np.ndarray, float]]:
    """A film's pictures with their seconds, each when it is due."""
    began = time.monotonic()
    for number, image in enumerate(images):
        due = number / fps
        if number == 0:
            began = time.monotonic()
        elif camera.paced and not camera.wait(began + due - time.monotonic()):
            return
        yield image, due


def _filmed(device: object, number: int) -> Iterator[tuple[np.ndarray, float]]:
    """A camera's pictures, RGB, with the second each came. Raises FormatError where it gives none any more."""
    first, last = None, time.monotonic()
    while True:
        there, image = device.read()
        now = time.monotonic()
        if not there or image is None:
            if first is None and now - last > FIRST_S:
                raise FormatError(
                    f"Camera {number} is there but gives no picture; close the program that uses it, or choose another."
                )
            if first is not None and now - last > SILENT_S:
                raise FormatError(f"Camera {number} gives no more pictures; plug it in again and press Start.")
            time.sleep(0.02)
            continue
        first, last = now if first is None else first, now
        yield np.ascontiguousarray(image[..., ::-1]), now - first


def _opened(number: int) -> object:
    """A camera by its number. Raises FormatError in a sentence that says what to look at."""
    # Windows' own way to cameras otherwise takes up to half a minute to open one.
    os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
    import cv2

    # What it tells the terminal is for programmers; people get a sentence.
    cv2.setLogLevel(0)
    device = cv2.VideoCapture(number)
    if device.isOpened():
        device.set(cv2.CAP_PROP_FRAME_WIDTH, WISHED_SIZE[0])
        device.set(cv2.CAP_PROP_FRAME_HEIGHT, WISHED_SIZE[1])
        device.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return device
    device.release()
    if sys.platform.startswith("linux") and not Path(f"/dev/video{number}").exists():
        raise FormatError(f"There is no camera {number}; plug one in, or give another number, from 0 up.")
    raise FormatError(
        f"Camera {number} cannot be opened; see that it is plugged in, that no other program uses it, and that the "
        "system lets this one use cameras."
    )


def _told_fps(device: object) -> float:
    """What the driver says, where that can be."""
    import cv2

    told = float(device.get(cv2.CAP_PROP_FPS))
    return told if 4 < told <= 240 else 30.0
