"""What the network makes of a recording: phones, and a face on the control board."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Event

import numpy as np

from ..errors import Cancelled
from ..rig.board import BOARD, HIGHS, LOWS, columns
from ..threads import thread_count
from ..types import Speech
from . import articulation, encoder, level, mel, trunk
from .emotion import EMOTIONS, EmotionTrack
from .encoder import STEP_HOPS, Encoder, windows
from .generator import ARTICULATOR, OFFLINE, Generator, SidedGenerator
from .level import FRAME_RATE_HZ
from .phone_head import OF_ENCODER, phone_posteriors
from .phones import PHONES
from .weights import SpeechModel

AROUND_HOPS = 14
"""Frames before and after that the generator sees."""
LEAST_SHARE = 1_000
"""Hops worth a core of their own."""
_SEAL = len(BOARD)
_SWITCHES = columns("switches")


@dataclass(frozen=True, slots=True, eq=False)
class Loudness:
    """How loud a recording is.

    gain:   what brings it to the level the network was trained at.
    levels: float32 [N], dB, with that gain.
    gate:   float32 [N], 0..1, how sure it is that something worth a mouth is heard.
    """

    gain: float
    levels: np.ndarray
    gate: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """What the network needs of a recording, a quarter of its samples' size.

    features: float16 [N + 1, 160], mel.features at the network's level, and the hop after the end.
    duration_s: length of the recording.
    """

    features: np.ndarray
    loudness: Loudness
    duration_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """The network's answer at FRAME_RATE_HZ.

    board: float32 [N, 185]. seal: float32 [N], 0..1, how sure p, b or m are.
    """

    board: np.ndarray
    seal: np.ndarray

    def keep(self, rows: np.ndarray, first: int, span: range) -> None:
        """Take over those of the rows first, first + 1, ... that lie in the span. rows: float32 [n, 186]."""
        _keep(self.board, rows[:, :_SEAL], first, span)
        _keep(self.seal, rows[:, _SEAL], first, span)


def measure(samples: np.ndarray) -> Loudness:
    """Hear how loud a recording is. samples: float32 [S] at mel.RATE_HZ."""
    raw = level.frame_levels(samples)
    gain_db = level.gain_db(raw)
    levels = raw + np.float32(gain_db)
    gate = level.voice_gate(levels) * np.float32(not level.is_room_only(raw))
    return Loudness(10 ** (gain_db / 20), levels, gate)


def take_in(speech: Speech) -> Sound:
    """Everything the network needs of a recording, whose samples may go then. speech: at mel.RATE_HZ."""
    loudness = measure(speech.samples)
    hops = range(len(loudness.gate) + 1)
    features, done = np.empty((len(hops), mel.HOP_VALUES), np.float16), 0
    for block in mel.feature_blocks(speech.samples, loudness.gain, hops):
        features[done : done + len(block)] = block
        done += len(block)
    return Sound(features, loudness, speech.duration_s)


def hear(
    sound: Sound, model: SpeechModel, emotion: EmotionTrack, progress: Callable[[float], None]
) -> tuple[Face, np.ndarray]:
    """Run the network over a recording.

    Returns the face, at rest where nothing is heard, and the posteriors of the phones, float32 [N, 40].
    """
    gate = sound.loudness.gate
    count = len(gate)
    posteriors = np.empty((count, len(PHONES)), np.float32)
    listening = _Listening(sound, model, Encoder(model), emotion, _empty_face(count), posteriors)
    shares = min(thread_count(), max(1, count // LEAST_SHARE))
    # Windows lie on one grid, so that the answer does not depend on how many cores there are.
    edges = [count * share // shares // STEP_HOPS * STEP_HOPS for share in range(shares)] + [count]
    spans = [range(first, last) for first, last in pairwise(edges)]
    # Each core hears a stretch of its own: two cores on one matrix product mostly wait for each other.
    with ThreadPoolExecutor(shares) as cores:
        others = [cores.submit(listening.hear, span, listening.go_on) for span in spans[1:]]
        try:
            listening.hear(spans[0], progress)
            for other in others:
                other.result()
        finally:
            listening.stopped.set()
    face = listening.face
    face.board[:, _SWITCHES] = 0
    articulation.rest_in_silence(face.board, gate, resting_pose(model, emotion, count))
    face.seal[:] = articulation.sharpen(articulation.witness(face.seal, posteriors)) * gate
    posteriors *= gate[:, None]
    posteriors[:, 0] += 1 - gate
    return face, posteriors


def speak_phones(phones: np.ndarray, model: SpeechModel, emotion: EmotionTrack) -> Face:
    """The face that phones alone ask for. phones: float32 [N, 40], rows sum to 1, as retouch.one_hot gives them."""
    face, whole, done = _empty_face(len(phones)), range(len(phones)), 0
    generator = SidedGenerator(model, ARTICULATOR, emotion.is_even)
    for start in range(0, len(phones), mel.BLOCK_HOPS):
        block = phones[start : start + mel.BLOCK_HOPS]
        rows = generator.feed(block, *_emotion_at(emotion, start, len(block)))
        face.keep(rows, done, whole)
        done += len(rows)
    face.keep(generator.finish(), done, whole)
    face.board[:, _SWITCHES] = 0
    return face


def resting_pose(model: SpeechModel, emotion: EmotionTrack, count: int) -> np.ndarray | None:
    """What an emotion looks like while nobody speaks, float32 [N, 185]; None for the neutral face, which rests at 0."""
    if emotion.is_neutral:
        return None
    rows = 1 if len(emotion.times) == 1 else count
    at, pose = resting_pose_at(model, emotion, OFFLINE), np.empty((rows, len(BOARD)), np.float32)
    for start in range(0, rows, mel.BLOCK_HOPS):
        size = min(mel.BLOCK_HOPS, rows - start)
        pose[start : start + size] = at(*_emotion_at(emotion, start, size))
    return np.broadcast_to(pose, (count, len(BOARD)))


def resting_pose_at(
    model: SpeechModel, emotion: EmotionTrack, prefix: str
) -> Callable[[np.ndarray, np.ndarray], np.ndarray | None]:
    """A function of the left and right emotion, float32 [n, 6] each, to the resting pose, float32 [n, 185] or None."""
    if emotion.is_neutral:
        return lambda left, right: None
    ear = encoder if prefix == OFFLINE else trunk
    generator, silence = SidedGenerator(model, prefix, emotion.is_even), ear.silent_frame(model)[None]
    neutral = Generator(model, prefix).still(silence, np.zeros((1, len(EMOTIONS)), np.float32))

    def pose(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        felt = generator.still(np.repeat(silence, len(left), axis=0), left, right)
        shown = np.clip((felt - neutral)[:, :_SEAL], LOWS, HIGHS)
        shown[:, _SWITCHES] = 0
        return shown

    return pose


@dataclass(frozen=True, slots=True, eq=False)
class _Listening:
    """A recording on its way through the network, any stretch of which can be heard on its own.

    ear: holds nothing of what it hears, so that all cores may use it at once. face, posteriors: what is filled.
    stopped: set when nobody wants the answer any more.
    """

    sound: Sound
    model: SpeechModel
    ear: Encoder
    emotion: EmotionTrack
    face: Face
    posteriors: np.ndarray
    stopped: Event = field(default_factory=Event)

    def hear(self, span: range, progress: Callable[[float], None]) -> None:
        """Fill a stretch of hops that begins at a multiple of STEP_HOPS, listening to what lies around it as well."""
        count = len(self.posteriors)
        around = range(max(0, span.start - STEP_HOPS), min(count, span.stop + AROUND_HOPS))
        generator = SidedGenerator(self.model, OFFLINE, self.emotion.is_even)
        made = around.start
        for heard, kept in windows(around, count):
            frames = self.ear.hear(self._hops(heard))[kept.start - heard.start : kept.stop - heard.start]
            _keep(self.posteriors, phone_posteriors(frames, self.model, OF_ENCODER), kept.start, span)
            rows = generator.feed(frames, *_emotion_at(self.emotion, kept.start, len(frames)))
            self.face.keep(rows, made, span)
            made += len(rows)
            progress((kept.stop - around.start) / len(around))
        self.face.keep(generator.finish(), made, span)

    def _hops(self, heard: range) -> np.ndarray:
        """The features of a window and of the hop after it, float32 [n + 1, 160]."""
        return self.sound.features[heard.start : heard.stop + 1].astype(np.float32)

    def go_on(self, _: float) -> None:
        """The progress of a stretch that nobody watches. Raises Cancelled when it is no longer wanted."""
        if self.stopped.is_set():
            raise Cancelled("The job was stopped; nothing was written.")


def _empty_face(count: int) -> Face:
    return Face(np.empty((count, len(BOARD)), np.float32), np.empty(count, np.float32))


def _emotion_at(emotion: EmotionTrack, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Left and right emotion of some frames, float32 [n, 6] each."""
    return emotion.at(np.arange(first, first + count) / FRAME_RATE_HZ)


def _keep(target: np.ndarray, rows: np.ndarray, first: int, span: range) -> None:
    """Write those of the rows first, first + 1, ... that lie in the span. target: [N, ...]; rows: [n, ...]."""
    start, stop = max(first, span.start), min(first + len(rows), span.stop)
    if stop > start:
        target[start:stop] = rows[start - first : stop - first]
