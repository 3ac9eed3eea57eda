"""Animated clouds: numbered splat files, of which the cloud holds the one that the timeline is at.

The files are the cache: nothing is written, and any frame looks the same whichever came before it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

import bpy
from bpy.app.handlers import persistent

from ...core.errors import CoreError
from ...core.splat.files import read_splats
from ...core.splat.files.sequence import frame_at, numbered_files
from ...core.splat.types import SplatError, Splats
from ...core.splat.z_up import z_up
from .frame_property import add_frame_property, frame_of
from .splat_cloud import new_points, write_cloud
from .splat_kept import KEPT_SPLATS

SEQUENCE, FRAME, AXES = "mouthpiece_sequence", "sequenceFrame", "mouthpiece_axes"
MOST_BYTES = 512 * 1024**2
"""Of splats kept in memory; those not seen for longest go first."""


@dataclass(slots=True)
class Reels:
    """Files read before; by an object's session_uid what its cloud holds now, or why that could not be read.

    Lists of files are made anew when a .blend is opened.
    """

    read: OrderedDict[tuple[str, str], Splats] = field(default_factory=OrderedDict)
    files: dict[str, dict[int, Path]] = field(default_factory=dict)
    shown: dict[int, Path] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)

    def files_of(self, path: Path) -> dict[int, Path]:
        """The files of a sequence by number."""
        if str(path) not in self.files:
            self.files[str(path)] = numbered_files(path)
        return self.files[str(path)]

    def splats(self, path: Path, axes: str) -> Splats:
        """The splats of a file in Blender's axes. Raises SplatError."""
        key = str(path), axes
        if key not in self.read:
            self.read[key] = z_up(read_splats(path, axes)[0])
            while len(self.read) > 1 and sum(map(_bytes, self.read.values())) > MOST_BYTES:
                self.read.popitem(last=False)
        self.read.move_to_end(key)
        return self.read[key]


REELS = Reels()


def add_sequence(path: Path, axes: str, scene: bpy.types.Scene, collection: bpy.types.Collection) -> bpy.types.Object:
    """An animated cloud of the files that one of them belongs to; the first is shown at the scene's current frame.

    Raises SplatError when the first cannot be read or there is only one.
    """
    REELS.files.pop(str(path), None)
    files = REELS.files_of(path)
    if len(files) < 2:
        raise SplatError(f'"{path.name}" is no sequence; number the files, such as head_0001.ply, head_0002.ply.')
    first = next(iter(files))
    splats = REELS.splats(files[first], axes)
    cloud = new_points(path.stem, len(splats))
    write_cloud(cloud, splats)
    made = bpy.data.objects.new(path.stem, cloud)
    made[SEQUENCE], made[AXES] = _kept_path(path), axes
    words = "Number of the file that is shown; driven by the timeline"
    add_frame_property(made, FRAME, first - scene.frame_current, words)
    collection.objects.link(made)
    REELS.shown[made.session_uid] = files[first]
    return made


def _kept_path(path: Path) -> str:
    """Relative to the .blend where that is possible, so that both can be moved together."""
    try:
        return bpy.path.relpath(str(path)) if bpy.data.filepath else str(path)
    except ValueError:  # another drive
        return str(path)


def show_file(made: bpy.types.Object, depsgraph: bpy.types.Depsgraph) -> bool:
    """Let an animated cloud hold the splats of its frame. Returns whether it changed.

    Raises SplatError when the file cannot be read; the cloud stays as it was.
    """
    path = Path(bpy.path.abspath(str(made[SEQUENCE]), library=made.library))
    file = frame_at(REELS.files_of(path), frame_of(made.evaluated_get(depsgraph), FRAME))
    if REELS.shown.get(made.session_uid) == file:
        return False
    splats = REELS.splats(file, str(made.get(AXES, "")))
    _hold(made, splats)
    REELS.shown[made.session_uid] = file
    return True


def _hold(made: bpy.types.Object, splats: Splats) -> None:
    cloud = made.data
    if len(cloud.points) != len(splats):
        if hasattr(cloud, "resize"):
            cloud.resize(len(splats))
        else:
            made.data = _replaced(cloud, len(splats))
    write_cloud(made.data, splats)
    KEPT_SPLATS.changed(made.data.session_uid)


def _replaced(cloud: bpy.types.PointCloud, count: int) -> bpy.types.PointCloud:
    """Before 5.1 a cloud cannot grow: a new one takes its place, its name and its materials."""
    fresh, name = new_points(cloud.name, count), cloud.name
    for material in cloud.materials:
        fresh.materials.append(material)
    cloud.user_remap(fresh)
    bpy.data.pointclouds.remove(cloud)
    fresh.name = name
    return fresh


def _animated(depsgraph: bpy.types.Depsgraph) -> list[bpy.types.Object]:
    """The animated clouds that a depsgraph evaluates, those that are only instanced included, and may be written."""
    if not bpy.data.pointclouds:  # most scenes, of which playback must not ask more
        return []
    found = (each.original for each in depsgraph.ids if isinstance(each, bpy.types.Object))
    clouds = (made for made in found if made.type == "POINTCLOUD" and SEQUENCE in made and made.data)
    return list(dict.fromkeys(made for made in clouds if not made.library and made.data.is_editable))


@persistent
def show_files(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """After every change of frame: animated clouds hold the splats of that frame.

    In a render with a window only while its interface is locked, or drawing would read what is being written.
    """
    if depsgraph.mode == "RENDER" and not (bpy.app.background or scene.render.use_lock_interface):
        return
    for made in _animated(depsgraph):
        REELS.faults.pop(made.session_uid, None)
        try:
            show_file(made, depsgraph)
        except CoreError as error:
            REELS.faults[made.session_uid] = str(error)


@persistent
def forget_files(*_: object) -> None:
    """Another file is opened, or a step was undone: clouds may hold anything."""
    REELS.shown.clear()
    REELS.files.clear()
    REELS.faults.clear()


def _bytes(splats: Splats) -> int:
    return sum(getattr(splats, name).nbytes for name in Splats.__slots__)
