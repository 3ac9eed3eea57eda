"""How much of each part of the face comes from the film, over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import check
from ..errors import SettingError
from ..layers.regions import BROWS, EYES, GROUPS, HEAD, MOUTH

VOICE, FILM, AUTO = "voice", "film", "auto"
WORDS = (VOICE, FILM, AUTO)
"""What a part of the face may follow: one of the two, or the film as long as it can be believed."""
USUAL: dict[str, str] = {MOUTH: VOICE, EYES: AUTO, BROWS: AUTO, HEAD: AUTO}
UNSURE, SURE = 0.35, 0.65
"""Confidence at and below which a film is not believed at all, and from which wholly."""
Keys = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """What one part of the face shall follow.

    times:  float32 [K], seconds of the recording, rising; shares: float32 [K], 0 (voice) to 1 (film), straight between
            keys and held beyond them.
    as_sure: the film counts only as far as it was sure of what it saw.
    """

    times: np.ndarray
    shares: np.ndarray
    as_sure: bool

    def __post_init__(self) -> None:
        check("Wish.times", self.times, ("K",))
        check("Wish.shares", self.shares, (len(self.times),))
        if not len(self.times) or (np.diff(self.times) <= 0).any():
            raise SettingError("The keys of a blend must be one or more, each later than the one before.")
        if not (np.isfinite(self.shares).all() and self.shares.min() >= 0 and self.shares.max() <= 1):
            raise SettingError("The share of the film must be 0 (all from the voice) to 1 (all from the film).")


def wish(asked: str | float | Keys, as_sure: bool = False) -> Wish:
    """A wish from one of WORDS, one share for the whole line, or keys (seconds, share)."""
    if isinstance(asked, str):
        if asked not in WORDS:
            raise SettingError(f'A part of the face follows {", ".join(WORDS)} or a number 0 to 1, not "{asked}".')
        as_sure, asked = asked == AUTO, 0.0 if asked == VOICE else 1.0
    keys = [(0.0, float(asked))] if isinstance(asked, (int, float)) else list(asked)
    times, shares = (np.array(column, np.float32) for column in zip(*keys, strict=True)) if keys else (np.empty(0),) * 2
    return Wish(times.astype(np.float32), shares.astype(np.float32), as_sure)


def wishes(asked: Mapping[str, str | float | Keys]) -> dict[str, Wish]:
    """A wish for each of GROUPS, what is not asked for being as USUAL. Raises SettingError for another part."""
    strange = [group for group in asked if group not in GROUPS]
    if strange:
        raise SettingError(f'There is no part of the face "{strange[0]}"; choose {", ".join(GROUPS)}.')
    return {group: wish(asked.get(group, USUAL[group])) for group in GROUPS}


def wish_members(asked: Mapping[str, Wish]) -> dict[str, dict[str, object]]:
    """Wishes as members of a JSON object: by part of the face times [K], shares [K], as_sure."""
    return {
        group: {"times": one.times.tolist(), "shares": one.shares.tolist(), "as_sure": one.as_sure}
        for group, one in asked.items()
    }


def wishes_from(members: Mapping[str, Mapping[str, object]]) -> dict[str, Wish]:
    """Read what wish_members gave; parts that are missing are as USUAL.

    Raises SettingError for values that cannot be, KeyError, TypeError or ValueError for ones of another kind.
    """
    found = wishes({})
    for group, one in members.items():
        if group not in GROUPS:
            raise SettingError(f'There is no part of the face "{group}"; choose {", ".join(GROUPS)}.')
        times, shares = (np.array(one[name], np.float32) for name in ("times", "shares"))
        found[group] = Wish(times, shares, one["as_sure"] is True)
    return found


def share_of(asked: Wish, seconds: np.ndarray, confidence: np.ndarray, ease_frames: int) -> np.ndarray:
    """The film's share of a part at each frame, float32 [T], 0..1.

    seconds: [T] of the recording; confidence: [T], of the film at those moments, 0 where there is no film.
    ease_frames: how long a hand-over takes; it is over before the film fails and begins after the film is back, so that
                 nothing of a face that was not seen shows.
    """
    share = np.interp(seconds, asked.times, asked.shares)
    if asked.as_sure:
        trust = np.clip((confidence - UNSURE) / (SURE - UNSURE), 0, 1)
    else:
        trust = (confidence > 0).astype(np.float64)  # what was not filmed at all cannot be followed
    return (share * _eased(trust * trust * (3 - 2 * trust), ease_frames)).astype(np.float32)


def _eased(trust: np.ndarray, frames: int) -> np.ndarray:
    """Trust [T] without jumps and never above what it was: the least of a neighbourhood, then its smooth mean."""
    if frames < 1 or trust.min() == trust.max():
        return trust
    padded = np.pad(trust, frames, mode="edge")
    least = np.lib.stride_tricks.sliding_window_view(padded, 2 * frames + 1).min(axis=1)
    window = np.hanning(2 * frames + 3)[1:-1]
    return np.convolve(np.pad(least, frames, mode="edge"), window / window.sum(), mode="valid")
