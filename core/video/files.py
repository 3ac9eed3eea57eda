"""A tracked film as a performance file; a NumPy archive keeps how far each part of the face was believed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from ..blend.filmed import CONFIDENCE
from ..convert import in_rig
from ..formats import FileFormat, write_performance
from ..retime import at_rate
from .types import VideoTrack


def write_track(path: Path, track: VideoTrack, rig: str, fps: float | None, form: FileFormat | None = None) -> int:
    """Write a track's performance in a rig and at a rate (None: the film's). Returns how many frames were written."""
    performance = at_rate(track.performance, fps) if fps and fps != track.fps else track.performance
    frames = len(performance.head)
    write_performance(path, in_rig(performance, rig), form)
    if path.suffix.lower() == ".npz":
        times = np.arange(frames) / performance.curves.fps * track.fps
        rows = np.stack([np.interp(times, np.arange(len(track.parts)), part) for part in track.parts.T], 1)
        block = io.BytesIO()
        np.save(block, rows.astype(np.float32))
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(f"{CONFIDENCE}.npy", block.getvalue())
    return frames
