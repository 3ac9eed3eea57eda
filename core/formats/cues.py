"""Rhubarb's mouth cues: nine drawn mouths, each shown from one moment to the next.

Source: Rhubarb Lip Sync's shapes, six after Hanna-Barbera (A to F) and three more (G, H, X):
A lips closed (p b m) · B slightly open, teeth together (most consonants, ee) · C open (e, a) · D wide open (ah) ·
E slightly rounded (aw, er) · F puckered (oo, w) · G teeth on lip (f v) · H tongue raised (l) · X at rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..errors import FormatError
from ..rig.visemes import VISEMES, expected_visemes
from ..types import Performance, RigCurves
from .grid import MOST_ROWS

if TYPE_CHECKING:
    from ..speech.phones import PhoneTrack

SHAPES = "ABCDEFGHX"
REST = "X"
GLIDES = {"AW": "DF", "AY": "CB", "EY": "CB", "OW": "EF", "OY": "EB"}
"""Vowels that end as another mouth than they begin."""
SHAPE_OF_PHONE = {
    phone: shape
    for shape, phones in {
        "A": "B M P",
        "B": "CH D DH G HH IH IY JH K N NG R S SH T TH Y Z ZH",
        "C": "AE AH EH",
        "D": "AA",
        "E": "AO ER",
        "F": "UH UW W",
        "G": "F V",
        "H": "L",
        "X": "sil",
    }.items()
    for phone in phones.split()
}
SHAPE_OF_VISEME = dict(zip(VISEMES, "XAGBBBBBBBDCBEF", strict=True))
STAND_IN = {"A": "M", "B": "S", "C": "EH", "D": "AA", "E": "AO", "F": "UW", "G": "F", "H": "L", "X": "sil"}
"""The phone that stands for a shape when cues are read; which of a shape's phones was said, no cue tells."""
READ_FPS = 60.0
SHORTEST_S = 0.05
"""A shorter mouth of a face flickers and is given to the one before."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A shape of SHAPES from one second to another."""

    shape: str
    start_s: float
    end_s: float


def cues_of(performance: Performance) -> list[Cue]:
    """The cues of a performance, one after the other from 0 to its end: by its phones, else by its visemes."""
    duration_s = len(performance.head) / performance.curves.fps
    if performance.phones is not None:
        duration_s = max(performance.phones.duration_s, 0.01)
        return list(_joined(_of_phones(performance.phones), duration_s))
    if set(performance.curves.names) != set(VISEMES):
        raise FormatError(
            "Mouth cues are told from phones or visemes; convert the performance to the rig visemes first."
        )
    return list(_joined(_of_visemes(performance.curves), duration_s))


def performance_of(cues: Iterable[Cue]) -> Performance:
    """Cues as visemes at 60 frames a second, with the phones that stand for their shapes at a confidence of 0.

    Raises ValueError for cues that cannot be.
    """
    from ..speech.phones import Phone, PhoneTrack

    ordered = list(cues)
    if not ordered:
        raise ValueError("it has no mouth cues")
    unknown = {cue.shape for cue in ordered} - set(SHAPES)
    if unknown:
        raise ValueError(f"the mouth {unknown.pop()!r} is none of {', '.join(SHAPES)}")
    if any(cue.end_s < cue.start_s for cue in ordered):
        raise ValueError("a mouth ends before it begins")
    phones = tuple(
        Phone(STAND_IN[cue.shape], cue.start_s, cue.end_s, 0.0) for cue in ordered if cue.end_s > cue.start_s
    )
    track = PhoneTrack(phones, ordered[-1].end_s)
    if track.duration_s * READ_FPS > MOST_ROWS:
        raise ValueError(f"it ends at {track.duration_s:g} s")
    frames = max(int(np.ceil(track.duration_s * READ_FPS - 1e-6)), 1)
    eased = expected_visemes(track, np.arange(frames) / READ_FPS)
    eased[:, 0] = np.maximum(1 - eased[:, 1:].sum(1), 0)
    values = (eased / eased.sum(1, keepdims=True)).astype(np.float32)
    return Performance(RigCurves(VISEMES, values, READ_FPS), np.zeros((frames, 3), np.float32), track)


def _of_phones(track: PhoneTrack) -> Iterator[tuple[float, str]]:
    """When each shape begins; what no phone covers is rest."""
    before_s = 0.0
    for phone in track.phones:
        if phone.start_s > before_s:
            yield before_s, REST
        first, *rest = GLIDES.get(phone.symbol) or SHAPE_OF_PHONE[phone.symbol]
        yield phone.start_s, first
        if rest:
            yield (phone.start_s + phone.end_s) / 2, rest[0]
        before_s = phone.end_s
    yield before_s, REST


def _of_visemes(curves: RigCurves) -> Iterator[tuple[float, str]]:
    """When each shape begins, by the strongest viseme of each frame; the first frame is where 0 lies."""
    strongest = np.stack([curves.column(name) for name in VISEMES], axis=1).argmax(1)
    shapes = [SHAPE_OF_VISEME[VISEMES[place]] for place in strongest]
    starts = [0, *(frame for frame in range(1, len(shapes)) if shapes[frame] != shapes[frame - 1]), len(shapes)]
    for first, last in pairwise(starts):
        if first == 0 or (last - first) / curves.fps >= SHORTEST_S:
            yield first / curves.fps, shapes[first]


def _joined(starts: Iterable[tuple[float, str]], duration_s: float) -> Iterator[Cue]:
    """Cues from the moments at which shapes begin; equal neighbours are one, none is empty."""
    shape, since_s = REST, 0.0
    for start_s, following in starts:
        if following == shape or start_s >= duration_s:
            continue
        if start_s > since_s:
            yield Cue(shape, since_s, start_s)
        shape, since_s = following, start_s
    yield Cue(shape, since_s, duration_s)
