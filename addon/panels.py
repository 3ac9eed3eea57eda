"""The sidebar tab, in the order an animator works: recording, character, performance, result."""

from __future__ import annotations

import textwrap
from pathlib import Path

import bpy

from ..core.errors import RigError
from ..core.rig.arkit import ARKIT_52
from .bridge.character import Character
from .bridge.takes import edited_take, takes_of
from .desk import DESK
from .panels_guidance import draw_guidance
from .panels_layers import draw_layers
from .props import character_of, chosen_object, settings_of
from .sidebar import SidebarTab

_PIXELS_PER_LETTER = 6.5


class MOUTHPIECE_PT_recording(SidebarTab, bpy.types.Panel):
    """What is said"""

    bl_label = "Recording"

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        settings = settings_of(context)
        self.layout.prop(settings, "recording", text="")
        if not settings.recording:
            write_text(self.layout, context, "Choose a sound file, or drop one on the viewport.", "INFO")
            self.layout.operator("mouthpiece.use_sample", icon="SPEAKER")
        elif not Path(bpy.path.abspath(settings.recording)).is_file():
            write_text(self.layout, context, "There is no such file.", "ERROR")


class MOUTHPIECE_PT_character(SidebarTab, bpy.types.Panel):
    """Who says it"""

    bl_label = "Character"

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        settings = settings_of(context)
        try:
            character = character_of(context)
        except RigError as error:
            self._draw_missing(context, str(error))
            return
        self.layout.prop(settings, "character", text="", icon="USER", placeholder=chosen_object(context).name)
        _draw_shapes(self.layout, character)
        _draw_head(self.layout, settings, character)
        for note in character.notes:
            write_text(self.layout, context, note, "ERROR")

    def _draw_missing(self, context: bpy.types.Context, why: str) -> None:
        """Nobody to animate: say what to do, or what is wrong with the object the user named."""
        settings, active = settings_of(context), chosen_object(context)
        self.layout.prop(settings, "character", text="", icon="USER")
        # What a linked character is shown by looks like one to the user, so it is told what to do with it.
        if settings.character or (active and active.instance_collection):
            write_text(self.layout, context, why, "ERROR")
            self.layout.operator("mouthpiece.match_rig", icon="VIEWZOOM")
        else:
            write_text(self.layout, context, "Select a character, or choose its face, armature or root.", "INFO")
        self.layout.operator_menu_enum("mouthpiece.add_demo_character", "character", icon="ADD")


class MOUTHPIECE_PT_performance(SidebarTab, bpy.types.Panel):
    """How and when it is said"""

    bl_label = "Performance"

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        settings, layout = settings_of(context), self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(settings, "start_at")
        if settings.start_at == "FRAME":
            layout.prop(settings, "start_frame")
        layout.prop(settings, "seed")
        column = layout.column(heading="Timeline")
        column.prop(settings, "with_sound")
        column.prop(settings, "extend_end")
        column.prop(settings, "in_sync")
        column = layout.column(heading="Keys")
        column.prop(settings, "layers")
        column.prop(settings, "key_error")
        draw_guidance(layout, settings)
        if DESK.busy:
            row = layout.row(align=True)
            row.scale_y = 1.4
            row.progress(factor=DESK.value, text=DESK.text)
            row.operator("mouthpiece.cancel", text="", icon="CANCEL")
        else:
            row = layout.row()
            row.scale_y = 1.4
            row.operator("mouthpiece.animate", icon="PLAY")


class MOUTHPIECE_PT_result(SidebarTab, bpy.types.Panel):
    """What came of it"""

    bl_label = "Result"

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        try:
            character = character_of(context)
            takes = takes_of(character)
        except RigError:
            takes = []
        if not takes:
            self.layout.label(text="No take yet", icon="INFO")
            return
        column = self.layout.column(align=True)
        edited = edited_take(character)
        for take in reversed(takes):
            row = column.row(align=True)
            row.label(text=f"{take.name}  ({take.start} to {take.end})", icon="NLA")
            name = take.action.name
            row.operator(
                "mouthpiece.edit_take", text="", icon="ACTION_TWEAK", depress=edited == take.action
            ).action = name
            row.operator("mouthpiece.export_curves", text="", icon="EXPORT").action = name
            row.operator("mouthpiece.remove_take", text="", icon="TRASH").action = name
            draw_layers(column, character, take)
        if settings_of(context).saved:
            write_text(self.layout, context, settings_of(context).saved, "INFO")
        for message in filter(None, settings_of(context).messages.split("\n")):
            write_text(self.layout, context, message, "ERROR")


def write_text(layout: bpy.types.UILayout, context: bpy.types.Context, text: str, icon: str) -> None:
    """A sentence over as many lines as the region's width asks for."""
    scale = context.preferences.system.ui_scale
    letters = max(16, int((context.region.width / scale - 60) / _PIXELS_PER_LETTER))
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(textwrap.wrap(text, letters)):
        column.label(text=line, icon="BLANK1" if number else icon)


def _draw_shapes(layout: bpy.types.UILayout, character: Character) -> None:
    """How much of a face it is; the missing shapes fold out."""
    if character.mapping:
        count = len(character.mapping.targets)
        layout.label(text=f"{count} target{'' if count == 1 else 's'} by the mapping", icon="CHECKMARK")
        return
    match = character.match
    meshes = len(character.parts)
    found = f"{len(match.matched)} of {len(ARKIT_52)} shapes on {meshes} mesh{'es' if meshes > 1 else ''}"
    if not match.missing:
        layout.label(text=found, icon="CHECKMARK")
        return
    header, body = layout.panel("mouthpiece_missing", default_closed=True)
    header.label(text=found, icon="ERROR")
    if body:
        column = body.column(align=True)
        column.scale_y = 0.8
        for name in match.missing:
            column.label(text=name, icon="BLANK1")


def _draw_head(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup, character: Character) -> None:
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    column.prop(settings, "head_mode")
    if settings.head_mode == "CHOSEN":
        column.prop(settings, "head_object")
        if settings.head_object and settings.head_object.type == "ARMATURE":
            column.prop_search(settings, "head_bone", settings.head_object.data, "bones")
    elif character.head:
        row = column.row()
        row.alignment = "RIGHT"
        row.label(text=character.head.bone, icon="BONE_DATA")
