"""Films of any kind as upright pictures at a constant rate, one at a time, and their sound.

Containers and codecs: whatever PyAV's FFmpeg reads. A film is streamed; nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FormatError
from ..paths import reason, shown
from ..types import Speech

SOUND_RATE_HZ = 16_000
MOST_FPS = 60.0
"""Faster films are thinned to this; a blink lasts a dozen of its frames."""
LEAST_FPS = 4.0
LONGEST_GAP_S = 3.0
"""A hole in a film's clock that is filled with its last picture; a longer one is cut short."""


@dataclass(frozen=True, slots=True)
class Film:
    """What a film is.

    size: width and height in pixels, upright and with square pixels. fps: pictures a second as they are handed out.
    filmed_fps: its own mean rate. duration_s: as the file says, 0 where it does not. turn: degrees it is turned by,
    anticlockwise, before it is handed out. sound: whether there is any.
    """

    path: Path
    size: tuple[int, int]
    fps: float
    filmed_fps: float
    duration_s: float
    turn: int
    sound: bool

    @property
    def frames(self) -> int:
        """About how many pictures there are; at least 1."""
        return max(1, round(self.duration_s * self.fps))


class Damage:
    """What a reading of a film had to put up with. pieces: packets left out; early: whether the end is missing."""

    def __init__(self) -> None:
        self.pieces = 0
        self.early = False

    def sentence(self, film: Film) -> str:
        """What to tell people, "" for nothing."""
        if self.early:
            return f"{shown(film.path)} breaks off before its end; what could be read is used."
        return f"{self.pieces} damaged pieces of {shown(film.path)} were left out." if self.pieces else ""


def open_film(path: Path) -> Film:
    """Look at a film. Raises FormatError in one sentence for what is none, or holds no picture."""
    import av

    try:
        with av.open(str(path)) as box:
            if not box.streams.video:
                raise FormatError(f"{shown(path)} holds no picture; give a film of a face.")
            first = next(_decoded(box, Damage()), None)
            if first is None:
                raise FormatError(f"{shown(path)} is damaged: no picture of it can be read.")
            return _described(path, box, first)
    except OSError as fault:
        raise FormatError(f"{shown(path)} cannot be read ({reason(fault)}).") from None
    except av.error.FFmpegError as fault:
        raise FormatError(f"{shown(path)} is no film that can be read ({fault.strerror or 'unknown'}).") from None


def pictures(film: Film, damage: Damage | None = None) -> Iterator[np.ndarray]:
    """The pictures of a film at its fps, uint8 [H, W, 3] RGB; picture k shows what was to be seen at k / fps seconds.

    Films of a changing rate repeat or leave out pictures. What cannot be decoded is left out and counted in damage.
    """
    import av

    damage = damage or Damage()
    with av.open(str(film.path)) as box:
        box.streams.video[0].thread_type = "AUTO"
        made, shown_last = 0, None
        for second, frame in _timed(box, film, damage):
            due = int(np.ceil(second * film.fps - 0.5 - 1e-6))
            if shown_last is not None:
                for _ in range(min(due - made, round(LONGEST_GAP_S * film.fps))):
                    yield _upright(shown_last, film)
                    made += 1
            made, shown_last = max(made, due), frame
        if shown_last is not None:
            yield _upright(shown_last, film)


def read_sound(film: Film) -> Speech | None:
    """The film's sound as 16 kHz mono, from the same zero as its pictures; None where it is silent or damaged."""
    import av

    if not film.sound:
        return None
    with av.open(str(film.path)) as box:
        stream = box.streams.audio[0]
        to_mono = av.AudioResampler(format="flt", layout="mono", rate=SOUND_RATE_HZ)
        blocks = [
            block.to_ndarray()[0] for frame in _frames(box, stream, Damage()) for block in to_mono.resample(frame)
        ]
        blocks += [block.to_ndarray()[0] for block in to_mono.resample(None)]
        shift_s = _start_s(stream) - _start_s(box.streams.video[0])
    if not blocks:
        return None
    samples = np.concatenate(blocks).astype(np.float32)
    lead = round(shift_s * SOUND_RATE_HZ)
    samples = np.pad(samples, (lead, 0)) if lead > 0 else samples[-lead:]
    return Speech(np.ascontiguousarray(samples), SOUND_RATE_HZ)


def _described(path: Path, box: Any, first: Any) -> Film:
    stream = box.streams.video[0]
    own = float(stream.average_rate or stream.guessed_rate or 25)
    fps = own if np.isfinite(own) and own > 0 else 25.0
    while fps > MOST_FPS * 1.01:
        fps /= 2
    if fps < LEAST_FPS:
        raise FormatError(f"{shown(path)} has {own:.3g} pictures a second; at least {LEAST_FPS:g} are needed.")
    turn = round(float(getattr(first, "rotation", 0) or 0) / 90) * 90 % 360
    width, height = _square(first)
    size = (height, width) if turn in (90, 270) else (width, height)
    duration = float(stream.duration * stream.time_base) if stream.duration else float((box.duration or 0) / 1e6)
    return Film(path, size, fps, own, duration, turn, bool(box.streams.audio))


def _square(frame: Any) -> tuple[int, int]:
    """Width and height with square pixels."""
    aspect = frame.sample_aspect_ratio if hasattr(frame, "sample_aspect_ratio") else None
    wide = float(aspect) if aspect and 0.2 < float(aspect) < 5 else 1.0
    return max(2, round(frame.width * wide)), frame.height


def _timed(box: Any, film: Film, damage: Damage) -> Iterator[tuple[float, Any]]:
    """Frames with their second from the first one's, which never runs backwards and leaves no long hole."""
    start, before, cut = None, 0.0, 0.0
    for number, frame in enumerate(_decoded(box, damage)):
        second = number / film.filmed_fps if frame.time is None else float(frame.time)
        start = second if start is None else start
        second = second - start - cut
        if second - before > LONGEST_GAP_S:
            cut += second - before - 1 / film.fps
            second = before + 1 / film.fps
        before = max(second, before)
        yield before, frame


def _decoded(box: Any, damage: Damage) -> Iterator[Any]:
    return _frames(box, box.streams.video[0], damage)


def _frames(box: Any, stream: Any, damage: Damage) -> Iterator[Any]:
    """Frames of a stream; damaged packets are left out, a broken end is the end."""
    import av

    packets = box.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.error.FFmpegError, OSError):
            damage.early = True
            return
        if packet is None:
            return
        try:
            yield from packet.decode()
        except av.error.FFmpegError:
            damage.pieces += 1


def _upright(frame: Any, film: Film) -> np.ndarray:
    width, height = film.size if film.turn in (0, 180) else film.size[::-1]
    fits = (frame.width, frame.height) == (width, height)
    image = frame.to_ndarray(format="rgb24") if fits else frame.to_ndarray(format="rgb24", width=width, height=height)
    return np.ascontiguousarray(np.rot90(image, film.turn // 90))


def _start_s(stream: Any) -> float:
    return float((stream.start_time or 0) * stream.time_base)
