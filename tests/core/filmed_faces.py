"""Films made for tests: the head template drawn plainly, moving, in files of many kinds."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from core.rig.arkit import ARKIT_52
from core.template.files import head_template
from core.training.template.seeing import drawn

TURNED = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
"""The first four numbers of a display matrix that turns a picture clockwise by so many degrees."""


def face(weights: dict[str, float], yaw: float = 0.0, size: int = 320) -> np.ndarray:
    """The mean head with some shapes on, uint8 [size, size, 3] RGB."""
    import cv2

    template = head_template()
    points = template.points.copy()
    for name, value in weights.items():
        points += value * template.shapes[ARKIT_52.index(name)]
    return cv2.resize(drawn(template, points, yaw)[0][..., ::-1], (size, size), interpolation=cv2.INTER_AREA)


def talking(count: int, size: int = 320) -> list[np.ndarray]:
    """A head that opens its mouth, blinks once and turns a little."""
    frames = []
    for t in range(count):
        blink = max(0.0, 1 - abs(t - count // 2) / 2)
        opened = 0.35 * max(0.0, np.sin(t / 3))
        shapes = {"jawOpen": opened, "eyeBlinkLeft": blink, "eyeBlinkRight": blink}
        frames.append(face(shapes, 0.1 * np.sin(t / 8), size))
    return frames


def write_film(path: Path, frames: list[np.ndarray], fps: int = 25, **options: object) -> Path:
    """Write a film. options: codec, pix_fmt, times (ticks of 1/fps for each frame), sound (whether there is any)."""
    import av

    with av.open(str(path), "w") as box:
        stream = box.add_stream(str(options.get("codec", "libx264")), rate=fps)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = str(options.get("pix_fmt", "yuv420p"))
        voice = box.add_stream("aac", rate=16_000, layout="mono") if options.get("sound") else None
        times = options.get("times") or range(len(frames))
        for time, picture in zip(times, frames, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts = time
            box.mux(stream.encode(frame))
        box.mux(stream.encode())
        if voice:
            wave = (np.sin(np.arange(int(len(frames) / fps * 16_000)) / 16) * 0.3).astype(np.float32)
            block = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
            block.sample_rate, block.pts = 16_000, 0
            fifo = av.AudioFifo()
            fifo.write(block)
            for part in fifo.read_many(1024, partial=True):
                box.mux(voice.encode(part))
            box.mux(voice.encode())
    return path


def turn_film(path: Path, degrees: int) -> Path:
    """Say in an MP4 that its picture is to be shown turned clockwise. Source: ISO 14496-12, 8.3.2."""
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 44
    a, b, c, d = TURNED[degrees]
    one = 1 << 16
    struct.pack_into(">9i", data, place, a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30)
    path.write_bytes(bytes(data))
    return path
