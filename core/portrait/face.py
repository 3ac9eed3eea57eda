"""The face in a still: where it is, which of several, and whether it can make a head."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..arrays import check
from ..errors import FormatError
from .photo import Photo

LANDMARKS = 478
MOST_FACES = 8
LEAST_SURE = 0.4
"""A face that nearly fills the picture only the detector of near faces sees; no turned head of hair came so far."""
LEAST_PART_PX = 8
LEAST_FACE_PX = 72
"""Height of a face from which there is enough of it to see."""
AROUND = 0.6
"""What is looked at around a face that was detected, over its own size."""
SAME = 0.5
"""Boxes that share so much of the smaller one are one face."""
TOP, CHIN = 10, 152
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """landmarks: float32 [478, 3], pixels of the upright photo, z like x and smaller towards the camera.

    sure: how sure two detectors, of near and of far faces, are on average, 0..1.
    """

    landmarks: np.ndarray
    sure: float

    def __post_init__(self) -> None:
        check("Face.landmarks", self.landmarks, (LANDMARKS, 3))

    @property
    def box(self) -> Box:
        """Left, top, right and bottom, pixels."""
        low, high = self.landmarks[:, :2].min(0), self.landmarks[:, :2].max(0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def height(self) -> float:
        """Pixels from the top of the forehead to the chin."""
        return float(np.linalg.norm(self.landmarks[TOP, :2] - self.landmarks[CHIN, :2]))


def turned(photo: Photo, quarters: int) -> Photo:
    """The photo turned anticlockwise by so many quarters."""
    pixels, cover = (np.ascontiguousarray(np.rot90(array, quarters)) for array in (photo.pixels, photo.cover))
    note = ("It was turned, for the face in it lay on its side.",) if quarters else ()
    return Photo(pixels, cover, photo.notes + note)


def find_face(photo: Photo, number: int | None = None) -> tuple[Photo, Face]:
    """The face of a photo, and the photo, turned where the face lay on its side.

    number: which of several, 1 for the leftmost; None where there is one only.
    Raises FormatError for no face, several without a choice, or one too small to see.
    """
    turns = [turned(photo, quarters) for quarters in (0, 1, 3, 2)]
    found = [(upright, [face for face in find_faces(upright) if _upright(face)]) for upright in turns]
    upright, faces = max(found, key=lambda pair: max((face.sure for face in pair[1]), default=0.0))
    faces = [face for face in faces if face.sure >= LEAST_SURE]
    if not faces:
        raise FormatError("No face was found; choose a picture that shows a face from the front, not covered.")
    face = _chosen(faces, number)
    if face.height < LEAST_FACE_PX:
        raise FormatError(
            f"The face is only {face.height:.0f} pixels high; choose a picture where it has {LEAST_FACE_PX} or more."
        )
    return upright, face


def find_faces(photo: Photo) -> list[Face]:
    """Every face in a photo, from left to right."""
    image = photo.bytes
    with ExitStack() as open_models:
        mesh, *detectors = (open_models.enter_context(model) for model in _models())
        boxes = [_boxes(image, detector) for detector in detectors]
        found: list[Face] = []
        for left, top, part in _parts(image, [box for box, _ in boxes[0] + boxes[1]]):
            size = np.array([part.shape[1], part.shape[0], part.shape[1]], np.float32)
            for face in mesh.process(part).multi_face_landmarks or []:
                points = np.array([(mark.x, mark.y, mark.z) for mark in face.landmark], np.float32) * size
                candidate = Face((points + np.array([left, top, 0])).astype(np.float32), 0.0)
                if not any(_overlap(candidate.box, other.box) > SAME for other in found):
                    found.append(replace(candidate, sure=_sureness(candidate.box, boxes)))
    return sorted(found, key=lambda face: face.box[0])


def _models() -> tuple[Any, ...]:
    """MediaPipe's face mesh with irises for stills, and its detectors of near and of far faces."""
    from mediapipe.python.solutions.face_detection import FaceDetection
    from mediapipe.python.solutions.face_mesh import FaceMesh

    return FaceMesh(True, MOST_FACES, True, 0.5, 0.5), FaceDetection(0.3, 0), FaceDetection(0.3, 1)


def _boxes(image: np.ndarray, detector: Any) -> list[tuple[Box, float]]:
    """What a detector takes for faces: boxes in pixels, and how sure it is."""
    height, width = image.shape[:2]
    found = []
    for face in detector.process(image).detections or []:
        box = face.location_data.relative_bounding_box
        left, top = box.xmin * width, box.ymin * height
        found.append(((left, top, left + box.width * width, top + box.height * height), float(face.score[0])))
    return found


def _sureness(box: Box, detected: list[list[tuple[Box, float]]]) -> float:
    """The mean over detectors of how sure each is of a face there."""
    scores = [max((sure for other, sure in boxes if _overlap(box, other) > SAME), default=0.0) for boxes in detected]
    return sum(scores) / len(scores)


def _parts(image: np.ndarray, boxes: list[Box]) -> Iterator[tuple[int, int, np.ndarray]]:
    """The neighbourhoods of detected faces, then the whole picture: left and top corner, pixels."""
    height, width = image.shape[:2]
    for box in boxes:
        reach_x, reach_y = (box[2] - box[0]) * AROUND, (box[3] - box[1]) * AROUND
        left, top = max(0, int(box[0] - reach_x)), max(0, int(box[1] - reach_y))
        right, bottom = min(width, int(box[2] + reach_x)), min(height, int(box[3] + reach_y))
        if right - left > LEAST_PART_PX and bottom - top > LEAST_PART_PX:
            yield left, top, np.ascontiguousarray(image[top:bottom, left:right])
    yield 0, 0, image


def _upright(face: Face) -> bool:
    """Whether the chin lies below the forehead, at most 45 degrees aside."""
    down = face.landmarks[CHIN, :2] - face.landmarks[TOP, :2]
    return bool(down[1] > abs(down[0]))


def _chosen(faces: list[Face], number: int | None) -> Face:
    if number is None and len(faces) > 1:
        raise FormatError(
            f"The picture shows {len(faces)} faces; say which one, 1 to {len(faces)}, counted from the left."
        )
    if number is not None and not 1 <= number <= len(faces):
        raise FormatError(f"There is no face {number}: the picture shows {len(faces)}, counted from the left.")
    return faces[(number or 1) - 1]


def _overlap(one: Box, other: Box) -> float:
    """The area two boxes share over that of the smaller one."""
    sides = [min(one[k + 2], other[k + 2]) - max(one[k], other[k]) for k in (0, 1)]
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return max(sides[0], 0) * max(sides[1], 0) / max(min(areas), 1e-9)
