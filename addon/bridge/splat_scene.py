"""The splats that a view or a render sees, whatever object, instance or head they come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import bpy
import numpy as np
from bpy.app.handlers import persistent

from ...core.splat.types import Splats
from .splat_cloud import is_splats, splats_of
from .splat_heads import posed
from .splat_kept import KEPT_SPLATS


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One set of splats where it stands.

    key, version: the same two mean the same splats, so what was made of them (textures) may be kept.
    splats:       in Blender's axes, in the object's own space, metres.
    matrix:       float64 [4, 4], object to world, scale and mirroring included.
    selected, active: as its object (or the object that instances it) in the view layer.
    pass_index:   of its object.
    owner:        session_uid of the object that is clicked, hidden and selected for it.
    """

    key: tuple
    version: int
    splats: Splats
    matrix: np.ndarray
    selected: bool
    active: bool
    pass_index: int
    owner: int = 0


def seen(depsgraph: bpy.types.Depsgraph, space: bpy.types.SpaceView3D | None = None) -> tuple[Seen, ...]:
    """Every set of splats that is visible.

    depsgraph: evaluated; its mode says whether what is hidden in viewports or in renders is left out.
    space:     the 3D viewport, whose local view and hidden types count; None for a render.
    """
    return tuple(_seen(depsgraph, space))


def _seen(depsgraph: bpy.types.Depsgraph, space: bpy.types.SpaceView3D | None) -> Iterator[Seen]:
    active = depsgraph.view_layer.objects.active
    for instance in depsgraph.object_instances:
        if instance.object.type != "POINTCLOUD" or not instance.show_self:
            continue
        # What shows an instance is what is clicked, hidden and selected for it.
        shown = (instance.parent if instance.is_instance else instance.object).original
        if space and not shown.visible_in_viewport_get(space):
            continue
        found = _splats(instance.object, instance.is_instance)
        if found:
            yield Seen(
                *found,
                matrix=np.array(instance.matrix_world, np.float64),
                selected=shown.select_get(view_layer=depsgraph.view_layer),
                active=bool(active) and shown == active.original,
                pass_index=instance.object.pass_index,
                owner=shown.session_uid,
            )


def _splats(shown: bpy.types.Object, instanced: bool) -> tuple[tuple, int, Splats] | None:
    """Key, version and splats of an evaluated object, or None when it holds none."""
    cloud = shown.data
    # What modifiers made of a head lies in its cloud, not in its sliders.
    found = None if shown.modifiers else posed(shown)
    if found:
        digest, version, splats = found
        return ("head", digest, shown.original.session_uid), version, splats
    if not is_splats(cloud) or not len(cloud.points):
        return None
    own = shown.original.session_uid if shown.modifiers else 0
    uid = shown.original.data.session_uid
    # Nodes may make instances of several clouds under one object; what they make has a number of its own.
    made = cloud.session_uid if instanced and own else 0
    key, version = ("cloud", uid, own, made), KEPT_SPLATS.version(uid, own)
    known = KEPT_SPLATS.known(key, version)
    return key, version, known or KEPT_SPLATS.keep(key, version, splats_of(cloud))


@persistent
def note_changes(_: object, depsgraph: bpy.types.Depsgraph) -> None:
    """After every evaluation: what has changed is read anew when it is next seen."""
    for update in depsgraph.updates:
        if update.is_updated_geometry and isinstance(update.id, bpy.types.Object | bpy.types.PointCloud):
            KEPT_SPLATS.changed(update.id.original.session_uid)


@persistent
def forget_splats(*_: object) -> None:
    """Another file is opened, or a step was undone."""
    KEPT_SPLATS.clear()
