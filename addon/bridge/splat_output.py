"""What is seen of splats, as files: posed, where it stands, at one frame or over many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import bpy

from ...core.errors import SettingError
from ...core.splat.affine import transformed
from ...core.splat.files.merge import joined, placed
from ...core.splat.files.report import Fault
from ...core.splat.types import Splats
from ...core.splat.z_up import y_up
from .splat_scene import Seen, seen


def shown_splats(depsgraph: bpy.types.Depsgraph, in_world: bool) -> Splats:
    """The selected splats that are visible as one set in our axes, selected instances included.

    in_world: where they stand in the scene, or else each as if its object stood in the middle, unturned.
    Raises SettingError when none is visible as splats or one is scaled to nothing.
    """
    parts = [one for one in seen(depsgraph) if one.selected]
    if not parts:
        raise SettingError(
            "No selected splats are visible as splats; select some, unhide them, or stop showing them as surfaces."
        )
    return y_up(joined([_standing(one) if in_world else one.splats for one in parts]))


def _standing(one: Seen) -> Splats:
    """Splats where their object puts them."""
    try:
        return placed(one.splats, one.matrix)
    except Fault:
        # Mirrored, sheared or stretched unevenly: exact as well, but each ellipsoid takes new axes.
        return transformed(one.splats, one.matrix)


def shown_over_time(scene: bpy.types.Scene, frames: Iterable[int], in_world: bool) -> Iterator[Splats]:
    """The same at each of some frames, made as they are asked for; at the end the scene is where it was."""
    now = scene.frame_current, scene.frame_subframe
    try:
        for frame in frames:
            scene.frame_set(frame)
            yield shown_splats(bpy.context.evaluated_depsgraph_get(), in_world)
    finally:
        scene.frame_set(now[0], subframe=now[1])
