"""What the scene's view transform makes of splats, so that they look in a viewport as they do in a render.

Viewports show what add-ons draw as it is, behind the view transform, and Blender has no way to ask for the transform.
So a grid of colours goes through it once, as a picture that is saved, and becomes a table on the card. Solid shading
shows all colours without the transform.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import bpy
import numpy as np
from gpu.types import GPUTexture

from .textures import cube

SIDE = 33
"""Steps of a table each way."""
TRANSFORMED = ("MATERIAL", "RENDERED")
"""Kinds of shading that show the scene through its view transform."""


class Tables:
    """The table of the view settings that were seen last; a new one is made when Blender has time."""

    def __init__(self) -> None:
        self._plain: GPUTexture | None = None
        self._made: GPUTexture | None = None
        self._signature: tuple = ()
        self._wanted: tuple = ()
        self._scene = ""

    def table(self, context: bpy.types.Context) -> GPUTexture:
        """The table for a viewport; of one texel where colours stay as they are, and until the table is ready."""
        if self._plain is None:
            self._plain = cube(1)
        settings = context.scene.view_settings
        if context.space_data.shading.type not in TRANSFORMED or changes_nothing(settings):
            return self._plain
        signature = (context.scene.display_settings.display_device, *signature_of(settings))
        if signature != self._signature and signature != self._wanted:
            self._wanted, self._scene = signature, context.scene.name
            bpy.app.timers.register(self._make, first_interval=0.0)
        return self._made or self._plain

    @property
    def waits(self) -> bool:
        """Whether a table is about to be made."""
        return bool(self._wanted)

    def forget(self) -> None:
        """Give back what lies on the card."""
        self._plain = self._made = None
        self._signature = self._wanted = ()

    def _make(self) -> None:
        """Outside of drawing, because it makes datablocks."""
        scene = bpy.data.scenes.get(self._scene)
        if scene is None or not self._wanted:
            return
        self._made, self._signature = cube(SIDE, viewed_grid(scene, SIDE)), self._wanted
        self._wanted = ()
        for window in bpy.context.window_manager.windows:
            for area in window.screen.areas:
                if area.type == "VIEW_3D":
                    area.tag_redraw()


TABLES = Tables()


def changes_nothing(settings: bpy.types.ColorManagedViewSettings) -> bool:
    """Whether display colours come out as they went in."""
    plain = settings.view_transform == "Standard" and settings.look in ("None", "")
    corrected = settings.exposure or settings.gamma != 1 or settings.use_curve_mapping
    return plain and not corrected and not getattr(settings, "use_white_balance", False)


def signature_of(settings: bpy.types.ColorManagedViewSettings) -> tuple:
    """What tells two view settings apart."""
    names = ("view_transform", "look", "exposure", "gamma", "use_curve_mapping")
    balance = ("use_white_balance", "white_balance_temperature", "white_balance_tint")
    curves = settings.curve_mapping.curves if settings.use_curve_mapping else ()
    points = tuple((*point.location,) for curve in curves for point in curve.points)
    return (*(getattr(settings, name, None) for name in (*names, *balance)), points)


def viewed_grid(scene: bpy.types.Scene, side: int) -> np.ndarray:
    """A grid of display colours after a scene's view transform, float32 [blue, green, red, 4], side steps each way."""
    steps = np.linspace(0, 1, side, dtype=np.float32)
    grid = np.ones((side, side, side, 4), np.float32)
    grid[..., 2], grid[..., 1], grid[..., 0] = np.meshgrid(steps, steps, steps, indexing="ij")
    grid[..., :3] = np.where(grid[..., :3] <= 0.04045, grid[..., :3] / 12.92, ((grid[..., :3] + 0.055) / 1.055) ** 2.4)
    with tempfile.TemporaryDirectory(prefix="mouthpiece-") as folder:
        path = Path(folder) / "view.png"
        _save(scene, grid, path)
        return _load(path, grid.shape)


def _save(scene: bpy.types.Scene, linear: np.ndarray, path: Path) -> None:
    """Write colours through a scene's view transform; a copy of the scene says how, so that the user's stays."""
    side = len(linear)
    picture = bpy.data.images.new("Mouthpiece View", side * side, side, float_buffer=True)
    copy = scene.copy()
    try:
        picture.colorspace_settings.name = "Linear Rec.709"
        picture.pixels.foreach_set(linear.ravel())
        settings = copy.render.image_settings
        if hasattr(settings, "media_type"):
            settings.media_type = "IMAGE"
        settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGB", "16"
        settings.color_management = "FOLLOW_SCENE"
        picture.save_render(str(path), scene=copy)
    finally:
        bpy.data.images.remove(picture)
        bpy.data.scenes.remove(copy)


def _load(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    picture = bpy.data.images.load(str(path))
    try:
        picture.colorspace_settings.name = "Non-Color"
        out = np.empty(picture.size[0] * picture.size[1] * 4, np.float32)
        picture.pixels.foreach_get(out)
    finally:
        bpy.data.images.remove(picture)
    return out.reshape(shape)
