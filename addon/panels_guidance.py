"""The part of the Performance panel that says how: emotion, direction, life and words, each folded away."""

from __future__ import annotations

import bpy

from ..core.cli_options import GROUPED
from ..core.speech.direction import PARAMETERS, SWITCHES
from ..core.speech.emotion import EMOTIONS
from ..core.speech.wishes import KEYABLE
from .bridge.family import family_of, head_of_family
from .guidance import FEELING
from .panels_layers import draw_feeling
from .props import chosen_object


def draw_guidance(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    """Four folds, closed until they are wanted."""
    for title, draw in _FOLDS:
        header, body = layout.panel(f"mouthpiece_{title.lower()}", default_closed=True)
        header.label(text=title)
        if body:
            body.use_property_split = True
            body.use_property_decorate = False
            draw(body, settings)


def _draw_emotion(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    emotion = settings.emotion
    root = _root()
    if root:
        draw_feeling(layout, root)
        if getattr(root, FEELING).use:
            return
    layout.prop(emotion, "as_heard")
    if settings.heard:
        layout.label(text=settings.heard, icon="INFO")
    sliders = layout.column(align=True)
    sliders.active = not emotion.as_heard
    # The dots beside the sliders set keys.
    sliders.use_property_decorate = True
    for name in EMOTIONS:
        sliders.prop(emotion, name, slider=True)
    sliders.separator()
    sliders.prop(emotion, "balance", slider=True)


def _root() -> bpy.types.Object | None:
    """The object that stands for the chosen character, or None."""
    chosen = chosen_object(bpy.context)
    return head_of_family(family_of(chosen)) if chosen and chosen.type in {"MESH", "ARMATURE", "EMPTY"} else None


def _draw_direction(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    feeling = getattr(_root(), FEELING, None)
    if feeling:
        layout.prop(feeling, "use_style", text=f"Kept with {feeling.id_data.name}")
    own = KEYABLE if feeling and feeling.use_style else ()
    groups = {parameter.name: parameter.name.partition("_")[0] for parameter in PARAMETERS}
    for group in (*GROUPED, None):
        column = layout.column(align=True)
        if group:
            # A heading, because "Cheeks Strength" is cut off in a sidebar of usual width.
            column.label(text=group.capitalize())
        for name in [name for name, own in groups.items() if own == group or (group is None and own not in GROUPED)]:
            # The dots beside a character's own sliders set keys.
            column.use_property_decorate = name in own
            text = {"text": name.removeprefix(f"{group}_").capitalize()} if group else {}
            column.prop(feeling if name in own else settings.direction, name, slider=True, **text)
    layout.operator("mouthpiece.reset_direction", icon="LOOP_BACK")


def _draw_life(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    column = layout.column(heading="Alive by Itself")
    for switch in SWITCHES:
        column.prop(settings.direction, switch.name)


def _draw_words(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    script = settings.script
    layout.prop(script, "block")
    row = layout.row()
    row.active = script.block is None
    row.prop(script, "text")
    layout.prop(script, "language")


_FOLDS = (
    ("Emotion", _draw_emotion),
    ("Direction", _draw_direction),
    ("Life", _draw_life),
    ("Transcript", _draw_words),
)
