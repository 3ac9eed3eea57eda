"""What drawn people do: expressions that come and go, alone and together, and speech, while the head turns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...rig.arkit import ARKIT_52

STEP, TURN_STEP = 4, 12
"""Pictures from one expression to the next, and from one turn of the head to the next."""
CALM = 16
"""Pictures at the beginning in which hardly anything is done: a film that its neutral can be read from."""
NUMBERS = {name: k for k, name in enumerate(ARKIT_52)}
SIDED = tuple(
    name.removesuffix("Left") for name in ARKIT_52 if name.endswith("Left") and f"{name[:-4]}Right" in NUMBERS
)
PLAIN = tuple(name for name in SIDED if not name.startswith("eyeLook") and name not in ("jaw", "mouth"))
LONE = tuple(name for name in ARKIT_52 if not name.endswith(("Left", "Right")) and name != "mouthClose")
SWAYS = ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
MOST = 2.6
"""Sum of weights above which no face acts."""
KINDS = ("rest", "alone", "pair", "several", "speech")
CHANCES = (0.2, 0.26, 0.12, 0.24, 0.18)


@dataclass(frozen=True, slots=True, eq=False)
class Acts:
    """weights: float64 [T, 52], 0..1; angles: float64 [T, 3], yaw, pitch and roll, radians."""

    weights: np.ndarray
    angles: np.ndarray


def random_acts(count: int, speech: np.ndarray, rng: np.random.Generator) -> Acts:
    """Somebody acting for a number of pictures. speech: [T, 52], curves of a voice to take passages from."""
    keys = count // STEP + 2
    kinds = rng.choice(len(KINDS), keys, p=CHANCES)
    rows = np.stack([_expression(KINDS[kind], rng) for kind in kinds])
    weights = _between(rows, STEP, count)
    spoken = _between((kinds == KINDS.index("speech")).astype(float)[:, None], STEP, count)
    start = rng.integers(0, max(len(speech) - count, 1))
    talk = speech[(start + np.arange(count)) % len(speech)] * rng.uniform(0.6, 1.3)
    weights = np.clip(weights + spoken * talk, 0, 1)
    weights[:CALM] *= 0.12
    turns = rng.normal(0, (0.2, 0.1, 0.08), (count // TURN_STEP + 2, 3))
    turns[:2] *= 0.3
    return Acts(weights, _between(turns, TURN_STEP, count))


def _expression(kind: str, rng: np.random.Generator) -> np.ndarray:
    row = np.zeros(len(ARKIT_52))
    if kind == "alone":
        _put(row, rng, 1.0)
    elif kind == "pair":
        _put(row, rng, 0.0)
    elif kind == "several":
        for _ in range(rng.integers(2, 6)):
            _put(row, rng, rng.uniform(0, 1))
    if rng.random() < 0.3:
        _look(row, rng)
    if rng.random() < 0.2:
        row[[NUMBERS["eyeBlinkLeft"], NUMBERS["eyeBlinkRight"]]] = rng.uniform(0.5, 1)
    row[NUMBERS["mouthClose"]] = min(row[NUMBERS["mouthClose"]], row[NUMBERS["jawOpen"]])
    return row * min(1.0, MOST / max(row.sum(), 1e-9))


def _put(row: np.ndarray, rng: np.random.Generator, one_sided: float) -> None:
    """Add an expression; one_sided: the chance that a shape of two sides is done by one alone."""
    strength = rng.uniform(0.25, 1.0)
    sort = rng.random()
    if sort < 0.68:
        name = str(rng.choice(PLAIN))
        sides = ["Left", "Right"] if rng.random() >= one_sided else [str(rng.choice(["Left", "Right"]))]
        for side in sides:
            row[NUMBERS[name + side]] = strength * (1.0 if len(sides) == 1 else rng.uniform(0.6, 1.0))
    elif sort < 0.8:
        row[NUMBERS[str(rng.choice(SWAYS))]] = strength
    else:
        row[NUMBERS[str(rng.choice(LONE))]] = strength
    if rng.random() < 0.25:
        row[NUMBERS["jawOpen"]] = max(row[NUMBERS["jawOpen"]], rng.uniform(0.05, 0.8))
        if rng.random() < 0.2:
            row[NUMBERS["mouthClose"]] = row[NUMBERS["jawOpen"]] * rng.uniform(0.5, 1)


def _look(row: np.ndarray, rng: np.random.Generator) -> None:
    """Both eyes look somewhere."""
    aside, up = rng.uniform(-0.8, 0.8, 2)
    names = ("eyeLookOutLeft", "eyeLookInRight") if aside > 0 else ("eyeLookInLeft", "eyeLookOutRight")
    names += ("eyeLookUpLeft", "eyeLookUpRight") if up > 0 else ("eyeLookDownLeft", "eyeLookDownRight")
    row[[NUMBERS[name] for name in names]] = np.repeat(np.abs((aside, up)), 2)


def _between(rows: np.ndarray, step: int, count: int) -> np.ndarray:
    """Rows that stand step pictures apart as rows of every picture."""
    place = np.arange(count) / step
    low = place.astype(int)
    share = (place - low)[:, None]
    return rows[low] * (1 - share) + rows[low + 1] * share


def spoken_curves(recording: Path) -> np.ndarray:
    """A recording of a voice as the curves that it makes, [T, 52] at 25 pictures a second."""
    from ...audio.read import read_speech
    from ...avatar.voice import arkit_weights
    from ...speech.brief import Brief
    from ...speech.perform import perform

    return arkit_weights(perform(read_speech(recording), Brief(25.0)))
