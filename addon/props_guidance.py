"""How the performance shall be: emotion, direction, what lives by itself, and what is said. Kept with the scene."""

from __future__ import annotations

from collections.abc import Iterable

import bpy

from ..core.cli_options import GROUPED
from ..core.guidance import ENGLISH
from ..core.speech.direction import PARAMETERS, SWITCHES, Parameter
from ..core.speech.emotion import EMOTIONS

_SUBTYPES = {"s": "TIME_ABSOLUTE"}


def emotion_sliders(override: set[str]) -> dict[str, object]:
    """A slider for each emotion that is not neutral; all at 0 is neutral. And which side of the face shows it.

    override: as Blender's properties take it.
    """
    sliders: dict[str, object] = {
        name: bpy.props.FloatProperty(
            name=name.capitalize(),
            description=f"How {name} the face is; may be keyed, and mixed with others. All at 0 is neutral",
            min=0.0,
            max=1.0,
            subtype="FACTOR",
            override=override,
        )
        for name in EMOTIONS
    }
    sliders["balance"] = bpy.props.FloatProperty(
        name="Side",
        description="Which half of the face shows it: -1 only the character's right, 0 both, 1 only its left",
        min=-1.0,
        max=1.0,
        subtype="FACTOR",
        override=override,
    )
    return sliders


def wish_sliders(parameters: Iterable[Parameter], options: set[str], override: set[str]) -> dict[str, object]:
    """A slider for each parameter. options, override: as Blender's properties take them."""
    return {
        parameter.name: bpy.props.FloatProperty(
            name=label_of(parameter),
            description=parameter.meaning.rstrip("."),
            default=parameter.default,
            min=parameter.low,
            max=parameter.high,
            step=5,
            subtype=_SUBTYPES.get(parameter.unit, "FACTOR"),
            options=options,
            override=override,
        )
        for parameter in parameters
    }


def _direction_sliders() -> dict[str, object]:
    """A slider for each parameter, a box for each part that lives by itself."""
    boxes = {
        switch.name: bpy.props.BoolProperty(
            name=switch.name.removeprefix("live_").capitalize(),
            description=switch.meaning.rstrip("."),
            default=switch.default,
            options=set(),
        )
        for switch in SWITCHES
    }
    return wish_sliders(PARAMETERS, set(), set()) | boxes


def label_of(parameter: Parameter) -> str:
    """What a slider is called: "Jaw Strength", "Blink Rate"."""
    group, _, part = parameter.name.partition("_")
    words = f"{part} {group}" if group in GROUPED else parameter.name.removesuffix("_s").replace("_", " ")
    return words.title()


class MOUTHPIECE_PG_emotion(bpy.types.PropertyGroup):
    """What the face feels; keys on these sliders make it change over time."""

    __annotations__ = {
        "as_heard": bpy.props.BoolProperty(
            name="As Heard",
            description="Let the voice decide: feel what is heard in it, as surely as it can be told",
            options=set(),
        ),
        **emotion_sliders(set()),
    }


class MOUTHPIECE_PG_direction(bpy.types.PropertyGroup):
    """How much of each part of the face moves, in which style, and what lives by itself."""

    __annotations__ = _direction_sliders()


class MOUTHPIECE_PG_script(bpy.types.PropertyGroup):
    """What is said, where it is known."""

    text: bpy.props.StringProperty(
        name="Words", description="What is said in the recording; knowing it places lips and tongue better"
    )
    block: bpy.props.PointerProperty(
        name="Text", description="A text of this file that holds the words, instead of the field", type=bpy.types.Text
    )
    language: bpy.props.StringProperty(
        name="Language", description="Language of the words, as a code such as en", default=ENGLISH, maxlen=8
    )
