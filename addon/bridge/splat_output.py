"""What is seen of splats, as files: posed, where it stands, at one frame or over many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import bpy

from ...core.errors import SettingError
from ...core.splat.files.merge import joined, placed
from ...core.splat.files.report import Fault
from ...core.splat.types import Splats
from ...core.splat.z_up import y_up
from .splat_scene import seen


def shown_splats(depsgraph: bpy.types.Depsgraph, in_world: bool) -> Splats:
    """The selected splats that are visible as one set in our axes, selected instances included.

    in_world: where they stand in the scene, or else each as if its object stood in the middle, unturned.
    Raises SettingError when none is visible as splats or one is mirrored, sheared or stretched unevenly.
    """
    parts = [one for one in seen(depsgraph) if one.selected]
    if not parts:
        raise SettingError(
            "No selected splats are visible as splats; select some, unhide them, or stop showing them as surfaces."
        )
    try:
        found = [placed(one.splats, one.matrix) if in_world else one.splats for one in parts]
    except Fault:
        raise SettingError(
            "An object of the chosen splats is mirrored, sheared or stretched unevenly, which files of splats cannot "
            "hold; make its scale even, or export without its transform."
        ) from None
    return y_up(joined(found))


def shown_over_time(scene: bpy.types.Scene, frames: Iterable[int], in_world: bool) -> Iterator[Splats]:
    """The same at each of some frames, made as they are asked for; at the end the scene is where it was."""
    now = scene.frame_current, scene.frame_subframe
    try:
        for frame in frames:
            scene.frame_set(frame)
            yield shown_splats(bpy.context.evaluated_depsgraph_get(), in_world)
    finally:
        scene.frame_set(now[0], subframe=now[1])
