"""Moments of a live session, and as lines of JSON for programs that read them and for the add-on."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import FormatError

DIGITS = 5
CALIBRATE, STOP = "calibrate", "stop"
"""What a live session may be asked, a line each."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveMoment:
    """One picture's answer.

    seconds: when the picture was taken, from the first one; began: the wall clock's second of the first.
    weights, head: as core.video.live.Moment, or None until calibrated. confidence: 0..1. seen: whether a face is there.
    calibrated: 0..1, 1 when done; restless: whether the face moved meanwhile. fps: pictures solved a second;
    camera_fps: how many the camera gives, as it says. dropped: pictures left out so far. lag_s: from the picture's
    moment to this answer; filter_s: what the filter adds at rest. preview: uint8 [h, w, 3] RGB with the landmarks
    drawn, now and then.
    """

    seconds: float
    began: float
    weights: np.ndarray | None
    head: np.ndarray | None
    confidence: float
    seen: bool
    calibrated: float
    restless: bool
    fps: float
    camera_fps: float
    dropped: int
    lag_s: float
    filter_s: float
    preview: np.ndarray | None = None


def line_of(moment: LiveMoment) -> dict[str, Any]:
    """A moment as members of a line; values and head are None until calibrated."""
    return {
        "time_s": round(moment.seconds, DIGITS),
        "values": _rounded(moment.weights),
        "head": _rounded(moment.head),
        "confidence": round(moment.confidence, 3),
        "seen": moment.seen,
        "calibrated": round(moment.calibrated, 3),
        "restless": moment.restless,
        "fps": round(moment.fps, 1),
        "lag_ms": round(1000 * moment.lag_s, 1),
    }


def full_line_of(moment: LiveMoment) -> dict[str, Any]:
    """The same with what a window shows: clock, camera, filter, and now and then a picture."""
    made = line_of(moment) | {
        "began": moment.began,
        "camera_fps": round(moment.camera_fps, 2),
        "dropped": moment.dropped,
        "filter_ms": round(1000 * moment.filter_s, 1),
    }
    if moment.preview is not None:
        height, width = moment.preview.shape[:2]
        pixels = base64.b64encode(moment.preview.tobytes()).decode("ascii")
        made["preview"] = {"width": width, "height": height, "rgb": pixels}
    return made


def preview_of_line(member: dict[str, Any]) -> np.ndarray:
    """The picture of a line, uint8 [H, W, 3] RGB from the upper row. Raises FormatError for what is none."""
    try:
        height, width = int(member["height"]), int(member["width"])
        pixels = np.frombuffer(base64.b64decode(member["rgb"], validate=True), np.uint8)
        return pixels.reshape(height, width, 3)
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError("A picture that the live worker sent is damaged; install Mouthpiece again.") from error


def _rounded(values: np.ndarray | None) -> list[float] | None:
    return None if values is None else [round(value, DIGITS) for value in values.tolist()]
