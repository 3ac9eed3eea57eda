"""Speech and film on one face.

The idea of a head that is driven by video, by speech or by a blend of both is EMOPortraits' (arXiv 2404.19110); there a
network blends its inputs, here curves are blended, so that an animator can see and change what came from where.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from ..convert import in_rig
from ..errors import SettingError
from ..formats.file_format import rig_named
from ..layers.mixing import mix, mixed
from ..layers.regions import GROUPS, HEAD, MOUTH, columns_of
from ..types import Performance, RigCurves
from .filmed import Filmed
from .offset import MOST_S, Offset, find_offset
from .own_range import in_own_range
from .shares import Wish, share_of, wishes

COMMON_RIG = "arkit52"
EASE_S = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class BlendBrief:
    """How to blend.

    wishes:    for each of core.layers.regions.GROUPS, what it follows.
    offset_s:  what the recording says at t, the film shows at t + offset_s; None to find it by the lips, at most most_s
               away; where they do not tell it is 0.
    ease_s:    how long a part takes to change hands where the film cannot be believed.
    own_range: whether the voice's mouth takes on the range in which this speaker's moves in the film, wherever the
               mouth does not follow the voice alone.
    """

    wishes: dict[str, Wish] = field(default_factory=lambda: wishes({}))
    offset_s: float | None = None
    ease_s: float = EASE_S
    own_range: bool = True
    most_s: float = MOST_S

    def __post_init__(self) -> None:
        if set(self.wishes) != set(GROUPS):
            raise SettingError(f"A blend needs a wish for each of {', '.join(GROUPS)}.")
        if not 0 <= self.ease_s <= 5:
            raise SettingError(f"A hand-over must take 0 to 5 seconds, but would take {self.ease_s:g}.")


@dataclass(frozen=True, slots=True, eq=False)
class Blended:
    """performance: as long and as fast as the spoken one, with its phones.

    shares: float32 [T, 4], the film's part of each of GROUPS. offset: that was found or given (correlation nan).
    """

    performance: Performance
    shares: np.ndarray
    offset: Offset


def blend(spoken: Performance, film: Filmed, brief: BlendBrief | None = None) -> Blended:
    """Blend what a voice makes of a face with what a film shows of it.

    Both keep their rig where it is the same and become ARKit's shapes where it is not.
    Raises RigError where the offset is to be found and the curves do not tell how far a mouth is open.
    """
    brief = brief or BlendBrief()
    offset = _offset(spoken, film, brief)
    spoken, film = _in_one_rig(spoken, film)
    seconds = np.arange(len(spoken.head)) / spoken.curves.fps
    rows, head, sure = _film_at(film, seconds + offset.seconds)
    if brief.own_range and brief.wishes[MOUTH].shares.any():
        spoken = replace(spoken, curves=in_own_range(spoken.curves, rows, sure[:, GROUPS.index(MOUTH)]))
    ease = round(brief.ease_s * spoken.curves.fps)
    shares = np.stack([share_of(brief.wishes[g], seconds, sure[:, i], ease) for i, g in enumerate(GROUPS)], axis=1)
    names, values = spoken.curves.names, spoken.curves.values.copy()
    for place, group in enumerate(GROUPS):
        columns = columns_of(names, group)
        part = tuple(names[column] for column in columns)
        values[:, columns] = mix(spoken.curves.values[:, columns], rows[:, columns], shares[:, [place]], part)
    turned = mixed(spoken.head, head, shares[:, [GROUPS.index(HEAD)]])
    curves = RigCurves(names, values, spoken.curves.fps)
    return Blended(Performance(curves, turned, spoken.phones), shares, offset)


def _offset(spoken: Performance, film: Filmed, brief: BlendBrief) -> Offset:
    """The offset that was given, or that the lips tell; 0 s where they do not."""
    if brief.offset_s is not None:
        return Offset(brief.offset_s, float("nan"))
    found = find_offset(spoken, film, brief.most_s)
    return found if found.is_clear else replace(found, seconds=0.0)


def _in_one_rig(spoken: Performance, film: Filmed) -> tuple[Performance, Filmed]:
    rig = rig_named(spoken.curves.names)
    rig = rig if rig and rig == rig_named(film.performance.curves.names) else COMMON_RIG
    return in_rig(spoken, rig), Filmed(in_rig(film.performance, rig), film.confidence)


def _film_at(film: Filmed, seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The film's values [T, C], head [T, 3] and confidence [T, 4] at moments of its own; nothing is sure beyond it."""
    fps, last = film.performance.curves.fps, len(film.performance.head) - 1
    places = seconds * fps
    inside = ((places > -0.5) & (places < last + 0.5))[:, None]
    left = np.clip(np.floor(places), 0, last).astype(np.int64)
    right, part = np.minimum(left + 1, last), np.clip(places - left, 0, 1).astype(np.float32)[:, None]
    rows = [
        array[left] * (1 - part) + array[right] * part
        for array in (film.performance.curves.values, film.performance.head, film.confidence)
    ]
    return rows[0], rows[1], np.where(inside, rows[2], 0)
