"""One frame of one view layer: every instant of its shutter, every tile of its picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import bpy
import numpy as np

from ..core.errors import SettingError
from ..core.splat.film import Exposure, Instant, Shot
from .bridge.lens import Lens, lens_of
from .bridge.solids import solids_of
from .bridge.splat_scene import Seen, seen
from .drawing.canvas import Painter, Wish
from .drawing.parts import Region, part_of, tiles_of
from .drawing.solids import Loaded, loaded, solid_depth
from .drawing.stock import Stock
from .drawing.views import View

MOST_PIXELS = 1 << 28
"""Of one picture; more would need tens of gigabytes for its passes."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What a frame asks for.

    camera: of the scene; size: the whole picture, pixels; aspect: width and height of a pixel; region: what is wanted;
    instants: of the shutter; edges: pictures by which edges of meshes are softened; meshes: whether they hide splats;
    depths: whether a pass of depth or index is wanted; background: linear Rec.709 [3], or None for a clear film.
    """

    camera: bpy.types.Object
    size: tuple[int, int]
    aspect: tuple[float, float]
    region: Region
    instants: tuple[Instant, ...]
    edges: int
    meshes: bool
    depths: bool
    background: np.ndarray | None


@dataclass(frozen=True, slots=True)
class Clock:
    """How a render moves in time. go: to an offset in frames from the frame; tell: how much is done, 0..1, and False
    when the user wants to stop."""

    go: Callable[[float], None]
    tell: Callable[[float], bool]


def shoot(frame: Frame, depsgraph: bpy.types.Depsgraph, clock: Clock) -> Exposure | None:
    """Expose a frame; None when the user stops it. Raises: SettingError for a picture that cannot be drawn."""
    rows, columns = frame.region
    if (rows.stop - rows.start) * (columns.stop - columns.start) > MOST_PIXELS:
        raise SettingError(
            f"A picture of {columns.stop - columns.start} x {rows.stop - rows.start} pixels is too large to render at "
            f"once; lower the resolution or render a border of at most {MOST_PIXELS // 10**6} million pixels."
        )
    painter, exposure, done = Painter(Stock()), Exposure(frame.background), 0
    for instant in frame.instants:
        clock.go(instant.offset)
        splats, solids = _scenery(frame, depsgraph)
        lens = lens_of(frame.camera, depsgraph, frame.size, frame.aspect)
        shifts = jitters(frame.edges) if len(frame.instants) == 1 and solids else (jitter(done, len(frame.instants)),)
        for shift in shifts:
            drawn = Drawing(painter, splats, solids, lens, shift, frame.depths)
            exposure.add(drawn.shot(frame.region), Instant(instant.offset, instant.weight / len(shifts)))
            done += 1
            if not clock.tell(done / (len(frame.instants) * len(shifts))):
                return None
    return exposure


def _scenery(frame: Frame, depsgraph: bpy.types.Depsgraph) -> tuple[list[Seen], tuple[Loaded, ...]]:
    splats = [one for one in seen(depsgraph) if len(one.splats)]
    return splats, loaded(solids_of(depsgraph)) if frame.meshes and splats else ()


def jitters(count: int) -> tuple[tuple[float, float], ...]:
    """Shifts within a pixel, -0.5..0.5, spread evenly over it; the first of one is none."""
    return tuple(jitter(k, count) for k in range(count))


def jitter(k: int, count: int) -> tuple[float, float]:
    """One of count shifts. Source: Roberts 2018, the R2 sequence."""
    if count == 1:
        return 0.0, 0.0
    return tuple((0.5 + (k + 1) * step) % 1 - 0.5 for step in (0.7548776662466927, 0.5698402909980532))


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """One shot. shift: of the meshes, pixels; Gaussians are filtered before they are drawn and stay where they are."""

    painter: Painter
    splats: Sequence[Seen]
    solids: Sequence[Loaded]
    lens: Lens
    shift: tuple[float, float]
    depths: bool

    def shot(self, region: Region) -> Shot:
        """The region as arrays, lower row first."""
        rows, columns = region
        shape = rows.stop - rows.start, columns.stop - columns.start
        color = np.zeros((*shape, 3), np.float32)
        planes = {name: np.zeros(shape, np.float32) for name in ("alpha", "depth", "median", "index")}
        for tile, tile_color, tile_planes in self._tiles(region):
            at = (
                slice(tile[0].start - rows.start, tile[0].stop - rows.start),
                slice(tile[1].start - columns.start, tile[1].stop - columns.start),
            )
            color[at] = tile_color
            for name, values in tile_planes.items():
                planes[name][at] = values
        return Shot(color, **planes)

    def _tiles(self, region: Region) -> Iterator[tuple[Region, np.ndarray, dict[str, np.ndarray]]]:
        lens = self.lens
        whole = View(lens.to_camera, lens.projection, lens.size, lens.near, lens.orthographic)
        numbers = np.array([*(one.pass_index for one in self.splats), 0], np.float32)  # the last for what is none's
        for tile in tiles_of(region):
            view = part_of(whole, tile)
            mesh = solid_depth(self.solids, shifted(view, self.shift))
            read = self.painter.paint(self.splats, view, Wish(mesh=mesh, median=self.depths)).read()
            planes = {"alpha": read.alpha, "depth": read.depth, "median": read.median, "index": numbers[read.owner]}
            yield tile, read.color[::-1], {name: values[::-1] for name, values in planes.items()}


def shifted(view: View, shift: tuple[float, float]) -> View:
    """A view whose picture is moved by some pixels."""
    move = np.eye(4)
    move[:2, 3] = 2 * np.array(shift) / view.size
    return View(view.to_camera, move @ view.projection, view.size, view.near, view.orthographic, view.limits)


def whole_frames(time: float) -> tuple[int, float]:
    """A time in frames as a frame and the share of the way to the next, 0..1."""
    frame = math.floor(time)
    return frame, time - frame
