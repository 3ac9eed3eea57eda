"""From a recording to a performance: the one function that every door of Mouthpiece opens."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import AudioError
from ..rig.board import BOARD_NAMES
from ..types import Performance, RigCurves, Speech
from . import articulation, life, mel, retouch, shape_motion
from .align import align
from .brief import Brief
from .direction import face_times
from .emotion import EmotionTrack
from .hear import Face, Sound, hear, speak_phones, take_in
from .level import FRAME_RATE_HZ
from .phones import PhoneTrack, recognise
from .prosody import Prosody, hear_prosody
from .rules import SAFE, enforce
from .weights import SpeechModel, load_model

Progress = Callable[[float], None]
HEARD = 0.8
"""Where the network ends on the way from 0 to 1."""
BLOCK_FRAMES = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What the network and the script make of a recording, before direction and life.

    face: at FRAME_RATE_HZ. phones: what is said. prosody: the recording's rhythm. duration_s: its length.
    """

    face: Face
    phones: PhoneTrack
    prosody: Prosody
    duration_s: float


def perform(
    speech: Speech, brief: Brief, *, progress: Progress | None = None, model: SpeechModel | None = None
) -> Performance:
    """Let a face say a recording.

    speech: mono, 16 kHz, at least one sample.
    progress: called with 0..1 as the work goes on; may raise to stop.
    model: other weights than the shipped ones.
    Returns max(1, ceil(duration * fps)) frames of the 185 board channels and the head, and the phones that are said.
    Raises AudioError for an empty recording or another rate, ModelError when the shipped weights cannot be read,
    TranscriptError or PhoneError for a script that does not fit the recording.
    """
    _check(speech, brief.fps)
    return play(listen(take_in(speech), brief, progress=progress, model=model), brief, progress=progress, model=model)


def listen(sound: Sound, brief: Brief, *, progress: Progress | None = None, model: SpeechModel | None = None) -> Heard:
    """The first half of perform, for recordings so long that their samples must go before; errors as there."""
    progress, model = progress or (lambda _: None), model or load_model()
    face, phones = _spoken(sound, brief, model, lambda part: progress(HEARD * part))
    return Heard(face, phones, hear_prosody(sound.loudness.levels), sound.duration_s)


def play(
    heard: Heard, brief: Brief, *, progress: Progress | None = None, model: SpeechModel | None = None
) -> Performance:
    """The second half of perform. It works in the face that was heard, which is used up after that: an hour of it
    takes 130 MB, too much to copy."""
    lips = articulation.read_lips(model or load_model())
    board = _directed(heard.face.board, brief, heard.prosody)
    enforce(board, heard.phones, kept=None if brief.script else SAFE)
    _close(board, heard.face.seal, lips)
    count = max(1, math.ceil(heard.duration_s * brief.fps - 1e-6))
    times = face_times(np.arange(count) / brief.fps, brief.direction)
    values = articulation.sample(board, times * FRAME_RATE_HZ, lips)
    head = _enliven(values, times, heard.prosody, brief)
    if progress:
        progress(1.0)
    return Performance(RigCurves(BOARD_NAMES, values, float(brief.fps)), head, heard.phones)


def _spoken(sound: Sound, brief: Brief, model: SpeechModel, progress: Progress) -> tuple[Face, PhoneTrack]:
    """What the network and the script say together."""
    face, posteriors = hear(sound, model, brief.emotion, progress)
    phones = _phones(posteriors, brief, sound.duration_s)
    if brief.script and brief.script.track:
        spans = retouch.changed_spans(recognise(posteriors, sound.duration_s), phones)
        face = _retouched(face, phones, spans, brief.emotion, model)
    return face, phones


def _phones(posteriors: np.ndarray, brief: Brief, duration_s: float) -> PhoneTrack:
    """What is said: as it is heard, as the words ask, or as somebody put it right. posteriors: float32 [N, 40]."""
    script = brief.script
    if script is None:
        return recognise(posteriors, duration_s)
    return script.track or align(posteriors, script.ways(), duration_s)


def _retouched(
    face: Face, phones: PhoneTrack, spans: tuple[retouch.Span, ...], emotion: EmotionTrack, model: SpeechModel
) -> Face:
    """The face made anew from phones in the spans in which somebody put another phone than is heard."""
    if not spans:
        return face
    count = len(face.board)
    made = speak_phones(retouch.one_hot(phones, count), model, emotion)
    weights = retouch.mask(spans, count)
    seal = face.seal + weights * (made.seal - face.seal)
    return Face(retouch.blend(face.board, made.board, weights), seal)


def _directed(board: np.ndarray, brief: Brief, prosody: Prosody) -> np.ndarray:
    """Strengths, styles, emphasis and smoothing, all before the lips get their due. board: float32 [N, 185]."""
    shaped = shape_motion.shape(board, brief.direction, prosody, brief.wishes)
    return shape_motion.smooth(shaped, brief.direction.smoothing_s)


def _close(board: np.ndarray, seal: np.ndarray, lips: articulation.Lips) -> None:
    """Every closure, in place. board: float32 [N, 185]; seal: float32 [N]."""
    for start in range(0, len(board), BLOCK_FRAMES):
        rows = slice(start, start + BLOCK_FRAMES)
        articulation.close_lips(board[rows], seal[rows], lips)


def _enliven(values: np.ndarray, times: np.ndarray, prosody: Prosody, brief: Brief) -> np.ndarray:
    """Add what lives by itself, in place. values: float32 [T, 185]. Returns the head, float32 [T, 3]."""
    curves, head = life.live(times, prosody, brief.seed, brief.direction, brief.emotion, brief.wishes)
    for start in range(0, len(values), BLOCK_FRAMES):
        rows = slice(start, start + BLOCK_FRAMES)
        values[rows] = life.add_life(values[rows], {name: curve[rows] for name, curve in curves.items()})
    return head


def _check(speech: Speech, fps: float) -> None:
    if speech.rate_hz != mel.RATE_HZ:
        raise AudioError(f"The speech model hears {mel.RATE_HZ} Hz, but was given {speech.rate_hz} Hz; resample first.")
    if not len(speech.samples):
        raise AudioError("The recording holds no sound; choose one of at least a tenth of a second.")
    if not (fps > 0 and math.isfinite(fps)):
        raise AudioError(f"The frame rate must be above 0 frames per second, but is {fps}.")
