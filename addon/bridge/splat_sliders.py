"""The sliders of a head of splats: custom properties of its object, which curves, drivers and overrides can move.

ARKit's shapes and the head's own by their names, 0 to 1; headYaw, headPitch and headRoll in radians; for each clip the
seconds into it, and below 0 it does not play.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import radians

import bpy
import numpy as np

from ...core.rig.arkit import ARKIT_52
from ...core.rig.targets import HEAD_CURVES, Drive, Mapping, Target
from ...core.splat.head import SplatHead
from .inventory import property_path

MOST_BYTES = 63
"""Of the name of a custom property."""
CLIP = "clip "
_TURN = radians(60)
_WORDS = {
    "headYaw": "Head turned to its own left, less than 0 to its right",
    "headPitch": "Head looking up, less than 0 down",
    "headRoll": "Head tilted to its own left shoulder, less than 0 to its right",
}


@dataclass(frozen=True, slots=True)
class Dialled:
    """What the sliders of a head say: weights by slider, turn [3] radians, moments by clip. Equal ones pose alike."""

    weights: tuple[tuple[str, float], ...]
    turn: tuple[float, float, float]
    moments: tuple[tuple[str, float], ...]


def add_sliders(made: bpy.types.Object, head: SplatHead) -> None:
    """Give an object the sliders of a head; those it has keep their values."""
    for name in slider_names(head):
        _slider(made, name, (0.0, 1.0), "What this shape adds, 0 to 1", "NONE")
    for name in HEAD_CURVES:
        _slider(made, name, (-_TURN, _TURN), _WORDS[name], "ANGLE")
    for clip, course in head.clips.items():
        name = clip_name(clip)
        if len(name.encode()) <= MOST_BYTES:
            length = len(course.coefficients) / course.fps
            _slider(
                made, name, (-1.0, length), "Seconds into the clip; below 0 it does not play", "TIME_ABSOLUTE", -1.0
            )


def slider_names(head: SplatHead) -> tuple[str, ...]:
    """The head's sliders that can be properties."""
    return tuple(name for name in head.sliders if name and len(name.encode()) <= MOST_BYTES)


def clip_name(clip: str) -> str:
    """What the slider of a clip is called."""
    return f"{CLIP}{clip}"


def dialled(shown: bpy.types.Object, head: SplatHead) -> Dialled:
    """What the sliders of an object say; one that is missing or no number is at rest.

    shown: evaluated, so that curves and drivers count.
    """
    weights = ((name, _number(shown, name)) for name in slider_names(head))
    turn = tuple(_number(shown, name) for name in HEAD_CURVES)
    moments = ((clip, _number(shown, clip_name(clip), -1.0)) for clip in head.clips)
    return Dialled(
        tuple((name, value) for name, value in weights if value),
        turn,
        tuple((clip, second) for clip, second in moments if second >= 0),
    )


def slider_mapping(made: bpy.types.Object, head: SplatHead) -> Mapping | None:
    """What moves a head of splats: ARKit's shapes and the head's turn, each its slider; None when it lacks them all."""
    names = [name for name in (*ARKIT_52, *HEAD_CURVES) if name in made]
    drives = tuple(Drive(Target("property", "", name), name) for name in names)
    return Mapping("Splat head", "arkit52", drives) if drives else None


def rest(made: bpy.types.Object, head: SplatHead) -> None:
    """Put all sliders of a head at rest."""
    for name in (*slider_names(head), *HEAD_CURVES):
        if name in made:
            made[name] = 0.0
    for clip in head.clips:
        if clip_name(clip) in made:
            made[clip_name(clip)] = -1.0
    made.update_tag()


def _slider(
    made: bpy.types.Object, name: str, span: tuple[float, float], words: str, subtype: str, value: float = 0.0
) -> None:
    if name not in made:
        made[name] = value
    ui = made.id_properties_ui(name)
    low, high = span
    # Curves may go a little beyond what a slider offers, as on a shape key.
    ui.update(min=low - 1, max=high + 1, soft_min=low, soft_max=high, description=words, subtype=subtype, default=value)
    made.property_overridable_library_set(property_path(name), True)


def _number(shown: bpy.types.Object, name: str, missing: float = 0.0) -> float:
    value = shown.get(name, missing)
    return float(value) if isinstance(value, bool | int | float) and np.isfinite(value) else missing
