"""MediaPipe's newer face landmark task file, where the user has one: its own estimate of ARKit's shapes.

Source: Face Landmarker v2 with blendshapes; 52 scores a face, of which the first is "_neutral" and tongueOut is none.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..paths import shown
from ..rig.arkit import ARKIT_52
from .faces import smaller
from .film import Film, pictures


def task_weights(film: Film, task_file: Path, say: Callable[[float], None]) -> np.ndarray:
    """The scores of every picture, float32 [T, 52] in the order of ARKIT_52, nan where no face was found.

    Raises FormatError for a file that is no such task.
    """
    import mediapipe as mp

    with _landmarker(task_file) as tracker:
        rows = []
        for number, picture in enumerate(pictures(film)):
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(smaller(picture)))
            result = tracker.detect_for_video(image, round(number / film.fps * 1000))
            scores = {s.category_name: s.score for s in result.face_blendshapes[0]} if result.face_blendshapes else None
            rows.append([np.nan if scores is None else scores.get(name, 0.0) for name in ARKIT_52])
            say(min(number / film.frames, 1.0))
    return np.array(rows, np.float32)


def _landmarker(task_file: Path) -> object:
    from mediapipe.tasks import python as tasks
    from mediapipe.tasks.python import vision

    if not task_file.is_file():
        raise FormatError(f"There is no task file {shown(task_file)}.")
    options = vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=str(task_file)),
        running_mode=vision.RunningMode.VIDEO,
        output_face_blendshapes=True,
        num_faces=1,
    )
    try:
        return vision.FaceLandmarker.create_from_options(options)
    except (RuntimeError, ValueError):
        raise FormatError(f"{shown(task_file)} is no face landmark task with blend shapes.") from None
