"""Whether there is anything to draw with."""

from __future__ import annotations

import bpy
import gpu

from ...core.errors import SettingError

NONE = (
    "This Blender has nothing to draw with: no graphics card and no software renderer of OpenGL was found. "
    "Start it with a window, or install Mesa's software renderer."
)


def ready() -> None:
    """Make drawing possible, or say why it is not. Raises: SettingError."""
    try:
        gpu.platform.renderer_get()
    except SystemError:
        _start()


def _start() -> None:
    """Blender 5.2 and later can draw in background when asked to."""
    if not (bpy.app.background and hasattr(gpu, "init")):
        raise SettingError(NONE)
    try:
        gpu.init()
        gpu.platform.renderer_get()
    except (SystemError, RuntimeError):
        raise SettingError(NONE) from None
