"""What must not be seen: a mouth that moves over silence, and lips that tremble."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.rig.arkit import ARKIT_52, names_of_region
from core.speech import mel
from core.training.judge import fast_share
from core.types import RigCurves

from .clips import Clip
from .methods import lips_of

SILENCE_S = 6.0
MOUTH = names_of_region("jaw", "mouth", "cheek", "nose", "tongue")
"""What must rest; eyes and brows go on living."""
FILM_ABOVE_HZ = 8.0
FINE_FPS, FINE_ABOVE_HZ = 60.0, 12.0
Actor = Callable[[np.ndarray, float], RigCurves]
"""Sound float32 [S] at 16 kHz and frames per second to the 52 ARKit shapes."""


def quiet_rooms() -> dict[str, np.ndarray]:
    """Silence of several kinds, float32 [S] each at 16 kHz."""
    rng = np.random.default_rng(5)
    count = int(SILENCE_S * mel.RATE_HZ)
    white = rng.standard_normal(count)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    pink = np.fft.irfft(spectrum / np.sqrt(1 + np.arange(len(spectrum))), count)
    hum = np.sin(2 * np.pi * 50 * np.arange(count) / mel.RATE_HZ) + 0.1 * white
    rooms = {"room, -70 dB": (white, -70), "room, -55 dB": (pink, -55), "mains hum, -50 dB": (hum, -50)}
    made = {name: (noise - noise.mean()) / noise.std() * 10 ** (db / 20) for name, (noise, db) in rooms.items()}
    return {name: samples.astype(np.float32) for name, samples in ({"digital silence": np.zeros(count)} | made).items()}


def resting(act: Actor) -> dict[str, tuple[str, float]]:
    """The mouth control that moves most in each quiet room, and how far."""
    found = {}
    for name, samples in quiet_rooms().items():
        values = act(samples, FINE_FPS).values
        most = {shape: float(values[:, ARKIT_52.index(shape)].max()) for shape in MOUTH}
        shape = max(most, key=most.__getitem__)
        found[name] = (shape, most[shape])
    return found


def trembling(clips: list[Clip], act: Actor) -> dict[str, tuple[float, float, float]]:
    """Shares of fast power in lips and jaw, medians over clips.

    Returns for each (film above 8 Hz, ours above 8 Hz at the film's rate, ours above 12 Hz at 60 fps).
    """
    table: dict[str, list[tuple[float, float, float]]] = {"lip opening": [], "jaw": []}
    for clip in clips:
        coarse, fine = act(clip.samples, clip.fps), act(clip.samples, FINE_FPS)
        filmed = {"lip opening": clip.opening, "jaw": clip.jaw}
        for part, rows in table.items():
            slow, quick = (_curve(curves, part) for curves in (coarse, fine))
            shares = [fast_share(curve, clip.fps, FILM_ABOVE_HZ) for curve in (filmed[part], slow)]
            rows.append((*shares, fast_share(quick, FINE_FPS, FINE_ABOVE_HZ)))
    return {part: tuple(np.median(rows, axis=0).tolist()) for part, rows in table.items()}


def _curve(curves: RigCurves, part: str) -> np.ndarray:
    return curves.column("jawOpen") if part == "jaw" else lips_of(curves).opening
