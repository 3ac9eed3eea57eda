"""Filmed talking faces to landmark tracks: one .npz per clip (engine environment: mediapipe, PyAV).

A track holds what later steps need and nothing of the picture itself:
landmarks float32 [T, 478, 3] (pixels, x right, y down, z away from the camera, same scale as x),
scores float32 [T, 52] (the task file's own ARKit-like estimates, 0..1), poses float32 [T, 4, 4],
found bool [T], times float64 [T] (seconds; films with dropped pictures are not evenly spaced), fps (their mean rate),
and the sound as samples float32 [S] mono at rate Hz.
Source of the layout: MediaPipe Face Landmarker v2, 478 landmarks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

SOUND_RATE_HZ = 16_000


def track_clip(video: Path, task_file: Path) -> dict[str, np.ndarray]:
    """Track the one face of a clip.

    video: a file PyAV can read, with one video and one audio stream.
    task_file: MediaPipe's face_landmarker_v2_with_blendshapes.task.
    Returns the arrays described at the head of this module.
    """
    frames, times, fps = read_frames(video)
    landmarks, scores, poses, found = _track_frames(frames, times, task_file)
    return {
        "landmarks": landmarks,
        "scores": scores,
        "poses": poses,
        "found": found,
        "times": times,
        "fps": np.float64(fps),
        "samples": read_sound(video),
        "rate": np.int64(SOUND_RATE_HZ),
    }


def kept_track(video: Path, kept: Path, task_file: Path) -> dict[str, np.ndarray]:
    """A clip's track from the file kept, which is made first if it is not there. See track_clip."""
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part.npz")
        np.savez_compressed(part, **track_clip(video, task_file))
        part.rename(kept)
    with np.load(kept) as track:
        return dict(track)


def read_frames(video: Path) -> tuple[list[np.ndarray], np.ndarray, float]:
    """Decode every picture of a clip as uint8 [H, W, 3] RGB, with its second from the first one's, and the rate."""
    import av

    with av.open(str(video)) as box:
        stream = box.streams.video[0]
        stream.thread_type = "NONE"
        frames, seconds = [], []
        for number, picture in enumerate(box.decode(stream)):
            frames.append(picture.to_ndarray(format="rgb24"))
            known = picture.pts is not None
            seconds.append(float(picture.pts * stream.time_base) if known else number / float(stream.average_rate))
        return frames, np.array(seconds) - seconds[0], float(stream.average_rate)


def read_sound(video: Path) -> np.ndarray:
    """Decode a clip's sound as float32 [S], mono, at SOUND_RATE_HZ, from the same time zero as its pictures."""
    import av

    with av.open(str(video)) as box:
        stream = box.streams.audio[0]
        to_mono = av.AudioResampler(format="flt", layout="mono", rate=SOUND_RATE_HZ)
        blocks = [b.to_ndarray()[0] for f in box.decode(stream) for b in to_mono.resample(f)]
        blocks += [b.to_ndarray()[0] for b in to_mono.resample(None)]
        shift_s = _start_s(stream) - _start_s(box.streams.video[0])
    samples = np.concatenate(blocks).astype(np.float32)
    lead = round(shift_s * SOUND_RATE_HZ)
    return np.pad(samples, (lead, 0)) if lead > 0 else samples[-lead:]


def _start_s(stream: Any) -> float:
    return float((stream.start_time or 0) * stream.time_base)


def _track_frames(frames: list[np.ndarray], times: np.ndarray, task_file: Path) -> tuple[np.ndarray, ...]:
    import mediapipe as mp
    from mediapipe.tasks import python as tasks
    from mediapipe.tasks.python import vision

    options = vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=str(task_file)),
        running_mode=vision.RunningMode.VIDEO,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
        num_faces=1,
    )
    count = len(frames)
    landmarks = np.zeros((count, 478, 3), np.float32)
    scores = np.zeros((count, 52), np.float32)
    poses = np.tile(np.eye(4, dtype=np.float32), (count, 1, 1))
    found = np.zeros(count, bool)
    with vision.FaceLandmarker.create_from_options(options) as tracker:
        for t, (frame, second) in enumerate(zip(frames, times, strict=True)):
            height, width = frame.shape[:2]
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(frame))
            result = tracker.detect_for_video(image, round(second * 1000))
            if not result.face_landmarks:
                continue
            points = [(p.x * width, p.y * height, p.z * width) for p in result.face_landmarks[0]]
            landmarks[t] = np.asarray(points, np.float32)
            # Score 0 is "_neutral"; the 52nd ARKit name, tongueOut, is not among the task file's.
            scores[t] = [s.score for s in result.face_blendshapes[0]]
            poses[t] = result.facial_transformation_matrixes[0]
            found[t] = True
    return landmarks, scores, poses, found
