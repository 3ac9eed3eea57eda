"""What a face does by itself while somebody is still speaking: as core.speech.life, but without a view of the future.

Brows and nods answer a stress when it is heard instead of leading it, blinks gather where a phrase has just ended, and
there are no breaths, for nobody knows yet when the next phrase comes. Emotions do not colour the amounts.
"""

from __future__ import annotations

import numpy as np

from . import accents, blinks, gaze
from .direction import Direction
from .level import GOAL_DB
from .life import LID_LAG_S, LIDS

_BLINK, _GAZE, _BROW, _HEAD = range(4)
SPEAKING, PAUSED = 0.5, 0.3  # gates at which a phrase is taken to have begun and to have ended
STRESS = 0.08
"""How far loudness (1 for 40 dB) must rise over its recent mean to count as a stress, as prosody.hear_prosody."""
STRESS_RANGE = 0.35
FAST, SLOW = 0.3, 0.045  # of the way in each frame: syllables and phrases
STRESS_APART_S = 0.35


class Wander:
    """accents.slow_noise, value by value: mean 0, deviation about 1, from 0 on."""

    def __init__(self, period_s: float, rng: np.random.Generator) -> None:
        self._step_s, self._rng = period_s / 2, rng
        self._knot, self._ends = 0, [0.0, self._height()]

    def at(self, time_s: float) -> float:
        """The value at a time not before the last one asked for."""
        place = time_s / self._step_s
        while self._knot < int(place):
            self._knot += 1
            self._ends = [self._ends[1], self._height()]
        into = place - self._knot
        blend = into * into * into * (into * (6 * into - 15) + 10)
        return self._ends[0] * (1 - blend) + self._ends[1] * blend

    def _height(self) -> float:
        return self._rng.uniform(-2.165, 2.165)


class Bump:
    """A soft rise and fall that starts when it is struck; a new one takes over from where the last one is."""

    def __init__(self, rise_s: float, fall_s: float) -> None:
        self._rise_s, self._fall_s = rise_s, fall_s
        self._start_s, self._height, self._from = -1e9, 0.0, 0.0

    def strike(self, time_s: float, height: float) -> None:
        """Begin at time_s."""
        self._from, self._start_s, self._height = self.at(time_s), time_s, height

    def at(self, time_s: float) -> float:
        """The value at a time."""
        into = time_s - self._start_s
        if into < self._rise_s:
            share = 0.5 - 0.5 * np.cos(np.pi * into / self._rise_s)
            return self._from + share * (self._height - self._from)
        gone = min((into - self._rise_s) / self._fall_s, 1.0)
        return self._height * (0.5 + 0.5 * np.cos(np.pi * gone))


class Stresses:
    """Hears stressed syllables as they come."""

    def __init__(self) -> None:
        self._fast = self._slow = 0.0
        self._last_s = -1.0

    def feed(self, time_s: float, level_db: float) -> float:
        """Take the level of a frame. Returns the strength of a stress that is heard now, 0..1, 0 for none."""
        loud = min(max((level_db - (GOAL_DB - 40.0)) / 40.0, 0.0), 1.2)
        before = self._fast - self._slow
        self._fast += FAST * (loud - self._fast)
        self._slow += SLOW * (loud - self._slow)
        now = self._fast - self._slow
        if before < STRESS <= now and time_s - self._last_s > STRESS_APART_S:
            self._last_s = time_s
            return min((loud - self._slow) / STRESS_RANGE, 1.0)
        return 0.0


class RunningLife:
    """Blinks, gaze, brows and head, frame by frame, seeded."""

    def __init__(self, seed: int, direction: Direction) -> None:
        self._direction = direction
        self._blink_rng, self._gaze_rng, brow, head = (np.random.default_rng([seed, part]) for part in range(4))
        self._stress_rng = head.spawn(1)[0]
        self._moods = [(Wander(period, brow.spawn(1)[0]), size) for period, size in accents.BROW_MOODS]
        self._sways = [
            ([Wander(period, head.spawn(1)[0]) for _ in sizes], np.array(sizes)) for period, sizes in accents.HEAD_SWAYS
        ]
        self._lift = Bump(accents.BROW_RISE_S, accents.BROW_FALL_S)
        self._nods = [Bump(accents.NOD_RISE_S, accents.NOD_FALL_S) for _ in range(3)]
        self._stresses, self._speaking, self._busy = Stresses(), False, accents.REST_SHARE
        self._blink_s, self._next_blink_s = -1.0, float(self._blink_rng.uniform(0.3, 2.5))
        self._look, self._before, self._look_s = np.zeros(3), np.zeros(3), 0.0
        self._next_look_s = float(self._gaze_rng.uniform(*gaze.SCAN_S))

    def step(self, time_s: float, level_db: float, gate: float) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """What lives in the frame at time_s, for life.add_life, float [1] each, and the head, radians [3]."""
        wishes = self._direction
        ended = self._speaking and gate < PAUSED
        self._speaking = gate > (PAUSED if self._speaking else SPEAKING)
        self._busy += 0.05 * ((1.0 if self._speaking else accents.REST_SHARE) - self._busy)
        self._strike(time_s, self._stresses.feed(time_s, level_db))
        controls, lids = self._brows(time_s) if wishes.live_brows else ({}, 0.0)
        head = np.radians(self._head_deg(time_s)) * wishes.strength_head if wishes.live_head else np.zeros(3)
        if wishes.live_gaze:
            path = wishes.strength_eyes * gaze.held(self._gaze(time_s)[None], head[None])
            controls |= gaze.look_controls(path)
            lids += float(gaze.lid_follow(path)[0])
        starts = self._blinks(time_s, ended) if wishes.live_blinks else np.zeros(0)
        for name, lag_s in zip(LIDS, LID_LAG_S, strict=True):
            closure = blinks.blink_curve(np.array([time_s]), starts + lag_s)
            controls[name] = closure + (1 - closure) * lids
        return controls, head

    def _strike(self, time_s: float, strength: float) -> None:
        """Let brows and head answer a stress."""
        if not strength:
            return
        share, height, nod, *toss = self._stress_rng.random(5)
        emphasis = self._direction.emphasis
        if share < accents.BROW_SHARE * (0.4 + 0.6 * strength):
            low, high = accents.BROW_HEIGHTS
            self._lift.strike(time_s, (low + height * (high - low)) * (0.5 + 0.5 * strength) * emphasis)
        size = (0.35 + 0.65 * nod) * strength * emphasis
        sides = 2 * np.array([toss[0], 0.5, toss[1]]) - 1
        tops = (np.array(accents.NOD_DEG) + accents.TOSS_DEG * sides) * size
        for bump, top in zip(self._nods, tops, strict=True):
            bump.strike(time_s, float(top))

    def _brows(self, time_s: float) -> tuple[dict[str, np.ndarray], float]:
        """Brow channels, and how far the lids go with them."""
        lift = self._lift.at(time_s)
        wander = self._busy * sum(size * mood.at(time_s) for mood, size in self._moods)
        strength = self._direction.strength_brows
        up, down = strength * (lift + max(wander, 0.0)), strength * max(-wander, 0.0)
        amounts = {"raiseIn": up, "raiseOut": 0.75 * up, "down": down}
        controls = {
            f"CTRL_{side}_brow_{name}.ty": np.array([amount]) for side in "LR" for name, amount in amounts.items()
        }
        return controls, -self._direction.strength_eyes * accents.WIDEN_SHARE * lift

    def _head_deg(self, time_s: float) -> np.ndarray:
        """Yaw, pitch, roll."""
        sway = sum(np.array([axis.at(time_s) for axis in axes]) * sizes for axes, sizes in self._sways)
        return self._busy * sway + [bump.at(time_s) for bump in self._nods]

    def _gaze(self, time_s: float) -> np.ndarray:
        """Where the eyes turn, radians: yaw, pitch, inwards."""
        if time_s >= self._next_look_s:
            rng = self._gaze_rng
            away = rng.random() < gaze.AWAY_S / (gaze.AWAY_S + gaze.CONTACT_S)
            spread = np.array([gaze.AWAY_DEG[1] / 2, gaze.AWAY_DEG[1] / 4, 0.0] if away else [*gaze.SCAN_DEG, 0.2])
            self._before, self._look_s = self._look, time_s
            self._look = rng.normal(0.0, 1.0, 3).clip(-2, 2) * spread
            self._next_look_s = time_s + float(rng.uniform(*gaze.SCAN_S))
        length = gaze.LEAST_JUMP_S + gaze.JUMP_S_PER_DEG * float(np.linalg.norm(self._look - self._before))
        into = min(max((time_s - self._look_s) / length, 0.0), 1.0)
        eased = into * into * (3 - 2 * into)
        return np.radians(self._before + eased * (self._look - self._before))

    def _blinks(self, time_s: float, phrase_ended: bool) -> np.ndarray:
        """Seconds at which the lids began to fall, [1]."""
        rate = self._direction.blink_rate
        asked = phrase_ended and self._blink_rng.random() < blinks.PAUSE_SHARE * rate
        apart = time_s - self._blink_s > blinks.SHORTEST_GAP_S
        if rate and apart and (asked or time_s >= self._next_blink_s):
            spread = self._blink_rng.normal(-(blinks.GAP_SPREAD**2) / 2, blinks.GAP_SPREAD)
            self._blink_s, self._next_blink_s = (
                time_s,
                time_s + 60 / (blinks.RATE_PER_MIN * rate) * float(np.exp(spread)),
            )
        return np.array([self._blink_s])
