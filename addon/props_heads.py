"""What the user sets about heads that are learned from video."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..core.learned import HeadFolder
from .props import RECORDING_ENDINGS
from .props_video import FILM_ENDINGS

HEADS = "mouthpiece_heads"
"""What scenes keep these under."""
CONFIGURATIONS = (
    (
        "mouthpiece",
        "Mouthpiece",
        "Splats on the tracked mesh and the speaker's own blendshapes; Blender plays it exactly",
    ),
    (
        "gaussiantalker_alibaba",
        "GaussianTalker (Alibaba)",
        "The same with a latent pose that a small network tells (arXiv 2404.14037)",
    ),
    (
        "gaussiantalker_ku",
        "GaussianTalker (KU)",
        "Free splats in a field of tri-planes that hears the voice (arXiv 2404.16012); several times slower",
    ),
    ("gstalker", "GSTalker", "Free splats in a field of hash planes that hears the voice (arXiv 2404.19040); slower"),
)
LENGTHS = (
    ("short", "Short", "A quarter of the steps, to see whether the film is any good"),
    ("usual", "Usual", "As many steps as the configuration means"),
    ("long", "Long", "Three times the steps, for larger pictures; a head that is done goes on"),
)
DEVICES = (
    ("auto", "Automatic", "The graphics card where there is one that can, else the processor"),
    ("cpu", "Processor", "The processor only"),
    ("cuda", "CUDA", "An NVIDIA card; needs gsplat in the engine environment"),
)
WAYS = (
    ("CURVES", "By Curves", "Keys on the chosen character, as this person moves to speech"),
    ("FIELD", "Through the Field", "A new head that plays exactly what its field does, as a clip beside the keys"),
)


class MOUTHPIECE_PG_heads(bpy.types.PropertyGroup):
    """Settings of a scene about learned heads, and what the last deed had to say."""

    film: bpy.props.StringProperty(
        name="Film",
        description=f"A film of one person talking: {', '.join(ending[1:].upper() for ending in FILM_ENDINGS)}",
        subtype="FILE_PATH",
        options={"PATH_SUPPORTS_BLEND_RELATIVE"},
    )
    folder: bpy.props.StringProperty(
        name="Folder",
        description="Where the head is kept while it is learned, an empty one at first; a stopped one goes on there",
        subtype="DIR_PATH",
        options={"PATH_SUPPORTS_BLEND_RELATIVE"},
    )
    face: bpy.props.EnumProperty(
        name="Face",
        description="Which face to learn where the film shows several",
        items=(
            ("largest", "Largest", "The largest face"),
            ("left", "Left", "The face that begins furthest left in the picture"),
            ("right", "Right", "The face that begins furthest right in the picture"),
        ),
    )
    config: bpy.props.EnumProperty(
        name="Configuration", description="How the head is made and what moves it", items=CONFIGURATIONS
    )
    size: bpy.props.IntProperty(
        name="Size",
        description="Pixels of the pictures that are learned from: 128 to 192 on a processor, 512 on a card",
        default=160,
        min=64,
        max=1024,
    )
    length: bpy.props.EnumProperty(name="Length", description="How long to learn", items=LENGTHS, default="usual")
    device: bpy.props.EnumProperty(name="Device", description="What learns", items=DEVICES)
    recording: bpy.props.StringProperty(
        name="Recording",
        description=f"What the head shall say: {', '.join(ending[1:].upper() for ending in RECORDING_ENDINGS)}",
        subtype="FILE_PATH",
        options={"PATH_SUPPORTS_BLEND_RELATIVE"},
    )
    way: bpy.props.EnumProperty(name="Drive", description="What makes the head say the recording", items=WAYS)
    told: bpy.props.StringProperty(description="What the last deed had to say", options={"HIDDEN"})


def heads_of(context: bpy.types.Context) -> MOUTHPIECE_PG_heads:
    """The settings of the scene that is shown."""
    return getattr(context.scene, HEADS)


def folder_of(settings: MOUTHPIECE_PG_heads) -> HeadFolder | None:
    """The folder that is chosen, or None."""
    return HeadFolder(Path(bpy.path.abspath(settings.folder))) if settings.folder else None
