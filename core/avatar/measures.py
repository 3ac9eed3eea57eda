"""How near drawn frames come to a video's: pictures, landmarks of the mouth, and how the mouth opens over time.

Source: the protocol of TalkingGaussian's metrics.py and of ER-NeRF. Landmark distance: landmarks of the mouth, each set
about its own mean, in pixels at 512.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from .objective import decibels, similarity

LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
        78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415)  # fmt: skip
"""MediaPipe's numbers of the outer and the inner lips."""
UPPER, LOWER = LIPS.index(13), LIPS.index(14)
DETECTED = 512
"""Pixels to which pictures are enlarged before a face is looked for in them."""
Judge = Callable[[torch.Tensor, torch.Tensor], float]
"""A distance of pictures [H, W, 3], such as LPIPS, for those who have one."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A drawn frame beside the video's: drawn, truth [H, W, 3]; head [H, W], 0..1; lips: rows and columns."""

    drawn: torch.Tensor
    truth: torch.Tensor
    head: torch.Tensor
    lips: tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class Scores:
    """psnr: dB of the head only; pasted: of the whole frame with the head pasted in; ssim: likewise; mouth: dB of the
    mouth's crop; lmd: pixels at 512; aperture: correlation of how the mouth opens. nan where no face was found.
    judged: a judge's mean distance of the whole frames with the head pasted in, nan without a judge.
    """

    frames: int
    psnr: float
    pasted: float
    ssim: float
    mouth: float
    lmd: float
    aperture: float
    judged: float = float("nan")

    def sentence(self) -> str:
        """For people."""
        near = f"PSNR {self.psnr:.2f} dB head only, {self.pasted:.2f} dB pasted, {self.mouth:.2f} dB at the mouth"
        return (
            f"{self.frames} frames: {near}, SSIM {self.ssim:.4f}, LMD {self.lmd:.2f} px at 512, "
            f"aperture r {self.aperture:.3f}"
        )


def scores_of(frames: list[Seen], judge: Judge | None = None) -> Scores:
    """Measures over frames in their order."""
    rows = [_row(seen) for seen in frames]
    far = float(np.mean([judge(_pasted(seen), seen.truth) for seen in frames])) if judge else float("nan")
    lips = [[mouth_landmarks(picture.numpy()) for picture in (seen.drawn, seen.truth)] for seen in frames]
    found = [pair for pair in lips if pair[0] is not None and pair[1] is not None]
    means = [float(value) for value in np.mean(rows, axis=0)]
    if len(found) < max(3, len(frames) // 2):
        return Scores(len(frames), *means, float("nan"), float("nan"), far)
    drawn, truth = (np.stack([pair[side] for pair in found]) for side in (0, 1))  # [n, 40, 2]
    return Scores(len(frames), *means, landmark_distance(drawn, truth), aperture_r(drawn, truth), far)


def landmark_distance(drawn: np.ndarray, truth: np.ndarray) -> float:
    """Mean distance of mouths' landmarks [n, L, 2], each set about its own mean."""
    first, second = (rows - rows.mean(1, keepdims=True) for rows in (drawn, truth))
    return float(np.linalg.norm(first - second, axis=2).mean())


def aperture_r(drawn: np.ndarray, truth: np.ndarray) -> float:
    """Correlation over time of the distance between the middles of the inner lips; landmarks [n, L, 2] of LIPS."""
    open_a, open_b = (np.linalg.norm(rows[:, UPPER] - rows[:, LOWER], axis=1) for rows in (drawn, truth))
    if open_a.std() < 1e-6 or open_b.std() < 1e-6:
        return 0.0
    return float(np.corrcoef(open_a, open_b)[0, 1])


def mouth_landmarks(picture: np.ndarray) -> np.ndarray | None:
    """Landmarks of the lips float32 [40, 2] in a picture [H, W, 3], pixels at DETECTED; None where no face is found."""
    import cv2

    scale = DETECTED / max(picture.shape[:2])
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    large = cv2.resize(np.clip(picture, 0, 1).astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    found = _detector().process(np.rint(np.clip(large, 0, 1) * 255).astype(np.uint8)).multi_face_landmarks
    if not found:
        return None
    points = found[0].landmark
    return np.array([(points[k].x * size[0], points[k].y * size[1]) for k in LIPS], np.float32)


def _row(seen: Seen) -> tuple[float, float, float, float]:
    pasted = _pasted(seen)
    rows, columns = seen.lips
    mouth = decibels(seen.drawn[rows, columns], seen.truth[rows, columns])
    close = float(similarity(pasted, seen.truth))
    return decibels(seen.drawn, seen.truth, seen.head), decibels(pasted, seen.truth), close, mouth


def _pasted(seen: Seen) -> torch.Tensor:
    """The filmed frame with the drawn head in it, [H, W, 3]."""
    head = seen.head[..., None]
    return seen.drawn.clamp(0, 1) * head + seen.truth * (1 - head)


_DETECTORS: dict[str, object] = {}


def _detector() -> object:
    """MediaPipe's face mesh for single pictures; made once, because that takes seconds."""
    if "face" not in _DETECTORS:
        from mediapipe.python.solutions.face_mesh import FaceMesh

        _DETECTORS["face"] = FaceMesh(static_image_mode=True, refine_landmarks=False, max_num_faces=1)
    return _DETECTORS["face"]
