"""The emotion a voice suggests: a guess with its confidence, for an animator to take or leave. Off by default.

Nothing is learned from acted emotions. Usual values and spreads of the traits are those of plain read speech;
directions come from the literature. Sources: Juslin & Laukka 2003, Psych. Bulletin 129, table 11 (cues of anger, fear,
happiness, sadness); Banse & Scherer 1996, J. Personality and Social Psychology 70 (disgust, and the mean pitch and
range of elation for surprise); Goudbeek & Scherer 2010, JASA 128 (arousal: pitch, spectral tilt, variation).
How well it does is measured in docs/emotion.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .emotion import EMOTIONS, NEUTRAL
from .voice_traits import Traits, Voicing, hear_traits

USUAL = {"lift": 1.9, "range": 5.9, "alpha": -14.0, "hammarberg": 24.5, "swing": 7.4, "pace": 3.7, "roughness": 0.115}
SPREAD = {"lift": 2.9, "range": 3.0, "alpha": 4.9, "hammarberg": 6.0, "swing": 0.7, "pace": 0.56, "roughness": 0.05}
"""Median and deviation over 251 readers of LibriSpeech train-clean-100 (CC BY 4.0), one utterance each."""

CUES = ("lift", "range", "brightness", "swing", "pace", "roughness")
"""What is weighed: brightness joins alpha and hammarberg, which say nearly the same."""
MOST = 3.0  # spreads beyond which a cue counts no further
AROUSAL = (0.40, 0.15, 0.30, 0.10, 0.05, 0.0)
AROUSAL_SLOPE, AROUSAL_CENTRE = 1.6, 0.3  # plain reading is a little below the middle
FACES = {
    NEUTRAL: (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "happy": (1.0, 1.0, 0.5, 0.3, 0.4, -0.4),
    "sad": (-1.0, -0.8, -0.9, -0.5, -0.9, 0.4),
    "angry": (0.8, 0.5, 1.2, 0.6, 0.4, 0.4),
    "surprised": (1.3, 1.3, 0.2, 0.0, 0.3, 0.0),
    "fearful": (1.3, -0.4, 0.3, 0.4, 0.7, 0.4),
    "disgusted": (-0.4, 0.4, 0.3, 0.3, -1.1, 0.6),
}
"""Where each emotion lies from plain reading, in spreads of CUES."""
SHARPNESS = 0.8
PLEASANT = {
    NEUTRAL: 0.5, "happy": 0.9, "sad": 0.15, "angry": 0.15, "surprised": 0.6, "fearful": 0.15, "disgusted": 0.15,
}  # fmt: skip
"""Valence of each emotion. Source: Russell 1980, "A circumplex model of affect", read off its figure 4."""

ENOUGH_S = (0.4, 1.2)  # seconds of voice below which nothing is said, and from which all may be: a short line
VOICED_SHARE = (0.2, 0.4)  # noise and breath have less
GLIDE = (0.4, 0.6)  # music holds its tones
CONTRAST_DB = (8.0, 16.0)  # speech rises from pauses


@dataclass(frozen=True, slots=True)
class HeardEmotion:
    """What a voice suggests.

    arousal:    0 calm .. 1 excited.
    valence:    0 unpleasant .. 1 pleasant; voices tell little of it.
    weights:    EMOTIONS and neutral to 0..1, sum 1.
    confidence: 0..1; near 0 for silence, noise, music, or too little of a voice.
    """

    arousal: float
    valence: float
    weights: dict[str, float]
    confidence: float

    @property
    def name(self) -> str:
        """The likeliest emotion, or neutral."""
        return max(self.weights, key=self.weights.__getitem__)

    def mixture(self) -> dict[str, float]:
        """A mixture to begin with, EMOTIONS to 0..1: weights drawn in by how little is known."""
        return {name: round(self.weights[name] * self.confidence, 3) for name in EMOTIONS}


def hear_emotion(samples: np.ndarray) -> HeardEmotion:
    """Listen to a recording. samples: float32 [S] at RATE_HZ, any level. Nothing heard gives neutral, confidence 0."""
    traits, voicing = hear_traits(samples)
    if traits is None:
        return HeardEmotion(0.5, 0.5, {NEUTRAL: 1.0, **dict.fromkeys(EMOTIONS, 0.0)}, 0.0)
    cues = weigh_cues(traits)
    trust = _trust(voicing)
    # What is no voice must not look like a feeling: mistrusted cues shrink towards plain reading.
    weights = _weights(cues * trust)
    enough = _ramp(voicing.voiced_s, ENOUGH_S)
    arousal = 1 / (1 + np.exp(-AROUSAL_SLOPE * (trust * float(cues @ AROUSAL) - AROUSAL_CENTRE)))
    valence = sum(PLEASANT[name] * weight for name, weight in weights.items())
    margin = (max(weights.values()) - 1 / len(weights)) / (1 - 1 / len(weights))
    return HeardEmotion(float(arousal), float(valence), weights, float(trust * enough * margin))


def weigh_cues(traits: Traits) -> np.ndarray:
    """Traits in spreads from plain reading, float64 [6], columns CUES, -MOST..MOST."""
    off = {name: (getattr(traits, name) - USUAL[name]) / SPREAD[name] for name in Traits.names()}
    off["brightness"] = 0.5 * (off["alpha"] - off["hammarberg"])
    return np.clip([off[name] for name in CUES], -MOST, MOST)


def _weights(cues: np.ndarray) -> dict[str, float]:
    """Shares of the emotions: how near the cues lie to each, as equal round Gaussians would have it."""
    near = np.array([-0.5 * SHARPNESS * float(((cues - face) ** 2).sum()) for face in FACES.values()])
    shares = np.exp(near - near.max())
    return dict(zip(FACES, (shares / shares.sum()).tolist(), strict=True))


def _trust(voicing: Voicing) -> float:
    """How far the recording is a voice that speaks, 0..1."""
    parts = (
        _ramp(voicing.share, VOICED_SHARE),
        _ramp(voicing.glide, GLIDE),
        _ramp(voicing.contrast, CONTRAST_DB),
    )
    return float(np.prod(parts))


def _ramp(value: float, ends: tuple[float, float]) -> float:
    return float(np.clip((value - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0))
