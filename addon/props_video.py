"""What the user sets about films: which one, and how much of each part of the face comes from it."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ..core.layers.regions import GROUPS

VIDEO = "mouthpiece_video"
"""What scenes keep these under."""
FILM_ENDINGS = (".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v", ".mpg")
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
_USUAL = {"mouth": 0.0}
"""Lips come from the voice, all else from the face, unless the user wants otherwise."""


def _share(group: str) -> bpy.types.Property:
    return bpy.props.FloatProperty(
        name=group.title(),
        description=f"How much of the {group} comes from the film, and how much from its sound; may be keyed",
        default=_USUAL.get(group, 1.0),
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )


class MOUTHPIECE_PG_video(bpy.types.PropertyGroup):
    """Settings of a scene about films and portraits."""

    film: bpy.props.StringProperty(
        name="Film",
        description="A film of a face: MP4, MOV, MKV, AVI or WebM",
        subtype="FILE_PATH",
        options={"PATH_SUPPORTS_BLEND_RELATIVE"},
    )
    face: bpy.props.EnumProperty(
        name="Face",
        description="Which face to follow where the film shows several",
        items=(
            ("largest", "Largest", "The largest face"),
            ("left", "Left", "The face that begins furthest left in the picture"),
            ("right", "Right", "The face that begins furthest right in the picture"),
        ),
    )
    mouth: _share("mouth")
    eyes: _share("eyes")
    brows: _share("brows")
    head: _share("head")
    as_sure: bpy.props.BoolProperty(
        name="Hand Over",
        description="Let the voice lead wherever the film is not sure of what it saw, such as behind a hand",
        default=True,
    )
    told: bpy.props.StringProperty(
        name="Told", description="How far sound and pictures of the last film lay apart, and how sure that is"
    )
    ranged: bpy.props.BoolProperty(
        name="Full Range",
        description="Bring the person's own extremes to the head's, so that a timid actor's broadest smile is broad",
        default=False,
    )
    reach: bpy.props.FloatProperty(
        name="Reach",
        description="How far the person's own extremes go on this head; 1 is as far as its shapes do",
        default=0.85,
        min=0.1,
        max=1.0,
        subtype="FACTOR",
    )


def shares(settings: bpy.types.PropertyGroup) -> Iterator[tuple[str, float]]:
    """Each part of the face and how much of it comes from the film now."""
    return ((group, getattr(settings, group)) for group in GROUPS)
