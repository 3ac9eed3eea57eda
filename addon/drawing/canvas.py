"""Splats drawn on the graphics card: the same picture as core.splat.render, from Blender's scene.

Needs a GPU context: a draw handler, RenderEngine.render with bl_use_gpu_context, or gpu.init() (5.2 and later).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from gpu.types import Buffer, GPUFrameBuffer, GPUTexture

from .median import median_ranks, no_ranks
from .orders import Orders
from .passes import WHOLE, fill, states, target
from .projecting import project
from .quads import Quads
from .shaders import FAR, resolve_shader, splat_shader
from .stock import Stock
from .textures import read_back, single
from .views import View

if TYPE_CHECKING:
    from ..bridge.splat_scene import Seen


@dataclass(frozen=True, slots=True)
class Wish:
    """What a picture should hold.

    mesh: depth in the window (0 to 1, of the same projection, lower row first), R32F, of what hides splats behind it.
    median: find the depth at which half of the light is gone, and whose splat is there.
    exact: sort by the distances themselves, not by 16 bits of them. half: blend in half precision (quicker).
    smooth: as core.splat.render.Camera.smooth.
    """

    mesh: GPUTexture | None = None
    median: bool = False
    exact: bool = True
    half: bool = False
    smooth: bool = False


@dataclass(frozen=True, slots=True)
class Canvas:
    """A picture on the card, lower row first.

    color: display space, premultiplied. facts: distance (metres along the axis), selected, active and 1, each weighted
    as the colours are. depths: mean distance, median distance (FAR: none), the best of both as depth in the window,
    the number of the object in what was seen (-1: none).
    """

    size: tuple[int, int]
    color: GPUTexture
    facts: GPUTexture
    depths: GPUTexture

    def read(self) -> Read:
        """Everything as arrays."""
        color, facts, depths = (read_back(texture) for texture in (self.color, self.facts, self.depths))
        far = np.where(depths >= 0.5 * FAR, np.float32(np.inf), depths)
        return Read(color[..., :3], color[..., 3], far[..., 0], far[..., 1], depths[..., 3].astype(np.int32), facts)


@dataclass(frozen=True, slots=True)
class Read:
    """A picture in memory, upper row first; float32.

    color: [h, w, 3], display space, over black; alpha: [h, w]; depth, median: [h, w], metres along the axis, inf where
    nothing is seen; owner: int32 [h, w], the object in what was seen at the median, -1 for none.
    facts: [h, w, 4], as in Canvas.
    """

    color: np.ndarray
    alpha: np.ndarray
    depth: np.ndarray
    median: np.ndarray
    owner: np.ndarray
    facts: np.ndarray


class Painter:
    """Paints one view again and again and keeps what did not change."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._orders = Orders()

    def paint(self, seen: Sequence[Seen], view: View, wish: Wish) -> Canvas:
        """One picture. Objects without splats are left out; owners count the others."""
        seen = [one for one in seen if len(one.splats)]
        color, facts = target(view.size, "RGBA16F" if wish.half else "RGBA32F"), target(view.size)
        frame = GPUFrameBuffer(color_slots=(color, facts))
        with frame.bind():
            frame.clear(color=(0.0, 0.0, 0.0, 0.0))
        if not seen:
            return Canvas(view.size, color, facts, _nothing(view.size))
        loaded = [self._stock.load(one) for one in seen]
        order = self._orders.update(seen, loaded, view, wish.exact)
        quads = Quads(order, project(seen, loaded, view, wish.smooth), wish.mesh or single(FAR), view)
        with frame.bind(), states("ALPHA_PREMULT"):
            quads.draw(splat_shader())
        ranks = median_ranks(quads) if wish.median else no_ranks(view.size)
        return Canvas(view.size, color, facts, _depths(quads, facts, ranks))


def draw(seen: Sequence[Seen], view: View, wish: Wish | None = None, stock: Stock | None = None) -> Canvas:
    """One picture of splats; give a stock to keep their textures from picture to picture."""
    return Painter(stock or Stock()).paint(seen, view, wish or Wish())


def mesh_depth(distances: np.ndarray, view: View) -> GPUTexture:
    """Distances of meshes along the camera's axis, [height, width], metres, upper row first, for Wish.mesh."""
    depths = np.ascontiguousarray(view.window_depth(distances)[::-1])
    return GPUTexture(view.size, format="R32F", data=Buffer("FLOAT", depths.size, depths.ravel()))


def _depths(quads: Quads, facts: GPUTexture, ranks: GPUTexture) -> GPUTexture:
    out = target(quads.view.size)
    shader = resolve_shader()
    shader.bind()
    shader.uniform_float("window", tuple(map(float, quads.view.window)))
    inputs = {"facts": facts, "brackets": ranks, "order": quads.order.texture}
    inputs |= {"middles": quads.projected.middles, "spreads": quads.projected.spreads}
    fill(shader, GPUFrameBuffer(color_slots=(out,)), inputs, WHOLE)
    return out


def _nothing(size: tuple[int, int]) -> GPUTexture:
    out = target(size)
    out.clear(format="FLOAT", value=(FAR, FAR, 1.0, -1.0))
    return out
