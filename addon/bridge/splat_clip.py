"""A clip of a head of splats on the timeline: four keys on its slider."""

from __future__ import annotations

import bpy

from ...core.errors import RigError
from .channels import curves_of
from .inventory import property_path
from .splat_sliders import clip_name
from .splat_store import head_of

OFF = -1.0
"""Seconds at which a clip does not play."""


def play_clip(made: bpy.types.Object, clip: str, start: int, scene: bpy.types.Scene) -> int:
    """Let a head play one of its clips once, from a frame on; before and after it does not. Returns the last frame.

    Raises RigError where the object has no such clip.
    """
    head, name = head_of(made.data), clip_name(clip)
    if head is None or clip not in head.clips or name not in made:
        raise RigError(f'{made.name} has no clip "{clip}"; drive the head again.')
    course = head.clips[clip]
    length_s = (len(course.coefficients) - 1) / course.fps
    frames = max(1, round(length_s * scene.render.fps / scene.render.fps_base))
    path = property_path(name)
    for frame, second in ((start - 1, OFF), (start, 0.0), (start + frames, length_s), (start + frames + 1, OFF)):
        made[name] = second
        made.keyframe_insert(path, frame=frame, group="Clip")
    keyed = made.animation_data
    for curve in curves_of(keyed.action, keyed.action_slot):
        if curve.data_path == path:
            for point, way in zip(curve.keyframe_points, ("CONSTANT", "LINEAR", "CONSTANT", "CONSTANT"), strict=True):
                point.interpolation = way
    return start + frames
