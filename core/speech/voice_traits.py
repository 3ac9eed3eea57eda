"""What a voice does that no word needs: pitch, its range, brightness, pace and steadiness, whatever the level.

Source of the choice: Eyben et al. 2016, "The Geneva minimalistic acoustic parameter set (GeMAPS)", IEEE TAC 7(2);
Juslin & Laukka 2003, "Communication of emotions in vocal expression and music performance", Psych. Bulletin 129.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields

import numpy as np

from .level import RATE_HZ
from .pitch import TRACK_RATE_HZ, PitchTrack, track_pitch
from .prosody import smooth

MAN_HZ, WOMAN_HZ = 113.0, 199.0
"""Typical pitch. Source: Traunmueller & Eriksson 1995, "The frequency range of the voice fundamental", tables 2 and 3
(read speech of European languages, 18 Hz either side of the means they collect)."""
LOW_VOICE_HZ, LOW_VOICE_SPREAD = 150.0, 0.08  # the low end of a voice that may be either's, and its width in octaves
_WINDOW = 512
_HOP = RATE_HZ // TRACK_RATE_HZ
_BLOCK = 4000
SYLLABLE_RISE_DB = 2.0  # Source: de Jong & Wempe 2009, "Praat script to detect syllable nuclei": dips of 2 dB


@dataclass(frozen=True, slots=True)
class Traits:
    """One number each for a whole recording.

    lift:       semitones of the median pitch over a typical voice of this kind.
    range:      semitones from the 20th to the 80th percentile of pitch (GeMAPS).
    alpha:      dB by which 1-5 kHz stands over 50 Hz-1 kHz in voiced frames: brighter, tenser voices have more.
    hammarberg: dB by which the highest peak below 2 kHz stands over the one in 2-5 kHz: tenser voices have less.
    swing:      dB, deviation of the level inside speech.
    pace:       syllables a second of speech.
    roughness:  1 - clarity of voiced frames: irregular, breathy or creaky.
    """

    lift: float
    range: float
    alpha: float
    hammarberg: float
    swing: float
    pace: float
    roughness: float

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(field.name for field in fields(cls))

    def row(self) -> np.ndarray:
        """float64 [7], in the order of names()."""
        return np.array(astuple(self))


@dataclass(frozen=True, slots=True)
class Voicing:
    """How much of a recording is a voice that speaks.

    voiced_s: seconds of voiced sound.
    share:    voiced share of what is heard, 0..1.
    glide:    share of voiced moments whose pitch moves as speech does, 0..1; held tones do not.
    contrast: dB from the quiet to the loud tenth.
    """

    voiced_s: float
    share: float
    glide: float
    contrast: float


def hear_traits(samples: np.ndarray) -> tuple[Traits | None, Voicing]:
    """Measure a recording. samples: float32 [S] at RATE_HZ. Traits are None without half a second of voice."""
    pitch = track_pitch(samples)
    voicing = _voicing(pitch)
    if voicing.voiced_s < 0.5:
        return None, voicing
    hz = pitch.hz[pitch.voiced]
    low, first, median, last = np.quantile(hz, (0.1, 0.2, 0.5, 0.8))
    alpha, hammarberg = _brightness(samples, pitch.voiced)
    speech = _speech(pitch)
    traits = Traits(
        lift=float(12 * np.log2(median / _typical_hz(low))),
        range=float(12 * np.log2(last / first)),
        alpha=alpha,
        hammarberg=hammarberg,
        swing=float(pitch.levels[speech].std()),
        pace=_syllables(pitch) / max(speech.sum() / TRACK_RATE_HZ, 0.5),
        roughness=float(1 - np.median(pitch.clarity[pitch.voiced])),
    )
    return traits, voicing


def _voicing(pitch: PitchTrack) -> Voicing:
    low, high = np.quantile(pitch.levels, (0.1, 0.9))
    heard = _speech(pitch)
    both = pitch.voiced[2:] & pitch.voiced[:-2]
    steps = np.abs(np.log2(pitch.hz[2:][both] / pitch.hz[:-2][both])) * 12
    return Voicing(
        voiced_s=float(pitch.voiced.sum() / TRACK_RATE_HZ),
        share=float(pitch.voiced.sum() / max(heard.sum(), 1)),
        glide=float((steps > 0.12).mean()) if len(steps) else 0.0,
        contrast=float(high - low),
    )


def _speech(pitch: PitchTrack) -> np.ndarray:
    """Frames within 25 dB of the loud tenth, bool [N]."""
    return pitch.levels > max(float(np.quantile(pitch.levels, 0.9)) - 25.0, -100.0)


def _typical_hz(low_hz: float) -> float:
    """Pitch expected of a speaker by the low end of the voice, which excitement moves less than the median."""
    woman = 1 / (1 + np.exp(-np.log2(low_hz / LOW_VOICE_HZ) / LOW_VOICE_SPREAD))
    return float(MAN_HZ ** (1 - woman) * WOMAN_HZ**woman)


def _brightness(samples: np.ndarray, voiced: np.ndarray) -> tuple[float, float]:
    """alpha and hammarberg of Traits, means over voiced frames. voiced: bool [N] at TRACK_RATE_HZ."""
    padded = np.pad(samples, (_WINDOW // 2, _WINDOW + _HOP * len(voiced)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    chosen = np.flatnonzero(voiced)
    bins_hz = np.fft.rfftfreq(_WINDOW, 1 / RATE_HZ)
    low, high = (bins_hz >= 50) & (bins_hz < 1000), (bins_hz >= 1000) & (bins_hz <= 5000)
    under, over = bins_hz < 2000, (bins_hz >= 2000) & (bins_hz <= 5000)
    sums = np.zeros(2)
    for start in range(0, len(chosen), _BLOCK):
        power = np.abs(np.fft.rfft(frames[chosen[start : start + _BLOCK]] * np.hanning(_WINDOW), axis=1)) ** 2 + 1e-12
        ratios = power[:, high].sum(axis=1) / power[:, low].sum(axis=1), power[:, under].max(1) / power[:, over].max(1)
        sums += [float((10 * np.log10(ratio)).sum()) for ratio in ratios]
    alpha, hammarberg = sums / max(len(chosen), 1)
    return float(alpha), float(hammarberg)


def _syllables(pitch: PitchTrack) -> int:
    """Syllable nuclei: voiced peaks of the level with a dip of SYLLABLE_RISE_DB since the one before."""
    level = smooth(np.maximum(pitch.levels, pitch.levels.max() - 40.0), 0.07, TRACK_RATE_HZ)
    voiced, count, rising, low, high = pitch.voiced, 0, True, float(level[0]), float(level[0])
    for value, here in zip(level.tolist(), voiced.tolist(), strict=True):
        if rising:
            high = max(high, value)
            if value < high - SYLLABLE_RISE_DB:
                rising, low = False, value
        else:
            low = min(low, value)
            if value > low + SYLLABLE_RISE_DB and here:
                rising, high, count = True, value, count + 1
    return count
