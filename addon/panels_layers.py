"""The parts of a take among the results: muted, scaled, blended and opened one by one; what a character feels."""

from __future__ import annotations

import bpy

from ..core.speech.emotion import EMOTIONS
from .bridge.character import Character
from .bridge.layers import parts_in
from .bridge.phone_strip import are_shown
from .bridge.takes import TakeInfo, edited_part, edited_take
from .guidance import FEELING
from .props_layers import LAYERS

NAMED = 0.62
"""Share of a row that a layer's slider needs so that its name is not cut off."""


def draw_layers(layout: bpy.types.UILayout, character: Character, take: TakeInfo) -> None:
    """A fold under a take, closed until it is wanted."""
    header, body = layout.panel(f"mouthpiece_layers_{take.action.name}", default_closed=True)
    header.label(text="Layers")
    if not body:
        return
    layers, name = getattr(take.action, LAYERS), take.action.name
    opened = edited_part(character) if edited_take(character) == take.action else ""
    for part in parts_in(character.owners, take.action):
        layer = getattr(layers, part)
        row = body.row(align=True)
        row.prop(layer, "mute", text="", icon="HIDE_ON" if layer.mute else "HIDE_OFF", invert_checkbox=True)
        wide = row.split(factor=NAMED, align=True)
        wide.prop(layer, "influence", text=part.capitalize(), slider=True)
        wide.prop(layer, "blend", text="")
        edit = row.operator("mouthpiece.edit_take", text="", icon="ACTION_TWEAK", depress=opened == part)
        edit.action, edit.part = name, part
    body.operator("mouthpiece.bake_layers", icon="NLA_PUSHDOWN").action = name
    body.row(align=True).prop(layers, "again")
    body.prop(layers, "words", text="", icon="TEXT", placeholder="Words, or the preview range")
    body.operator("mouthpiece.run_again", icon="FILE_REFRESH").action = name
    shown = are_shown(take)
    body.operator("mouthpiece.show_phones", icon="MARKER_HLT", depress=shown).action = name
    if shown:
        body.operator("mouthpiece.follow_phones", icon="PLAY").action = name


def draw_feeling(layout: bpy.types.UILayout, root: bpy.types.Object) -> None:
    """The emotion that a character itself carries, with dots that set keys."""
    feeling = getattr(root, FEELING)
    layout.prop(feeling, "use", text=f"Kept with {root.name}")
    if not feeling.use:
        return
    column = layout.column(align=True)
    column.use_property_decorate = True
    for name in (*EMOTIONS, "balance", "intensity"):
        column.prop(feeling, name, slider=True)
