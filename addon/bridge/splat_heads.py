"""Heads of splats in a scene: posed when somebody looks, never before, and once for each value of their sliders."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import bpy
import numpy as np
from bpy.app.handlers import persistent

from ...core.errors import CoreError
from ...core.splat.head import SplatHead
from ...core.splat.pose import pose
from ...core.splat.types import Splats
from ...core.splat.z_up import z_up
from ..compat import draws_splats
from .splat_cloud import new_points, write_cloud
from .splat_course import course_dialled
from .splat_kept import KEPT_SPLATS
from .splat_sliders import Dialled, add_sliders, dialled
from .splat_store import DIGEST, head_of, keep_head, store_of

SPLATS = "mouthpiece_splats"
"""What the user set for an object of splats."""
KEPT = 64
"""Poses kept in memory; those not seen for longest go first."""
MOST_KEPT = 5_000_000
"""Splats of all poses kept, some 300 MB."""


@dataclass(slots=True)
class Poses:
    """Poses made before, by the head's digest and what its sliders say, each with a number of its own."""

    made: OrderedDict[tuple[str, Dialled], tuple[int, Splats]] = field(default_factory=OrderedDict)
    count: int = 0

    def get(self, digest: str, head: SplatHead, said: Dialled) -> tuple[int, Splats]:
        """A pose in Blender's axes and its number; the same number is the same pose."""
        key = digest, said
        if key not in self.made:
            self.count += 1
            self.made[key] = self.count, posed_as(head, said)
            self._forget()
        self.made.move_to_end(key)
        return self.made[key]

    def _forget(self) -> None:
        held = sum(len(splats) for _, splats in self.made.values())
        while len(self.made) > 1 and (held > MOST_KEPT or len(self.made) > KEPT):
            held -= len(self.made.popitem(last=False)[1][1])


POSES = Poses()


def posed_as(head: SplatHead, said: Dialled) -> Splats:
    """A head as its sliders say, in Blender's axes."""
    return z_up(pose(head, dict(said.weights), np.array(said.turn), dict(said.moments)))


def posed(shown: bpy.types.Object) -> tuple[str, int, Splats] | None:
    """The head of an evaluated object as its sliders say: its digest, the pose's number and the pose.

    None for an object without a head, or with one that cannot be read or posed.
    """
    # What is linked or overridden keeps its head with the original; an evaluated copy only points there.
    cloud = shown.original.data
    head = head_of(cloud) if isinstance(cloud, bpy.types.PointCloud) else None
    if head is None:
        return None
    digest = str(store_of(cloud).get(DIGEST, ""))
    try:
        return digest, *POSES.get(digest, head, course_dialled(shown, head) or dialled(shown, head))
    except CoreError:
        return None


def add_head(head: SplatHead, name: str, collection: bpy.types.Collection) -> bpy.types.Object:
    """A new object that shows a head at rest, in a collection."""
    made = show_cloud(head_cloud(head, name), name, collection)
    add_sliders(made, head)
    return made


def show_cloud(cloud: bpy.types.PointCloud, name: str, collection: bpy.types.Collection) -> bpy.types.Object:
    """A new object of a cloud of splats, in a collection."""
    made = bpy.data.objects.new(name, cloud)
    # Before 5.3 Blender draws nothing of splats that box and lasso could catch, so the box around them is.
    made.show_bounds = True
    collection.objects.link(made)
    return made


def head_cloud(head: SplatHead, name: str) -> bpy.types.PointCloud:
    """A cloud with the attributes of a head at rest that keeps the head."""
    cloud = new_points(name, len(head))
    write_cloud(cloud, posed_as(head, Dialled((), (0.0, 0.0, 0.0), ())))
    keep_head(cloud, head)
    return cloud


def heads_among(objects: Iterable[bpy.types.Object]) -> Iterator[tuple[bpy.types.Object, SplatHead]]:
    """Those of some objects that show a head, with it."""
    for each in objects:
        head = head_of(each.data) if each.type == "POINTCLOUD" and each.data else None
        if head:
            yield each, head


def write_pose(made: bpy.types.Object, depsgraph: bpy.types.Depsgraph) -> bool:
    """Put the pose of a head into its cloud's attributes, for Blender's own drawing, nodes and exporters.

    Returns whether there was a head to write.
    """
    cloud = made.data
    if cloud.library or not cloud.is_editable:
        return False
    found = posed(made.evaluated_get(depsgraph))
    if found is None or len(found[2]) != len(cloud.points):
        return False
    if WRITTEN.of.get(cloud.session_uid) != found[1]:
        write_cloud(cloud, found[2])
        KEPT_SPLATS.changed(cloud.session_uid)
        WRITTEN.of[cloud.session_uid] = found[1]
    return True


def reads_attributes(made: bpy.types.Object) -> bool:
    """Whether anything but Mouthpiece's own drawing shows an object of splats."""
    return draws_splats() or bool(made.modifiers) or getattr(getattr(made, SPLATS, None), "write_attributes", False)


@dataclass(slots=True)
class Written:
    """The number of the pose that each cloud's attributes hold, by the cloud's session_uid."""

    of: dict[int, int] = field(default_factory=dict)


WRITTEN = Written()


@persistent
def write_poses(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """After every evaluation: the attributes of heads follow the sliders, where somebody reads them.

    In a render only as it moves to a frame, where Blender looks once more for what handlers changed; and in a window
    only when its interface is locked meanwhile, or drawing would read what is being written.
    """
    if depsgraph.mode == "RENDER" and not (bpy.app.background or scene.render.use_lock_interface):
        return
    done: set[int] = set()
    for made in scene.objects if bpy.data.pointclouds else ():
        if made.type == "POINTCLOUD" and reads_attributes(made) and made.data.session_uid not in done:
            # Objects that share a cloud share the pose of the first: by turns they would never come to rest.
            done.add(made.data.session_uid)
            write_pose(made, depsgraph)


@persistent
def forget_written(*_: object) -> None:
    """Another file is opened, or a step was undone: attributes may be anything."""
    WRITTEN.of.clear()
