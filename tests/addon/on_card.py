"""Runs a function where Blender can draw without a window: after gpu.init() from 5.2 on, inside a render before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy
import gpu


def on_card(work: Callable[[], Any]) -> Any:
    """What work returns; what it raises is raised."""
    if hasattr(gpu, "init"):
        gpu.init()
        return work()
    done: list = []

    class Drawing(bpy.types.RenderEngine):
        bl_idname = "MOUTHPIECE_TEST_DRAWING"
        bl_label = "Drawing in tests"
        bl_use_gpu_context = True

        def render(self, depsgraph: bpy.types.Depsgraph) -> None:
            with Keeping(done):
                done.append(work())

    bpy.utils.register_class(Drawing)
    try:
        settings = bpy.context.scene.render
        settings.engine, settings.resolution_x, settings.resolution_y = Drawing.bl_idname, 8, 8
        if bpy.context.scene.camera is None:
            bpy.context.scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
            bpy.context.collection.objects.link(bpy.context.scene.camera)
        bpy.ops.render.render()
    finally:
        bpy.utils.unregister_class(Drawing)
    if isinstance(done[0], BaseException):
        raise done[0]
    return done[0]


class Keeping:
    """Keeps what is raised in a list, because Blender would only print it."""

    def __init__(self, done: list) -> None:
        self.done = done

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is not None:
            self.done.append(error)
        return True
