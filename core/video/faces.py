"""Follow one face through pictures with MediaPipe's face mesh, whose graph and weights ship inside its wheel (0.10.21).

Nothing is downloaded and no task file is asked for.
"""

from __future__ import annotations

from types import TracebackType

import numpy as np

LANDMARKS = 478
WIDEST_PX = 960
"""Larger pictures are made smaller before they are looked at; the mesh sees the face in 192 pixels anyway."""
MOST_FACES = 4
LEAST_SURE = 0.5
CHOICES = ("largest", "left", "right")
"""Which of several faces to follow: by size, or by its place in the picture."""


class FaceFollower:
    """Gives the landmarks of one face, picture by picture; a context manager.

    choice: one of CHOICES, for the first picture with several faces; then whoever is nearest to where the face was.
    faces: how many there may be. Looking for more than there are costs a detection in every picture.
    """

    def __init__(self, choice: str = "largest", faces: int = 1) -> None:
        self._choice, self._faces = choice, faces
        self._last: np.ndarray | None = None

    def __enter__(self) -> FaceFollower:
        from mediapipe.python.solutions.face_mesh import FaceMesh

        self._mesh = FaceMesh(refine_landmarks=True, max_num_faces=self._faces).__enter__()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._mesh.__exit__(kind, error, trace)

    def find(self, picture: np.ndarray) -> np.ndarray | None:
        """Landmarks float32 [478, 3] of a picture uint8 [H, W, 3] RGB, or None.

        Pixels from the upper left corner; depth in the same unit, smaller towards the camera.
        """
        height, width = picture.shape[:2]
        found = self._mesh.process(smaller(picture)).multi_face_landmarks or ()
        faces = [np.array([(p.x, p.y, p.z) for p in face.landmark]) * (width, height, width) for face in found]
        if not faces:
            return None
        chosen = min(faces, key=self._wish)
        self._last = chosen[:, :2].mean(0)
        return chosen.astype(np.float32)

    def _wish(self, face: np.ndarray) -> float:
        middle = face[:, :2].mean(0)
        if self._last is not None:
            return float(np.linalg.norm(middle - self._last))
        if self._choice == "largest":
            return -float(np.ptp(face[:, 1]))
        return float(middle[0]) * (1 if self._choice == "left" else -1)


def smaller(picture: np.ndarray, widest: int = WIDEST_PX) -> np.ndarray:
    """A picture with its longer side at most widest pixels; uint8 [H, W, 3]."""
    import cv2

    share = widest / max(picture.shape[:2])
    if share >= 1:
        return picture
    return cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)


def count_faces(picture: np.ndarray) -> int:
    """How many faces a picture shows, at most MOST_FACES; tiny and doubtful ones are not counted."""
    from mediapipe.python.solutions.face_mesh import FaceMesh

    with FaceMesh(static_image_mode=True, max_num_faces=MOST_FACES, min_detection_confidence=0.6) as mesh:
        found = mesh.process(smaller(picture)).multi_face_landmarks or ()
    heights = [np.ptp([point.y for point in face.landmark]) for face in found]
    return sum(height > 0.35 * max(heights) for height in heights)
