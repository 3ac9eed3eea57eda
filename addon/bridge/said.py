"""Parts of a take named by what is said in them."""

from __future__ import annotations

import bpy

from ...core.errors import RigError
from ...core.layers.again import part_of_speech
from ...core.layers.words import PHRASE, find_said, lines_of, phrases
from .mark import phones_of, script_of
from .takes import TakeInfo


def frames_said(take: TakeInfo, wanted: str, fps: float) -> tuple[int, int]:
    """The first and last scene frame of some words or a phrase of a take, with what leads over to the rest.

    wanted: as core.layers.words.find_said takes it. Raises: CoreError.
    """
    phones = phones_of(take.action)
    if phones is None:
        raise RigError(f"{take.action.name} does not tell what it says; choose the part by frames, or animate it anew.")
    spoken = find_said(wanted, phones, script_of(take.action))
    span = part_of_speech(spoken, fps, take.end - take.start + 1).span
    return take.start + span.start, take.start + span.stop - 1


def parts_said(action: bpy.types.Action) -> tuple[str, ...]:
    """Everything of a take that has a name: its lines, where its words are known, and its phrases."""
    phones, script = phones_of(action), script_of(action)
    rows = enumerate(phrases(phones), 1) if phones else ()
    told = (f"{PHRASE} {number}: {row.start_s:.2f} to {row.end_s:.2f} s" for number, row in rows)
    return (*(lines_of(script.text) if script else ()), *told)
