"""The render engine for splats: F12 and animations, with and without a window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from ..core.errors import SettingError
from ..core.splat.film import turned
from .bridge.lens import camera_of, region_of
from .bridge.passes import Pass, developed_passes, passes_of
from .bridge.shutter import instants_of
from .bridge.splat_scene import seen
from .bridge.world import background_of, to_scene_light
from .drawing.context import ready
from .operator_base import Guarded
from .props_film import film_of
from .rendering import Clock, Frame, shoot, whole_frames

ENGINE = "MOUTHPIECE_SPLATS"
WIDEST = 1 << 30
"""More pixels than any picture has; Blender gives what there is."""


class MOUTHPIECE_RE_splats(Guarded, bpy.types.RenderEngine):
    """Draws heads of splats as they were learnt, in any frame, with depth and alpha"""

    bl_idname = ENGINE
    bl_label = "Mouthpiece Splats"
    bl_use_gpu_context = True
    bl_use_postprocess = True
    bl_use_eevee_viewport = True

    def update_render_passes(self, scene: bpy.types.Scene, renderlayer: bpy.types.ViewLayer) -> None:
        """Called by Blender: which sockets the compositor shows."""
        for kind in passes_of(renderlayer):
            self.register_pass(scene, renderlayer, kind.name, len(kind.letters), kind.letters, kind.kind)

    def render(self, depsgraph: bpy.types.Depsgraph) -> None:
        """Called by Blender, once a view layer."""
        # What is reported as an error stops Blender; an error that is only set has an empty picture saved.
        self.guard(lambda: self._render(depsgraph))

    def view_update(self, context: bpy.types.Context, depsgraph: bpy.types.Depsgraph) -> None:
        """Called by Blender: the viewport draws splats in every shading mode by itself."""

    def view_draw(self, context: bpy.types.Context, depsgraph: bpy.types.Depsgraph) -> None:
        """Called by Blender, see view_update()."""

    def _render(self, depsgraph: bpy.types.Depsgraph) -> None:
        ready()
        layer = depsgraph.view_layer_eval
        passes = passes_of(layer)
        frame = self._frame(depsgraph, len(passes) > 2)
        with self._clock(depsgraph.scene) as clock:
            exposure = shoot(frame, depsgraph, clock)
        if exposure is None:
            return
        if not seen(depsgraph):
            self.report({"WARNING"}, f"{layer.name} shows no splats to renders; its picture is empty.")
        film = turned(exposure.film, to_scene_light())
        self._write(layer.name, passes, developed_passes(exposure, film))

    def _frame(self, depsgraph: bpy.types.Depsgraph, depths: bool) -> Frame:
        """What a scene asks for. Raises: SettingError when it has no camera for splats."""
        scene = depsgraph.scene_eval
        own = film_of(scene)
        main = own.main.evaluated_get(depsgraph) if own.main else scene
        if main.render.use_multiview:
            raise SettingError(f"{main.name} is rendered for two eyes; switch Stereoscopy off for splats.")
        size = self.resolution_x, self.resolution_y
        return Frame(
            camera_of(main),
            size,
            (main.render.pixel_aspect_x, main.render.pixel_aspect_y),
            region_of(size, self.path_resolve("render")),  # the method of that name hides the property
            instants_of(main.render, own.motion_steps),
            own.edge_steps,
            own.meshes == "HIDE",
            depths,
            background_of(scene),
        )

    def _write(self, layer: str, passes: tuple[Pass, ...], planes: dict[str, np.ndarray]) -> None:
        for kind in passes[1:]:
            self.add_pass(kind.name, len(kind.letters), kind.letters, layer=layer)
        result = self.begin_result(0, 0, WIDEST, WIDEST, layer=layer)
        size = result.resolution_y, result.resolution_x
        try:
            for slot in result.layers[0].passes:
                plane = planes.get(slot.name)
                if plane is None:
                    continue
                if plane.shape[:2] != size:
                    raise SettingError(f"Blender wants {size[::-1]} pixels, but {plane.shape[1::-1]} were rendered.")
                slot.rect.foreach_set(np.ascontiguousarray(plane).ravel())
        finally:
            self.end_result(result)

    @contextmanager
    def _clock(self, scene: bpy.types.Scene) -> Iterator[Clock]:
        """Moves within the frame; afterwards it is the frame it was."""
        start, at = scene.frame_current + scene.frame_subframe, [0.0]

        def go(offset: float) -> None:
            if offset != at[0]:
                frame, share = whole_frames(start + offset)
                self.frame_set(frame, subframe=share)
                at[0] = offset

        def tell(done: float) -> bool:
            self.update_progress(done)
            return not self.test_break()

        try:
            yield Clock(go, tell)
        finally:
            go(0.0)
