"""A face that speaks while somebody is still speaking: samples in, board frames out, 72.5 ms behind the sound.

The frame at second t is given as soon as the sound up to t + LOOK_AHEAD_S is there: 60 ms that the trunk waits, and
12.5 ms, half an analysis window. Nothing else looks ahead: level, gate, rules and life go by what was heard so far.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import check
from ..errors import AudioError, SettingError
from ..rig.board import BOARD, columns
from . import articulation, mel
from .direction import Direction
from .emotion import EmotionTrack
from .generator import STREAM, SidedGenerator
from .hear import resting_pose_at
from .level import FRAME_RATE_HZ, QUIETEST_DB
from .life import add_life
from .phone_head import OF_TRUNK, phone_posteriors
from .shape_motion import strengthen
from .stream_level import RunningGain, RunningGate, level_of
from .stream_life import RunningLife
from .stream_rules import RunningRules
from .trunk import Trunk
from .weights import SpeechModel, load_model

LOOK_AHEAD_S = 3 / FRAME_RATE_HZ + mel.WINDOW / 2 / mel.RATE_HZ
FUTURE_WISHES = ("style_jaw", "style_lip", "emphasis", "smoothing_s", "offset_s")
"""What a direction can only do to a recording that is over: they weigh a moment against what comes after it."""
_BEFORE, _AFTER = mel.HOP + mel.WINDOW // 2, mel.WINDOW // 2
"""Samples that a hop needs before and after its own time: two windows, 10 ms apart."""


@dataclass(frozen=True, slots=True, eq=False)
class StreamFrames:
    """The frames that became ready, 50 a second.

    first: number of the first of them; frame k lies at k / 50 s.
    board: float32 [n, 185], columns BOARD_NAMES.
    head:  float32 [n, 3], radians, as Performance.head.
    posteriors: float32 [n, 40], how likely each phone is, columns PHONES.
    """

    first: int
    board: np.ndarray
    head: np.ndarray
    posteriors: np.ndarray


class SpeechStream:
    """Fed with samples as they come. What it says does not depend on how they are cut into pieces."""

    def __init__(
        self,
        model: SpeechModel | None = None,
        *,
        emotion: EmotionTrack | None = None,
        direction: Direction | None = None,
        seed: int = 0,
    ) -> None:
        """emotion: over the seconds of the stream.

        Raises SettingError for a direction that needs the future, ModelError when the shipped weights cannot be read.
        """
        self._direction = _checked(direction or Direction())
        self._model = model or load_model()
        self._emotion = emotion or EmotionTrack.neutral()
        self._waiting = np.zeros(_BEFORE, np.float32)  # from sample 320 m - 360 on, m the next hop
        self._hops = self._frames = self._samples = 0
        self._trunk = Trunk(self._model)
        self._generator = SidedGenerator(self._model, STREAM, self._emotion.is_even)
        self._rest = resting_pose_at(self._model, self._emotion, STREAM)
        self._lips = articulation.read_lips(self._model)
        self._gain, self._gate = RunningGain(), RunningGate(self._model.delay)
        self._levels: list[float] = []  # of the hops that are heard and not shown yet
        self._rules, self._life = RunningRules(), RunningLife(seed, self._direction)
        self._over = False

    def feed(self, samples: np.ndarray) -> StreamFrames:
        """Take the next samples, float32 [S] at 16 kHz, any number. Returns the frames that are ready, maybe none.

        Raises ShapeError for another kind of array, AudioError for samples that are no numbers or after finish.
        """
        check("samples", samples, ("S",))
        self._check_open()
        if not np.isfinite(samples).all():
            raise AudioError("The stream holds samples that are not numbers (NaN or infinite); check its source.")
        self._waiting = np.concatenate([self._waiting, samples])
        self._samples += len(samples)
        made = []
        while len(self._waiting) >= _BEFORE + _AFTER:
            made += self._hop(self._waiting[: _BEFORE + _AFTER])
            self._waiting = self._waiting[mel.HOP_SAMPLES :]
        return self._gathered(made)

    def finish(self) -> StreamFrames:
        """The frames that waited for what comes after the end; ceil(S / 320) in all were given then.

        Raises AudioError after finish.
        """
        self._check_open()
        rest = []
        while self._hops * mel.HOP_SAMPLES < self._samples:
            window = self._waiting[: _BEFORE + _AFTER]
            rest += self._hop(np.pad(window, (0, _BEFORE + _AFTER - len(window))))
            self._waiting = self._waiting[mel.HOP_SAMPLES :]
        if self._hops:
            for frame in self._trunk.finish():
                rest.append(self._frame(frame[None], QUIETEST_DB))
        self._over = True
        return self._gathered(rest)

    def _check_open(self) -> None:
        if self._over:
            raise AudioError("This stream is finished; begin another one.")

    def _hop(self, window: np.ndarray) -> list[tuple[np.ndarray, ...]]:
        """Hear one hop. window: float32 [560]. Returns the frame that it made ready, if any."""
        level_db = level_of(window[-mel.HOP_SAMPLES :])
        gain_db = self._gain.feed(level_db)
        level_db = QUIETEST_DB if self._gain.is_room_only else level_db + gain_db
        loud = window * np.float32(10 ** (gain_db / 20))
        rows = mel.frame_log_power(np.lib.stride_tricks.sliding_window_view(loud, mel.WINDOW)[:: mel.HOP])
        if not self._hops:
            rows[0] = mel.FLOOR
        self._hops += 1
        frames = self._trunk.feed(rows.reshape(1, mel.HOP_VALUES))
        if len(frames):
            return [self._frame(frames, level_db)]
        self._gate.feed(level_db)
        self._levels.append(level_db)
        return []

    def _frame(self, frame: np.ndarray, newest_db: float) -> tuple[np.ndarray, ...]:
        """Make one frame. frame: float32 [1, 256]; newest_db: level of the newest hop. Returns board, head, phones."""
        time_s = self._frames / FRAME_RATE_HZ
        self._frames += 1
        self._levels.append(newest_db)
        gate, level_db = np.array([self._gate.feed(newest_db)], np.float32), self._levels.pop(0)
        felt = self._emotion.at(np.array([time_s]))
        made = self._generator.feed(frame, *felt)
        row, seal = np.ascontiguousarray(made[:, : len(BOARD)]), made[:, len(BOARD)]
        row[:, columns("switches")] = 0
        articulation.rest_in_silence(row, gate, self._rest(*felt))
        posteriors = phone_posteriors(frame, self._model, OF_TRUNK) * gate
        posteriors[:, 0] += 1 - gate
        row = strengthen(row, self._direction)
        self._rules.obey(row, posteriors[0])
        articulation.close_lips(row, articulation.witness(seal * gate, posteriors), self._lips)
        alive, head = self._life.step(time_s, level_db, float(gate[0]))
        return add_life(row, alive), head[None].astype(np.float32), posteriors

    def _gathered(self, made: list[tuple[np.ndarray, ...]]) -> StreamFrames:
        empty = tuple(np.zeros((0, size), np.float32) for size in (len(BOARD), 3, 40))
        board, head, posteriors = (np.concatenate(parts) for parts in zip(empty, *made, strict=True))
        return StreamFrames(self._frames - len(board), board, head, posteriors)


def _checked(direction: Direction) -> Direction:
    plain = Direction()
    asked = [name for name in FUTURE_WISHES if getattr(direction, name) != getattr(plain, name)]
    if asked:
        raise SettingError(f"A stream cannot know what comes next, so {' and '.join(asked)} must stay at the default.")
    return direction
