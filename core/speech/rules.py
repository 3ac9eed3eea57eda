"""What a mouth must do for a sound, whatever a network averages out.

Lips meet for p b m, the lower lip touches the teeth for f v, the jaw is nearly shut for sibilants, lips are round for
w u o r and hushing sounds, and the tongue goes where it is seen. The rules are data: data/rules.csv says when they
hold, data/rule_targets.csv what they ask. Each only lifts a control to a floor or lowers it to a limit, as far as the
phone is sure, so that a face that already obeys is left as it is.

Source: Edwards, Landreth, Fiume & Singh 2016, "JALI", section 4: closures, labiodentals, sibilants, early rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..arrays import check
from ..errors import SettingError
from ..rig.board import BOARD_NAMES, index
from .level import FRAME_RATE_HZ
from .phones import KIND, Phone, PhoneTrack
from .tables import read_table

DOUBT, SURE = 0.15, 0.5
"""Confidences of a phone below which its rule does nothing and above which it holds in full."""
SHUT, OPEN = 0.02, 0.1
"""Openings (jaw less what the lips close of it) at which the tongue stays inside and may show in full."""
MARGIN_S = 0.03
"""How long coming into a phone and leaving it take at most: a hummed m does not open before its end."""
CLOSURE = "closure"
SAFE = frozenset(
    ("teeth on lip", "tongue between teeth", "tongue tip at gum", "tongue tip near gum", "tongue back up", "round",
     "half round", "light round")
)  # fmt: skip
"""Rules for phones that were only heard: a wrong one is hardly seen. The others mostly move the jaw, which the network
places better by itself: with them lips follow the filmed ones of GRID less well (r .87 in place of .91)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a rule holds; see data/rules.csv.

    targets: (columns, True for a floor, value, True where it needs an open mouth).
    """

    name: str
    phones: frozenset[str]
    first: float
    last: float
    least_s: float
    lead_s: float
    trail_s: float
    spares_vowels: bool
    targets: tuple[tuple[tuple[int, ...], bool, float, bool], ...]


def obey(board: np.ndarray, track: PhoneTrack, strength: float = 1.0, kept: frozenset[str] | None = None) -> np.ndarray:
    """Make a mouth keep the rules of what is said.

    board:    float32 [N, 185] at 50 Hz, columns core.rig.board.BOARD_NAMES; row n lies at n / 50 s.
    strength: 0 (nothing changes) to 1.
    kept:     names of the rules that hold; None for all.
    Returns a new float32 [N, 185], within the range of values and targets.
    Raises SettingError for a strength outside its range.
    """
    board = board.copy()
    enforce(board, track, strength, kept)
    return board


def enforce(board: np.ndarray, track: PhoneTrack, strength: float = 1.0, kept: frozenset[str] | None = None) -> None:
    """The same in place, for boards too long to copy."""
    check("board", board, ("N", len(BOARD_NAMES)))
    if not 0 <= strength <= 1:
        raise SettingError(f"The strength of the articulation rules must be 0 to 1, but is {strength:g}.")
    for rule in rules():
        if kept is not None and rule.name not in kept:
            continue
        weights = strength * envelope(rule.name, track, len(board))
        if not weights.any():
            continue
        shown = weights * _smooth_step(opening(board), SHUT, OPEN)
        for columns, is_floor, value, needs_opening in rule.targets:
            values = board[:, columns]
            bounded = np.maximum(values, value) if is_floor else np.minimum(values, value)
            board[:, columns] += (shown if needs_opening else weights)[:, None] * (bounded - values)


def envelope(rule: str, track: PhoneTrack, count: int) -> np.ndarray:
    """How far a rule holds in each of count frames at 50 Hz, float32 [count], 0..1, eased in and out."""
    found = next(item for item in rules() if item.name == rule)
    weights = np.zeros(count, np.float32)
    for place, phone in enumerate(track.phones):
        if phone.symbol not in found.phones:
            continue
        begin_s, full_s, leave_s, end_s = _window(found, track.phones, place)
        first, last = max(int(begin_s * FRAME_RATE_HZ), 0), min(int(end_s * FRAME_RATE_HZ) + 2, count)
        times = np.arange(first, last) / FRAME_RATE_HZ
        bump = np.minimum(_smooth_step(times, begin_s, full_s), 1 - _smooth_step(times, leave_s, end_s))
        sure = _smooth_step(np.array(phone.confidence), DOUBT, SURE)
        weights[first:last] = np.maximum(weights[first:last], (sure * bump).astype(np.float32))
    return weights


def opening(board: np.ndarray) -> np.ndarray:
    """How far the mouth is open, 0..1: the jaw, less what the lips close of it. board: [N, 185]. Returns [N]."""
    return board[:, _JAW] * (1 - board[:, _LIPS].mean(axis=1))


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The rules in the order in which they are applied."""
    found = []
    for row in read_table("rules"):
        targets = tuple(
            (_columns(target["control"]), target["kind"] == "floor", float(target["value"]), bool(target["needs"]))
            for target in read_table("rule_targets")
            if target["rule"] == row["rule"]
        )
        times = (float(row[key]) for key in ("from", "to", "least_s", "lead_s", "trail_s"))
        phones = frozenset(row["phones"].split())
        found.append(Rule(row["rule"], phones, *times, row["spares"] == "vowels", targets))
    return tuple(found)


def _window(rule: Rule, phones: tuple[Phone, ...], place: int) -> tuple[float, float, float, float]:
    """Seconds at which a rule begins, holds in full, lets go and has ended for one phone."""
    phone = phones[place]
    full_s = phone.start_s + min(rule.first * phone.length_s, MARGIN_S)
    leave_s = phone.end_s - min((1 - rule.last) * phone.length_s, MARGIN_S)
    short_s = max(rule.least_s - (leave_s - full_s), 0.0)
    full_s, leave_s = full_s - short_s / 2, leave_s + short_s / 2
    begin_s, end_s = full_s - rule.lead_s, leave_s + rule.trail_s
    if not rule.spares_vowels:
        return begin_s, full_s, leave_s, end_s
    before = phones[place - 1] if place else None
    after = phones[place + 1] if place + 1 < len(phones) else None
    if before and KIND[before.symbol] == "vowel":
        begin_s = max(begin_s, (before.start_s + before.end_s) / 2)
    if after and KIND[after.symbol] == "vowel":
        end_s = min(end_s, (after.start_s + after.end_s) / 2)
    return begin_s, max(full_s, begin_s), min(leave_s, end_s), end_s


def _columns(control: str) -> tuple[int, ...]:
    names = [control.replace("*", side) for side in "LR"] if "*" in control else [control]
    return tuple(index(name) for name in names)


def _smooth_step(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 up to low, 1 from high, eased between; a step where both are the same."""
    share = np.clip((values - low) / max(high - low, 1e-9), 0.0, 1.0)
    return share * share * (3 - 2 * share)


_JAW = index("CTRL_C_jaw.ty")
_LIPS = [index(f"CTRL_{side}_mouth_lipsTogether{lip}.ty") for lip in "UD" for side in "LR"]
