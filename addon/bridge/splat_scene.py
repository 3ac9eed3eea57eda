"""The splats that a view or a render sees, whatever object, instance or head they come from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

import bpy
import numpy as np
from bpy.app.handlers import persistent

from ...core.splat.types import Splats
from .splat_cloud import is_splats, splats_of

KEPT = 24
"""Sets of splats kept in memory; those not seen for longest go first."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One set of splats where it stands.

    key, version: the same two mean the same splats, so what was made of them (textures) may be kept.
    splats:       in Blender's axes, in the object's own space, metres.
    matrix:       float64 [4, 4], object to world, scale and mirroring included.
    selected, active: as its object (or the object that instances it) in the view layer.
    pass_index:   of its object.
    """

    key: tuple
    version: int
    splats: Splats
    matrix: np.ndarray
    selected: bool
    active: bool
    pass_index: int


@dataclass(slots=True)
class Kept:
    """Splats read before, and when each datablock last changed, counted in changes of anything.

    Counting never starts anew, so that a version stands for the same splats as long as Blender runs.
    """

    now: int = 0
    since: int = 0
    changes: dict[int, int] = field(default_factory=dict)
    read: OrderedDict[tuple, tuple[int, Splats]] = field(default_factory=OrderedDict)

    def changed(self, uid: int) -> None:
        """Take note that a datablock is not what it was."""
        self.now += 1
        self.changes[uid] = self.now

    def version(self, *uids: int) -> int:
        """When any of some datablocks last changed."""
        return max((self.changes.get(uid, self.since) for uid in uids), default=self.since)

    def known(self, key: tuple, version: int) -> Splats | None:
        """What was read at that version, or None."""
        found = self.read.get(key)
        if found is None or found[0] != version:
            return None
        self.read.move_to_end(key)
        return found[1]

    def keep(self, key: tuple, version: int, splats: Splats) -> Splats:
        """Remember splats; the oldest go."""
        self.read[key] = version, splats
        self.read.move_to_end(key)
        while len(self.read) > KEPT:
            self.read.popitem(last=False)
        return splats

    def clear(self) -> None:
        """Everything may have changed: another file is opened, or a step is undone."""
        self.now += 1
        self.since = self.now
        self.read.clear()
        self.changes.clear()


KEPT_SPLATS = Kept()


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
        found = _splats(instance.object)
        if found:
            yield Seen(
                *found,
                matrix=np.array(instance.matrix_world, np.float64),
                selected=shown.select_get(view_layer=depsgraph.view_layer),
                active=bool(active) and shown == active.original,
                pass_index=instance.object.pass_index,
            )


def _splats(shown: bpy.types.Object) -> tuple[tuple, int, Splats] | None:
    """Key, version and splats of an evaluated object, or None when it holds none."""
    cloud = shown.data
    if not is_splats(cloud) or not len(cloud.points):
        return None
    own = shown.original.session_uid if shown.modifiers else 0
    uid = shown.original.data.session_uid
    key, version = ("cloud", uid, own), KEPT_SPLATS.version(uid, own)
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
