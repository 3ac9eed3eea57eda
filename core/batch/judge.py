"""What a report tells of one recording: its figures, what is to be looked at, and what its picture is drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..audio.doubts import is_silent
from ..rig.targets import Mapping
from ..speech.articulation import curve_opening
from ..speech.hear import measure
from ..speech.level import frame_levels, speech_level
from ..speech.prosody import hear_prosody
from ..speech.weights import load_model
from ..types import Performance, Speech
from . import findings
from .holes import lost_controls
from .picture import picture_of


def judge(
    speech: Speech, board: Performance, goal: str | Mapping, warnings: tuple[str, ...], offset_s: float = 0.0
) -> dict[str, Any]:
    """Look at a performance and its recording; members of a JSON object.

    board: the 185 channels and phones. goal: the rig or the character's mapping that they are for.
    warnings: what was said of the recording. offset_s: how much later than its sound the face was asked to move.
    """
    fps, phones = board.curves.fps, board.phones
    speaking = hear_prosody(measure(speech.samples).levels).speaking
    opening = np.asarray(curve_opening(board.curves, load_model()))
    closed = findings.closures(phones, opening, fps, offset_s)
    found = [
        *findings.of_recording(warnings),
        *findings.no_speech(phones, warnings),
        *findings.unclosed_lips(closed),
        *findings.moves_in_silence(speaking, opening, fps),
        *findings.mapping_holes(goal, lost_controls(board.curves, goal)),
    ]
    spoken = [phone for phone in phones.phones if phone.symbol != "sil"]
    sure = sum(phone.confidence for phone in spoken) / max(len(spoken), 1)
    return {
        "duration_s": round(speech.duration_s, 4),
        "frames": len(board.head),
        "level_db": None if is_silent(speech) else round(speech_level(frame_levels(speech.samples)), 1),
        "phones": len(spoken),
        "phone_confidence": round(sure, 3),
        "closures": {"wanted": len(closed), "met": sum(met for _, _, met in closed)},
        "findings": [finding.members() for finding in found],
        "picture": picture_of(speech, opening, closed),
    }
