"""Mouthpiece as the benchmark asks it to act: any feeling, any rate, in ARKit shapes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from core.rig.convert import to_rig
from core.speech import mel
from core.speech.brief import Brief
from core.speech.emotion import EmotionTrack
from core.speech.hear import Face, take_in
from core.speech.perform import Heard, listen, perform, play
from core.speech.weights import SpeechModel
from core.types import Performance, RigCurves, Speech

from .methods import RATE_HZ, Lips, lips_of
from .upper_face import RATE_HZ as UPPER_RATE_HZ


@dataclass(frozen=True, slots=True)
class Ask:
    """One performance. seed: of what lives by itself."""

    fps: float
    feeling: EmotionTrack = field(default_factory=EmotionTrack.neutral)
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Actor:
    """Mouthpiece with the shipped weights, or with others. Sound is float32 [S] at 16 kHz everywhere."""

    model: SpeechModel | None = None
    _heard: dict[bytes, Heard] = field(default_factory=dict)

    def act(self, samples: np.ndarray, ask: Ask) -> Performance:
        """A performance in the 52 ARKit shapes."""
        brief = Brief(fps=ask.fps, seed=ask.seed, emotion=ask.feeling)
        return to_rig(perform(Speech(samples, mel.RATE_HZ), brief, model=self.model), "arkit52")

    def lips(self, samples: np.ndarray) -> Lips:
        """As a Method among others."""
        return lips_of(self.curves(samples, RATE_HZ))

    def curves(self, samples: np.ndarray, fps: float) -> RigCurves:
        """A neutral face."""
        return self.act(samples, Ask(fps)).curves

    def feel(self, samples: np.ndarray, fps: float, feeling: EmotionTrack) -> RigCurves:
        """A face that feels."""
        return self.act(samples, Ask(fps, feeling)).curves

    def whole(self, samples: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
        """Shapes, head and rate, as upper_face.Performer."""
        performed = to_rig(self._play(samples, Brief(UPPER_RATE_HZ, seed=seed)), "arkit52")
        return performed.curves.values, performed.head, UPPER_RATE_HZ

    def _play(self, samples: np.ndarray, brief: Brief) -> Performance:
        """What is heard in a recording, played; the last recording is remembered, for it comes again."""
        name = samples.tobytes()
        if name not in self._heard:
            self._heard.clear()
            self._heard[name] = listen(take_in(Speech(samples, mel.RATE_HZ)), brief, model=self.model)
        heard = self._heard[name]
        copied = replace(heard, face=Face(heard.face.board.copy(), heard.face.seal))
        return play(copied, brief, model=self.model)
