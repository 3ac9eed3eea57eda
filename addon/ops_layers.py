"""What the buttons among the layers do: bake them down, run a part again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bpy

from ..core.errors import CoreError, RigError
from ..core.guidance import Guidance
from ..core.layers.regions import GROUPS, MOUTH
from ..core.speech.script import Script
from .again import Again, AgainDelivery, check_again
from .bridge.bake import bake, selected_controls
from .bridge.keys import check_closed
from .bridge.layers import ONE_TRACK
from .bridge.mark import script_of
from .bridge.phone_strip import clear_phones, edited_frames, phones_of_markers, show_phones
from .bridge.said import frames_said
from .bridge.takes import TakeInfo, takes_of
from .desk import DESK
from .guidance import guidance_of
from .modal_job import JobOperator
from .ops_takes import NamedTake, TakeOperator, find_take
from .props import character_of, chosen_object, settings_of
from .props_layers import LAYERS, PART_ITEMS
from .request import Reference, Request, rate_of


class MOUTHPIECE_OT_bake_layers(TakeOperator, bpy.types.Operator):
    """Put what is seen of a take on one track, with scales, mutes and all that lies below it worked in"""

    bl_idname = "mouthpiece.bake_layers"
    bl_label = "Bake Down"

    controls: bpy.props.EnumProperty(
        name="Controls",
        description="Which controls are baked; the others stay in their layers",
        items=(
            ("ALL", "All", "Every control of the take"),
            ("SELECTED", "Selected", "Selected or active shape keys and bones of what is selected"),
            ("NAMED", "Named", "Those whose names fit"),
        ),
    )
    names: bpy.props.StringProperty(
        name="Names", description="Names with commas between; * stands for anything, as in jaw*, *Left"
    )

    def run(self, context: bpy.types.Context) -> None:
        """Bake, and say how much that was."""
        character = character_of(context)
        take = find_take(takes_of(character), self.action)
        baked = bake(character, take, context.scene, self._chosen(context))
        self.report({"INFO"}, f"{baked.curves} curves with {baked.keys:,} keys were baked down.")

    def _chosen(self, context: bpy.types.Context) -> tuple[str, ...]:
        if self.controls == "ALL":
            return ()
        if self.controls == "SELECTED":
            names = selected_controls(character_of(context))
        else:
            names = tuple(filter(None, (name.strip() for name in self.names.split(","))))
        if not names:
            raise RigError("No control is selected or named; select shape keys or bones, or write names such as jaw*.")
        return names


class AgainOperator(NamedTake, JobOperator):
    """Mixin for operators that run a part of a take again; subclasses say which in again()."""

    # No undo step of its own: mouthpiece.write_take makes the one there is.
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        why = _why_not(context)
        if why:
            cls.poll_message_set(why)
        return why is None

    def again(self, context: bpy.types.Context, take: TakeInfo) -> Again:
        """Which part. Raises: CoreError."""
        raise NotImplementedError

    def request(self, context: bpy.types.Context) -> Request:
        """The take's own recording and place, with what the panel says now about all else."""
        take, settings = self.take(context), settings_of(context)
        return Request(
            recording=Path(take.recording),
            scene=Reference.to(context.scene),
            character=Reference.to(chosen_object(context)),
            start=take.start,
            seed=settings.seed,
            head_mode=settings.head_mode,
            head=Reference.to(settings.head_object) if settings.head_object else None,
            head_bone=settings.head_bone,
            with_sound=False,
            extend_end=False,
            keying=ONE_TRACK,
            guidance=self.guidance(context, take),
        )

    def guidance(self, context: bpy.types.Context, take: TakeInfo) -> Guidance:
        """Emotion, direction and words; the take's own where the panel has none. Raises: CoreError."""
        guidance = guidance_of(context.scene, take.start, chosen_object(context))
        return guidance if guidance.script else replace(guidance, script=script_of(take.action))

    def delivery(self, context: bpy.types.Context) -> AgainDelivery:
        """Into the take that is there."""
        take = self.take(context)
        again = self.again(context, take)
        check_again(again, take.action)
        return AgainDelivery(self.request(context), again)

    def take(self, context: bpy.types.Context) -> TakeInfo:
        """The take in question. Raises: RigError."""
        return find_take(takes_of(character_of(context)), self.action)


class MOUTHPIECE_OT_run_again(AgainOperator, bpy.types.Operator):
    """Perform the named words, or else the preview range, again as the panel is set now; nothing outside changes"""

    bl_idname = "mouthpiece.run_again"
    bl_label = "Run Part Again"

    first: bpy.props.IntProperty(
        name="First",
        description="First frame of the part; the preview range if Last is the same",
        options={"SKIP_SAVE"},
    )
    last: bpy.props.IntProperty(name="Last", description="Last frame of the part", options={"SKIP_SAVE"})
    words: bpy.props.StringProperty(
        name="Words",
        description="Words of the transcript instead of frames, as in the blue boat, nobody #2 or phrase 3",
        options={"SKIP_SAVE"},
    )
    parts: bpy.props.EnumProperty(
        name="Parts",
        description="Which parts of the face may change; none for those that are marked in the Layers fold",
        items=PART_ITEMS,
        options={"ENUM_FLAG", "SKIP_SAVE"},
        default=set(),
    )

    def again(self, context: bpy.types.Context, take: TakeInfo) -> Again:
        """The frames or words asked for, else the words of the Layers fold, else the preview range."""
        scene = context.scene
        first, last = self.first, self.last
        words = (self.words or getattr(take.action, LAYERS).words) if first == last else ""
        if words.strip():
            first, last = frames_said(take, words, rate_of(scene))
        elif first == last:
            if not scene.use_preview_range:
                raise RigError("No part is chosen; name words, or set a preview range over it in the timeline (P).")
            # A preview range may begin before the take or end behind it; only what lies within can change.
            first = max(scene.frame_preview_start, take.start)
            last = min(scene.frame_preview_end, take.end)
        marked = self.parts or getattr(take.action, LAYERS).again
        parts = tuple(part for part in GROUPS if part.upper() in marked)
        return Again(take.action.session_uid, first, last, parts)


class MOUTHPIECE_OT_show_phones(TakeOperator, bpy.types.Operator):
    """Mark each phone that a take says in the timeline, to be moved, renamed, added and removed"""

    bl_idname = "mouthpiece.show_phones"
    bl_label = "Show Phones"

    def run(self, context: bpy.types.Context) -> None:
        """Mark them; press again to take the marks away."""
        take = find_take(takes_of(character_of(context)), self.action)
        if not clear_phones(context.scene, take):
            show_phones(context.scene, take)


class MOUTHPIECE_OT_follow_phones(AgainOperator, bpy.types.Operator):
    """Let the mouth say what the markers say: only the part that was edited is performed again"""

    bl_idname = "mouthpiece.follow_phones"
    bl_label = "Mouth Follows Markers"

    def again(self, context: bpy.types.Context, take: TakeInfo) -> Again:
        """From the first phone that differs to the last one."""
        first, last = edited_frames(context.scene, take)
        return Again(take.action.session_uid, first, last, (MOUTH,))

    def guidance(self, context: bpy.types.Context, take: TakeInfo) -> Guidance:
        """As the panel says, with the markers for words."""
        script = Script.from_track(phones_of_markers(context.scene, take))
        return replace(super().guidance(context, take), script=script)


def _why_not(context: bpy.types.Context) -> str | None:
    """Why no part can be run again now, or None."""
    if DESK.busy:
        return "A performance is being made; wait for it or cancel it"
    try:
        character = character_of(context)
        check_closed(character)
        find_take(takes_of(character), "")
    except CoreError as error:
        return str(error).rstrip(".")
    return None
