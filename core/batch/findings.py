"""What may be wrong with a performance or its recording, found by looking at both."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..audio import doubts
from ..rig.targets import Mapping
from ..speech.articulation import SEALED
from ..speech.level import FRAME_RATE_HZ
from ..speech.phones import PhoneTrack
from ..speech.voices import TWO_VOICES

MISS, NOTE = "miss", "note"
SEALING = ("P", "B", "M")
SURE = 0.5
"""Confidence from which a heard p, b or m must close."""
LEAST_S = 0.03
"""Shorter ones are slips of the hearer."""
PAUSE_S, MARGIN_S = 0.9, 0.3
"""Pauses from this length on are looked at, but for so much at either end, where a mouth still closes or opens."""
STILL = 0.12
"""Lip opening, of outer-eye distances, that may come and go in a pause. In those of the sample line lips moved by 0.02
at most, by 0.06 over noise at -46 dB, and by 0.11 if surprised as well."""
MOST_TIMES = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at.

    code:     a name that stays, for programs.
    severity: "miss" for what should be mended, "note" for what is good to know.
    text:     a sentence for people.
    times_s:  where, seconds; empty where it is the whole.
    """

    code: str
    severity: str
    text: str
    times_s: tuple[float, ...] = ()

    def members(self) -> dict[str, Any]:
        """The same as members of a JSON object."""
        return asdict(self) | {"times_s": list(self.times_s)}


_DOUBTS = {
    doubts.SILENT: ("silent", NOTE),
    doubts.CLIPPED: ("clipped_audio", MISS),
    doubts.NARROW: ("narrow_band", NOTE),
    doubts.MUSIC: ("music", MISS),
    TWO_VOICES: ("two_voices", MISS),
}
CODES = (
    *(code for code, _ in _DOUBTS.values()), "no_speech", "unclosed_lips", "moves_in_silence", "mapping_holes",
    "lost_targets",
)  # fmt: skip
"""Every code there is."""


def of_recording(sentences: tuple[str, ...]) -> list[Finding]:
    """What core.audio.doubts and core.speech.voices say, with codes."""
    return [Finding(*_DOUBTS.get(text, ("doubt", NOTE)), text) for text in sentences]


def no_speech(phones: PhoneTrack, sentences: tuple[str, ...]) -> list[Finding]:
    """Whether nobody speaks in a recording that is not silent."""
    spoken = any(phone.symbol != "sil" for phone in phones.phones)
    if spoken or doubts.SILENT in sentences:
        return []
    return [Finding("no_speech", MISS, "No speech is heard, so the face rests; check that it is the right recording.")]


def closures(
    phones: PhoneTrack, opening: np.ndarray, fps: float, offset_s: float = 0.0
) -> list[tuple[float, float, bool]]:
    """Each p, b and m that must close: its start and end in seconds and whether the lips do meet.

    opening: float [T], the lips' gap as core.speech.articulation.curve_opening gives it. offset_s: how much later than
    its sound the face was asked to move.
    """
    found = []
    for phone in phones.phones:
        if phone.symbol not in SEALING or phone.confidence < SURE or phone.length_s < LEAST_S:
            continue
        first = max(0, int(np.floor((phone.start_s + offset_s) * fps)) - 1)
        last = min(len(opening), int(np.ceil((phone.end_s + offset_s) * fps)) + 2)
        met = first >= last or bool(opening[first:last].min() <= SEALED + 1e-4)
        found.append((phone.start_s, phone.end_s, met))
    return found


def unclosed_lips(found: list[tuple[float, float, bool]]) -> list[Finding]:
    """The closures at which the lips do not meet."""
    times = [start_s for start_s, _, met in found if not met]
    if not times:
        return []
    text = f"Lips stay open at {len(times)} of {len(found)} p, b and m; look at them or edit the phones there."
    return [Finding("unclosed_lips", MISS, text, _times(times))]


def moves_in_silence(speaking: np.ndarray, opening: np.ndarray, fps: float) -> list[Finding]:
    """Pauses in which the mouth moves.

    speaking: bool [N] at 50 Hz, core.speech.prosody.hear_prosody; opening: float [T], as closures() takes it.
    """
    edges = np.diff(np.concatenate([[False], ~speaking, [False]]).astype(np.int8))
    starts, ends = np.flatnonzero(edges > 0) / FRAME_RATE_HZ, np.flatnonzero(edges < 0) / FRAME_RATE_HZ
    times = []
    for start_s, end_s in zip(starts.tolist(), ends.tolist(), strict=True):
        inside = opening[int((start_s + MARGIN_S) * fps) : int((end_s - MARGIN_S) * fps) + 1]
        if end_s - start_s >= PAUSE_S and len(inside) and np.ptp(inside) > STILL:
            times.append(start_s)
    if not times:
        return []
    text = (
        f"The mouth moves in {len(times)} of the pauses; check offset and phones, or whether something else is heard."
    )
    return [Finding("moves_in_silence", MISS, text, _times(times))]


def mapping_holes(goal: str | Mapping, lost: tuple[str, ...]) -> list[Finding]:
    """Controls that move but that a rig or a character's mapping has nothing for. lost: their names."""
    if not lost:
        return []
    who = f'mapping "{goal.name}"' if isinstance(goal, Mapping) else f"rig {goal}"
    some = ", ".join(name.removeprefix("CTRL_").partition(".")[0] for name in lost[:4])
    more = f" and {len(lost) - 4} more" if len(lost) > 4 else ""
    return [Finding("mapping_holes", NOTE, f"The {who} has nothing for what moves here: {some}{more}.")]


def lost_targets(mapping: Mapping, lost: tuple[str, ...]) -> list[Finding]:
    """Lines of a character's mapping whose targets are gone. lost: what the targets were called."""
    if not lost:
        return []
    more = f" and {len(lost) - 4} more" if len(lost) > 4 else ""
    text = f'The mapping "{mapping.name}" names targets that are not there: {", ".join(lost[:4])}{more}; correct them.'
    return [Finding("lost_targets", MISS, text)]


def _times(times: list[float]) -> tuple[float, ...]:
    return tuple(round(time, 3) for time in times[:MOST_TIMES])
