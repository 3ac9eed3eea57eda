"""Where the eyes look: small jumps about the listener's face, and now and then a look away to think.

Amounts from Lee, Badler & Badler 2002 ("Eyes Alive", talking mode): how long a speaker looks at the listener and away,
how far away lies, and in which of eight directions.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .prosody import Prosody

FULL_LOOK_RAD = np.radians(30.0)
"""What an eye channel of 1.0 turns the eye; ARKit's own range is about that."""
CONTACT_S, AWAY_S = 3.13, 0.93
"""Mean length of a look at the listener and of one away."""
SCAN_S = (0.35, 1.5)
SCAN_DEG = (1.4, 1.0)
"""Fixations while looking at a face go from eye to eye to mouth: deviation in yaw and pitch."""
AWAY_DEG = (3.0, 16.0)
LONGEST_AWAY_S = 2.5
DIRECTION_SHARES = np.array([15.54, 6.46, 17.69, 7.44, 16.80, 7.89, 20.38, 7.79])
"""Percent of jumps to 0, 45, ... 315 degrees from the right."""
PHRASE_SHARE = 0.3
"""Share of phrases that begin with a look away (Kendon 1967)."""
LEAST_JUMP_S, JUMP_S_PER_DEG = 0.021, 0.0022
"""The main sequence: how long a jump takes (Bahill, Clark & Stark 1975; line after Carpenter 1988)."""
VERGENCE_DEG = 0.35
"""Deviation of how far each eye turns in or out as the look goes nearer or farther."""
HOLD = 0.9
"""Share of a head's turn that the eyes turn back, so that they stay on what they look at (vestibulo-ocular reflex;
in film, eyes and head correlate at -0.8 to -0.9 in yaw and pitch)."""
LID_DOWN, LID_UP = 0.25, 0.15
"""Share of a full look that the upper lid follows (Becker & Fuchs 1988: lids move with the eyes)."""


def gaze_path(times: np.ndarray, prosody: Prosody, rng: np.random.Generator) -> np.ndarray:
    """Where the eyes turn, radians [T, 3]: yaw to the character's left, pitch up, and how far each turns inwards.

    times: seconds [T]. Begins straight ahead.
    """
    starts, targets = _fixations(prosody, rng)
    before = np.concatenate([np.zeros((1, 3)), targets[:-1]])
    sizes = np.linalg.norm(targets - before, axis=1)
    lengths = LEAST_JUMP_S + JUMP_S_PER_DEG * sizes
    place = np.searchsorted(starts, times, side="right") - 1
    into = np.where(place >= 0, (times - starts[place]) / lengths[place], 0.0).clip(0.0, 1.0)[:, None]
    eased = into * into * (3 - 2 * into)
    return np.radians(before[place] * (1 - eased) + targets[place] * eased) * (place >= 0)[:, None]


def held(path: np.ndarray, head: np.ndarray) -> np.ndarray:
    """A gaze path that stays on its targets while the head turns. path, head: radians [T, 3], head as Performance.head.

    Rolling moves no target out of sight, so only yaw and pitch are turned back.
    """
    return path - HOLD * head * (1, 1, 0)


def look_controls(path: np.ndarray) -> dict[str, np.ndarray]:
    """The eye channels of a gaze path. path: radians [T, 3]. Returns float [T] each, -1..1."""
    yaw, pitch, inwards = path.T / FULL_LOOK_RAD
    return {
        "CTRL_L_eye.tx": yaw - inwards,
        "CTRL_R_eye.tx": yaw + inwards,
        "CTRL_L_eye.ty": pitch,
        "CTRL_R_eye.ty": pitch,
    }


def lid_follow(path: np.ndarray) -> np.ndarray:
    """How far the upper lids fall (above 0) or rise with the eyes. path: radians [T, 3]. Returns [T]."""
    pitch = path[:, 1] / FULL_LOOK_RAD
    return LID_DOWN * np.maximum(-pitch, 0) - LID_UP * np.maximum(pitch, 0)


def _fixations(prosody: Prosody, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Seconds at which each fixation begins, rising [F], and where it rests, degrees [F, 3]; F is at least 1."""
    steps, places, phrases = rng.spawn(3)
    begun = prosody.phrases()[:, 0]
    begun = begun[phrases.random(len(begun)) < PHRASE_SHARE]
    starts, targets = [], []
    for start, away in _looks(steps, begun, prosody.duration_s + 1.0):
        starts.append(start)
        targets.append(_away(places) if away else _on_face(places))
    return np.array(starts), np.array(targets)


def _looks(rng: np.random.Generator, begun: np.ndarray, duration_s: float) -> Iterator[tuple[float, bool]]:
    """When each fixation begins, and whether it is away. begun: seconds of phrases that ask for a look away."""
    now = float(rng.uniform(*SCAN_S))
    turn = now + rng.exponential(CONTACT_S)
    asked = iter([*begun, np.inf])
    ask = next(asked)
    yield now, False
    while now < duration_s:
        now += float(rng.uniform(*SCAN_S))
        while ask < now - SCAN_S[1]:
            ask = next(asked)
        if ask <= now:
            now, ask = max(ask, now - SCAN_S[0]), next(asked)
            turn = now
        away = now >= turn
        yield now, away
        if away:
            now += min(float(rng.exponential(AWAY_S)), LONGEST_AWAY_S) + 0.15
            yield now, False
            turn = now + rng.exponential(CONTACT_S)


def _on_face(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0.0, 1.0, 3).clip(-2, 2) * (*SCAN_DEG, VERGENCE_DEG)


def _away(rng: np.random.Generator) -> np.ndarray:
    """A point off the face: size after Lee et al. 2002, equation 1."""
    size = np.clip(-6.9 * np.log(rng.uniform(0.5, 15.0) / 15.7), *AWAY_DEG)
    angle = np.radians(45.0) * (rng.choice(8, p=DIRECTION_SHARES / DIRECTION_SHARES.sum()) + rng.uniform(-0.5, 0.5))
    # What is looked at to think lies farther than the listener, so the eyes turn outwards a little.
    return np.array([size * np.cos(angle), 0.6 * size * np.sin(angle), -VERGENCE_DEG])
