"""Splats over time: baked courses, animated clouds, and what is shown as files."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy_extras.io_utils import ExportHelper, ImportHelper

from ..core.errors import SettingError
from ..core.splat.files import AXES, FORMATS, write_splats
from ..core.splat.files.sequence import write_sequence
from .bridge.splat_course import bake_course, free_course
from .bridge.splat_heads import heads_among
from .bridge.splat_output import shown_over_time, shown_splats
from .bridge.splat_sequence import add_sequence
from .heads_operator import HeadsOperator
from .operator_base import SentenceOperator
from .request import rate_of

_WRITTEN = tuple(FORMATS.values())
_OWN_AXES = "FORMAT"
AXES_ITEMS = (
    (_OWN_AXES, "As the Format Has Them", "The axes that this format's files are taken to use"),
    *((axes, axes.replace("-", ", ").capitalize(), f"Where x, y and z point: {axes}") for axes in AXES),
)


class MOUTHPIECE_OT_bake_splats(HeadsOperator, bpy.types.Operator):
    """Write what the sliders of the selected heads say at each frame of the scene to a small file beside the .blend,
    and pose them from there whatever moved them before"""

    bl_idname = "mouthpiece.bake_splats"
    bl_label = "Bake Splats"

    def run(self, context: bpy.types.Context) -> None:
        """Bake each."""
        sizes = []
        for made, head in list(heads_among(context.selected_objects)):
            path = bake_course(made, head, context.scene, scene_frames(context.scene))
            sizes.append(f"{path.name} ({path.stat().st_size / 1e3:.0f} kB)")
        self.report({"INFO"}, f"Baked to {', '.join(sizes)}")


class MOUTHPIECE_OT_free_splats(HeadsOperator, bpy.types.Operator):
    """Let sliders move the selected heads again; the baked files stay"""

    bl_idname = "mouthpiece.free_splats"
    bl_label = "Free Baked Splats"

    def run(self, context: bpy.types.Context) -> None:
        """Free each."""
        chosen = [made for made, _ in heads_among(context.selected_objects) if not made.library]
        if not [made for made in chosen if free_course(made)]:
            raise SettingError("None of the selected heads is baked.")


class MOUTHPIECE_OT_import_splat_sequence(SentenceOperator, ImportHelper, bpy.types.Operator):
    """Add numbered splat files, such as head_0001.ply and on, as a cloud that changes with the timeline"""

    bl_idname = "mouthpiece.import_splat_sequence"
    bl_label = "Import Splat Sequence"
    bl_options = {"REGISTER", "UNDO"}

    filter_glob: bpy.props.StringProperty(default="*.ply;*.spz;*.splat;*.glb;*.gltf", options={"HIDDEN"})
    axes: bpy.props.EnumProperty(name="Axes", description="Of the files", items=AXES_ITEMS)

    def run(self, context: bpy.types.Context) -> None:
        """Add it and select it alone."""
        axes = "" if self.axes == _OWN_AXES else self.axes
        made = add_sequence(Path(bpy.path.abspath(self.filepath)), axes, context.scene, context.collection)
        for other in context.selected_objects:
            other.select_set(False)
        made.select_set(True)
        context.view_layer.objects.active = made


class MOUTHPIECE_OT_export_splats(SentenceOperator, ExportHelper, bpy.types.Operator):
    """Write the selected splats as they are posed: at this frame, or at every frame of the scene"""

    bl_idname = "mouthpiece.export_splats"
    bl_label = "Export Splats"
    bl_options = {"REGISTER", "PRESET"}

    filter_glob: bpy.props.StringProperty(
        default=";".join(f"*{ending}" for form in _WRITTEN for ending in form.endings), options={"HIDDEN"}
    )
    format: bpy.props.EnumProperty(
        name="Format",
        description="What is written; docs/splats.md tells what each keeps",
        items=tuple((form.name, form.title, f"Files named *{form.endings[0]}") for form in _WRITTEN),
        default="ply",
    )
    animated: bpy.props.BoolProperty(
        name="Animated", description="Every frame of the scene: a file for each, or one USD with time samples"
    )
    in_world: bpy.props.BoolProperty(
        name="Transform", description="Write the splats where their objects stand in the scene", default=True
    )

    @property
    def filename_ext(self) -> str:
        """The ending ExportHelper keeps the name at; USD is written in its binary form."""
        return ".usdc" if self.format == "usd" else FORMATS[self.format].endings[0]

    def run(self, context: bpy.types.Context) -> None:
        """Write it."""
        path, scene = self._place(), context.scene
        if not self.animated:
            write_splats(path, shown_splats(context.evaluated_depsgraph_get(), self.in_world))
            return
        frames = scene_frames(scene)
        context.window_manager.progress_begin(0, len(frames))
        try:
            over_time = shown_over_time(scene, frames, self.in_world)
            for count, _ in enumerate(write_sequence(path, over_time, rate_of(scene), frames[0])):
                context.window_manager.progress_update(count)
        finally:
            context.window_manager.progress_end()
        self.report({"INFO"}, f"{len(frames)} frames of splats written")

    def _place(self) -> Path:
        """Where to write: under the name given if it has an ending of the format, or else with one."""
        given = Path(bpy.path.abspath(self.filepath))
        fits = any(given.name.lower().endswith(ending) for ending in FORMATS[self.format].endings)
        return given if fits else given.with_name(given.name + self.filename_ext)


def scene_frames(scene: bpy.types.Scene) -> range:
    """The frames of a scene, or of its preview range where that is on."""
    if scene.use_preview_range:
        return range(scene.frame_preview_start, scene.frame_preview_end + 1)
    return range(scene.frame_start, scene.frame_end + 1)


CLASSES = (
    MOUTHPIECE_OT_bake_splats,
    MOUTHPIECE_OT_free_splats,
    MOUTHPIECE_OT_import_splat_sequence,
    MOUTHPIECE_OT_export_splats,
)
