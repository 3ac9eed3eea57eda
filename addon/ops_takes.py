"""What the buttons beside a take do."""

from __future__ import annotations

import bpy

from ..core.errors import RigError
from .bridge.character import Character
from .bridge.sound import remove_sound
from .bridge.strips import has_own_strip
from .bridge.takes import TakeInfo, close_takes, edited_part, edited_take, open_take, remove_take, takes_of
from .compat import sequencer_scene
from .desk import DESK
from .operator_base import SentenceOperator
from .props import character_of, settings_of


class NamedTake:
    """Mixin for operators that are told which take they are about."""

    action: bpy.props.StringProperty(
        name="Take", description="Name of the take's action; empty for the last one", options={"SKIP_SAVE"}
    )


class TakeOperator(NamedTake, SentenceOperator):
    """Mixin for operators on one take of the character."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        if DESK.busy:
            cls.poll_message_set("A performance is being made; wait for it or cancel it")
        return not DESK.busy


class MOUTHPIECE_OT_edit_take(TakeOperator, bpy.types.Operator):
    """Open the take for editing: timeline, dope sheet and graph editor show its keys. Press again to close it"""

    bl_idname = "mouthpiece.edit_take"
    bl_label = "Edit Take"

    part: bpy.props.StringProperty(
        name="Part",
        description="mouth, eyes, brows or head; empty for what comes first",
        options={"SKIP_SAVE"},
    )

    def run(self, context: bpy.types.Context) -> None:
        """Open it, or close it when it is open."""
        character = character_of(context)
        take = find_take(takes_of(character), self.action)
        if edited_take(character) == take.action and self.part in ("", edited_part(character)):
            close_takes(character)
        else:
            open_take(character, take, self.part)
            select_character(character, context)


class MOUTHPIECE_OT_remove_take(TakeOperator, bpy.types.Operator):
    """Remove a take from the character: its strips, its keys and its sound"""

    bl_idname = "mouthpiece.remove_take"
    bl_label = "Remove Take"

    def run(self, context: bpy.types.Context) -> None:
        """Remove it."""
        character = character_of(context)
        take = find_take(takes_of(character), self.action)
        recording, start, own = take.recording, take.start, has_own_strip(take.action)
        remove_take(character, take)
        if not own and not any((left.recording, left.start) == (recording, start) for left in takes_of(character)):
            remove_sound(sequencer_scene(context, context.scene), recording, start)
        settings_of(context).messages = ""


def find_take(takes: list[TakeInfo], action: str) -> TakeInfo:
    """The take of an action's name, the last one for an empty name. Raises: RigError when there is none."""
    found = [take for take in takes if action in ("", take.action.name)]
    if not found:
        raise RigError("This character has no take; animate it first.")
    return found[-1]


def select_character(character: Character, context: bpy.types.Context) -> None:
    """Select what a performance moves, for animation editors show the selected only."""
    for owner in character.objects:
        if owner.name in context.view_layer.objects and not owner.hide_get():
            owner.select_set(True)
