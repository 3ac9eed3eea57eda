"""When light falls on the film: a frame's own instant, or those while the shutter of motion blur is open."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ...core.splat.film import Instant, instants

STILL = (Instant(0.0, 1.0),)


def instants_of(render: bpy.types.RenderSettings, steps: int) -> tuple[Instant, ...]:
    """The instants of a frame as a scene's motion blur says. steps: how many while the shutter is open."""
    if not render.use_motion_blur or render.motion_blur_shutter <= 0:
        return STILL
    return instants(render.motion_blur_shutter, render.motion_blur_position, steps, _opening(render))


def _opening(render: bpy.types.RenderSettings) -> Callable[[float], float]:
    mapping = render.motion_blur_shutter_curve
    mapping.initialize()
    curve = mapping.curves[0]
    return lambda share: mapping.evaluate(curve, share)
