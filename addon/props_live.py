"""What the user sets about live cameras."""

from __future__ import annotations

import bpy

LIVE_SETTINGS = "mouthpiece_live"
"""What scenes keep these under."""


class MOUTHPIECE_PG_live(bpy.types.PropertyGroup):
    """Settings of a scene about live cameras."""

    source: bpy.props.EnumProperty(
        name="Source",
        description="What to look at",
        items=(
            ("CAMERA", "Camera", "A camera of this computer"),
            ("FILM", "Film", "A film of a face, played at its own speed as if it were a camera"),
        ),
    )
    camera: bpy.props.IntProperty(
        name="Camera", description="Which camera, as the system numbers them; 0 is the first", min=0, max=63
    )
    film: bpy.props.StringProperty(
        name="Film",
        description="The film to play in place of a camera",
        subtype="FILE_PATH",
        options={"PATH_SUPPORTS_BLEND_RELATIVE"},
    )
    mirrored: bpy.props.BoolProperty(
        name="Mirrored", description="The character moves as your mirror image does: your left is its right"
    )
    smoothing: bpy.props.EnumProperty(
        name="Smoothing",
        description="How much trembling is taken away; the calmer, the later",
        items=(
            ("quick", "Quick", "A lag of 20 ms at rest, less in motion"),
            ("usual", "Usual", "A lag of 40 ms at rest, less in motion"),
            ("calm", "Calm", "A lag of 80 ms at rest, less in motion"),
        ),
        default="usual",
    )
    play: bpy.props.BoolProperty(
        name="Play Timeline",
        description="Play the timeline from the current frame while a take is recorded, dropping frames to keep time",
        default=True,
    )


def live_settings(scene: bpy.types.Scene) -> MOUTHPIECE_PG_live:
    """The settings of a scene."""
    return getattr(scene, LIVE_SETTINGS)
