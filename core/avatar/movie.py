"""Pictures and their sound as an MP4 file."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..formats.atomic import check_place, replacing
from ..paths import reason, shown
from ..types import Speech


def write_movie(path: Path, pictures: Iterable[np.ndarray], fps: float, speech: Speech | None) -> None:
    """Write pictures [H, W, 3], display space, 0..1, with even sides; H.264 and AAC.

    The file appears whole or not at all. Raises FormatError when it cannot be written.
    """
    import av

    if path.suffix.lower() != ".mp4":
        raise FormatError(f"{shown(path)} must end in .mp4.")
    check_place(path)
    try:
        with replacing(path) as temporary, av.open(str(temporary), "w", format="mp4") as box:
            _write(box, pictures, fps, speech)
    except av.FFmpegError as fault:
        raise FormatError(f"{shown(path)} cannot be written ({reason(fault)}); choose another place.") from None


def _write(box: object, pictures: Iterable[np.ndarray], fps: float, speech: Speech | None) -> None:
    import av

    video, sound = None, None
    for picture in pictures:
        even = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
        if video is None:
            video = box.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001), options={"crf": "16"})
            video.width, video.height, video.pix_fmt = even.shape[1], even.shape[0], "yuv420p"
            sound = speech and box.add_stream("aac", rate=speech.rate_hz, layout="mono")
        data = np.rint(np.clip(even, 0, 1) * 255).astype(np.uint8)
        box.mux(video.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(data), format="rgb24")))
    if video is None:
        return
    box.mux(video.encode())
    if sound:
        for start in range(0, len(speech.samples), sound.frame_size or 1024):
            rows = speech.samples[None, start : start + (sound.frame_size or 1024)]
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(rows), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = speech.rate_hz, start
            box.mux(sound.encode(frame))
        box.mux(sound.encode())
