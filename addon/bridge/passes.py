"""The passes of the engine for splats, by name, and what each holds."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ...core.splat.film import Exposure, far

COMBINED, DEPTH, ALPHA, MEAN_DEPTH = "Combined", "Depth", "Splat Alpha", "Splat Mean Depth"


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass as Blender wants to hear of it. letters: one a channel; kind: COLOR, VALUE or VECTOR."""

    name: str
    letters: str
    kind: str


def index_name() -> str:
    """The pass of object indices; the name changed in 5.0."""
    return "Object Index" if bpy.app.version >= (5, 0) else "IndexOB"


def passes_of(layer: bpy.types.ViewLayer) -> tuple[Pass, ...]:
    """The passes that a view layer asks for; the picture and its alpha are always there."""
    wanted = [Pass(COMBINED, "RGBA", "COLOR"), Pass(ALPHA, "A", "VALUE")]
    if layer.use_pass_z:
        wanted += [Pass(DEPTH, "Z", "VALUE"), Pass(MEAN_DEPTH, "Z", "VALUE")]
    if layer.use_pass_object_index:
        wanted.append(Pass(index_name(), "X", "VALUE"))
    return tuple(wanted)


def developed_passes(exposure: Exposure, film: np.ndarray) -> dict[str, np.ndarray]:
    """What each pass holds, float32 [H, W] or [H, W, 4], rows as in the exposure.

    film: the picture in the scene's own light.
    """
    return {
        COMBINED: film,
        ALPHA: exposure.alpha,
        DEPTH: far(exposure.depths.median),
        MEAN_DEPTH: far(exposure.depths.depth),
        index_name(): exposure.depths.index,
    }
