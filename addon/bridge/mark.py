"""How our actions, and the parts of the face in them, are told from everything else in a file."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.errors import CoreError
from ...core.guidance import ENGLISH
from ...core.speech.phone_files import FORMATS
from ...core.speech.phones import PhoneTrack
from ...core.speech.script import Script

# The custom property that marks an action as ours; it tells what was animated, from where to where, and how the
# head's curves are turned back into yaw, pitch and roll.
MARK = "mouthpiece"
MAPPING = "mapping"
"""Of a mark: the mapping that the take was made with, as a preset's text; not there where ARKit's names move it."""
REST = "rest"
"""The part that holds the face at rest, so that a part above it can be muted or scaled down to something."""
_PARTS = "parts"
_CLOSURES = "closures"
_TEXT, _LANGUAGE = "text", "language"


def is_ours(action: bpy.types.Action | None) -> bool:
    """Whether an action is a take of ours."""
    return action is not None and MARK in action


def note_part(action: bpy.types.Action, slot: bpy.types.ActionSlot, part: str) -> None:
    """Remember what a slot of ours moves, whatever it is called later. part: one of GROUPS, REST or empty for all."""
    mark = action[MARK]
    if _PARTS not in mark:
        mark[_PARTS] = {}
    mark[_PARTS][str(slot.handle)] = part


def part_of(strip: bpy.types.NlaStrip) -> str:
    """What a strip of ours moves: one of GROUPS, REST, or empty for all at once."""
    return part_of_slot(strip.action, strip.action_slot)


def part_of_slot(action: bpy.types.Action | None, slot: bpy.types.ActionSlot | None) -> str:
    """What a slot of ours moves, as part_of()."""
    if not is_ours(action) or slot is None:
        return ""
    return action[MARK].get(_PARTS, {}).get(str(slot.handle), "")


def stored_phones(track: PhoneTrack | None) -> str:
    """A phone track as an action keeps it; empty without one."""
    return FORMATS[".csv"].text(track) if track else ""


def phones_of(action: bpy.types.Action) -> PhoneTrack | None:
    """The phones that a take of ours says, or None where it does not tell or somebody spoilt it."""
    text = action[MARK].get("phones", "")
    try:
        return FORMATS[".csv"].read(text) if text else None
    except (CoreError, ValueError, KeyError, IndexError):
        return None


def note_script(action: bpy.types.Action, script: Script | None) -> None:
    """Remember the words that a take of ours was made with; a phone track by hand has none."""
    if script and script.text:
        action[MARK][_TEXT], action[MARK][_LANGUAGE] = script.text, script.language


def script_of(action: bpy.types.Action) -> Script | None:
    """The words that a take of ours was made with, where it had some."""
    mark = action[MARK]
    text, language = mark.get(_TEXT, ""), mark.get(_LANGUAGE, ENGLISH)
    # Anybody may have changed what an action keeps.
    return Script(text, language) if isinstance(text, str) and text.strip() and isinstance(language, str) else None


def stored_closures(frames: np.ndarray | None) -> str:
    """The frames at which lips close, from a take's first on, as an action keeps them; empty where that is unknown."""
    return "" if frames is None else " ".join(map(str, frames.tolist()))


def closures_of(action: bpy.types.Action) -> np.ndarray:
    """The frames at which the lips of a take of ours close, from its first on, int64 [F]; none where it tells none."""
    text = action[MARK].get(_CLOSURES, "")
    return np.array([int(word) for word in str(text).split() if word.isdecimal()], np.int64)


def note_closures(action: bpy.types.Action, frames: np.ndarray) -> None:
    """Remember other frames at which its lips close."""
    action[MARK][_CLOSURES] = stored_closures(frames)
