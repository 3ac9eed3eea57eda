"""Splats in every 3D viewport: drawn after Blender has drawn its own, and only painted anew when something moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import bpy
import gpu
import numpy as np
from gpu.types import Buffer, GPUFrameBuffer, GPUTexture

from ...core.errors import CoreError
from ..bridge.splat_scene import Seen, seen
from ..compat import draws_splats
from .boxes import mesh_between
from .canvas import Canvas, Painter, Wish
from .composite import Look, composite
from .stock import Stock
from .view_table import TABLES
from .viewport_look import look_of
from .views import View, seen_from

MOST_REGIONS = 16
HINT_S = 15.0


@dataclass(slots=True)
class Region:
    """What one viewport showed last."""

    painter: Painter
    signature: tuple = ()
    canvas: Canvas | None = None
    shown: tuple[Seen, ...] = ()


@dataclass(slots=True)
class Viewports:
    """All viewports; they share what lies on the card."""

    stock: Stock = field(default_factory=Stock)
    regions: dict[int, Region] = field(default_factory=dict)
    handle: object | None = None
    hints: set[str] = field(default_factory=set)

    def start(self) -> None:
        """Draw from now on, unless there is no window, or a Blender that draws splats itself."""
        if not bpy.app.background and not draws_splats():
            self.handle = bpy.types.SpaceView3D.draw_handler_add(draw_viewport, (), "WINDOW", "POST_VIEW")

    def stop(self) -> None:
        """Draw no more and give everything back."""
        if self.handle is not None:
            bpy.types.SpaceView3D.draw_handler_remove(self.handle, "WINDOW")
            self.handle = None
        self.forget()

    def forget(self) -> None:
        """Give back what lies on the card."""
        self.regions.clear()
        self.hints.clear()
        TABLES.forget()
        self.stock.keep(())

    def region(self, pointer: int) -> Region:
        """What is known of a region."""
        if pointer not in self.regions:
            while len(self.regions) >= MOST_REGIONS:
                self.regions.pop(next(iter(self.regions)))
            self.regions[pointer] = Region(Painter(self.stock))
        return self.regions[pointer]

    def shows_splats(self) -> bool:
        """Whether any viewport shows splats."""
        return any(region.shown for region in self.regions.values())

    def keep_seen(self) -> None:
        """Give back splats that no viewport shows any more."""
        self.stock.keep(one.key for region in self.regions.values() for one in region.shown)


VIEWPORTS = Viewports()


def draw_viewport() -> None:
    """Called by Blender for each region of each viewport."""
    context = bpy.context
    region = VIEWPORTS.region(context.region.as_pointer())
    region.shown = seen(context.evaluated_depsgraph_get(), context.space_data)
    VIEWPORTS.keep_seen()
    if region.shown:
        try:
            draw_region(context, region)
        except CoreError as error:  # too many splats for the card: nothing is drawn, and a hint says why
            show_hint(str(error))


def draw_region(context: bpy.types.Context, region: Region) -> None:
    """Paint what changed and put it over what Blender drew. Raises: SettingError for more than the card can hold."""
    frame = gpu.state.active_framebuffer_get()
    size = tuple(frame.viewport_get()[2:])  # not always the region's: a viewport may be rendered at another size
    view = seen_from(context.region_data.view_matrix, context.region_data.window_matrix, size)
    between = mesh_between(context.evaluated_depsgraph_get(), context.space_data, region.shown)
    mesh = drawn_depth(frame, size) if between else None
    canvas = painted(region, view, mesh)
    composite(canvas, look_of(context, size, Look(TABLES.table(context), tested=mesh is None)))


def show_hint(sentence: str) -> None:
    """A sentence in the status bar for a while, once."""
    if sentence not in VIEWPORTS.hints:
        VIEWPORTS.hints.add(sentence)
        bpy.app.timers.register(lambda: tell(sentence), first_interval=0.0)
        bpy.app.timers.register(lambda: tell(None), first_interval=HINT_S)


def tell(sentence: str | None) -> None:
    """Put a sentence into the status bar of every window, or take it away."""
    for window in bpy.context.window_manager.windows:
        window.workspace.status_text_set(sentence)


def painted(region: Region, view: View, mesh: GPUTexture | None) -> Canvas:
    """The canvas of a region; that of the last time when nothing has changed."""
    signature = (*signature_of(region.shown), view.to_camera.tobytes(), view.projection.tobytes(), view.size)
    if mesh is not None or region.canvas is None or signature != region.signature:
        wish = Wish(mesh, median=not software(), exact=False, half=True)
        region.canvas, region.signature = region.painter.paint(region.shown, view, wish), signature
    return region.canvas


def signature_of(shown: Sequence[Seen]) -> tuple:
    """What tells two sets of objects apart."""
    return tuple((one.key, one.version, one.matrix.tobytes(), one.selected, one.active) for one in shown)


def drawn_depth(frame: GPUFrameBuffer, size: tuple[int, int]) -> GPUTexture:
    """What Blender drew, as depth in the window. Read by way of memory: Python has no other."""
    depths = np.empty(size[0] * size[1], np.float32)
    frame.read_depth(0, 0, *size, data=Buffer("FLOAT", depths.size, depths))
    return GPUTexture(size, format="R32F", data=Buffer("FLOAT", depths.size, depths))


def software() -> bool:
    """Whether a processor draws: it is spared what is only exact."""
    return gpu.platform.device_type_get() == "SOFTWARE"
