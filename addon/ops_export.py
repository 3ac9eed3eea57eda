"""The animated character as FBX, glTF or USD, from File > Export and the panel."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..core.convert import in_rig
from ..core.errors import RigError
from ..core.types import Performance
from .bridge.export_curves import taken
from .bridge.export_fbx import export_fbx
from .bridge.export_files import given_up, moved_into_place
from .bridge.export_gltf import export_gltf
from .bridge.export_motion import Motion
from .bridge.export_stage import Stage, members_of, performed
from .bridge.export_usd import export_usd
from .export_operator import RIG_ITEMS, ExportOperator
from .props import character_of, chosen_object


class CharacterExport(ExportOperator):
    """Mixin of the exports that write the whole character."""

    def write(self, path: Path, stage: Stage, context: bpy.types.Context, motion: Motion) -> None:
        """Export the stage to a path. Raises: FormatError."""
        raise NotImplementedError

    def run(self, context: bpy.types.Context) -> None:
        """Stage the character as it moves, export that, and put the files in place."""
        path = self.place()
        span = self.span(context.scene, self.take(context))
        members = members_of(chosen_object(context))
        staging = performed(members, span, path.stem, context)
        with moved_into_place(path) as temporary, staging as (stage, motion), given_up(path):
            self.write(temporary, stage, context, motion)
        self.report({"INFO"}, f"Wrote {path.name}: {span.rows} frames at {span.fps:.6g} fps")


class ChosenEnding:
    """Mixin of the exports whose property `ending` says how the file is stored."""

    @property
    def filename_ext(self) -> str:
        """The ending ExportHelper keeps the name at."""
        return self.ending

    def draw_own(self, layout: bpy.types.UILayout) -> None:
        """The choice among the endings."""
        layout.prop(self, "ending")


class MOUTHPIECE_OT_export_fbx(CharacterExport, bpy.types.Operator):
    """Write the character with its shapes and bones animated as FBX, for Unreal, Unity, Maya and others"""

    bl_idname = "mouthpiece.export_fbx"
    bl_label = "Export Character as FBX"

    filename_ext = ".fbx"
    filter_glob: bpy.props.StringProperty(default="*.fbx", options={"HIDDEN"})
    curves: bpy.props.EnumProperty(
        name="Curve Properties",
        description="Curves added to the root bone as animated properties, which Unreal makes curves of a sequence",
        items=(("NONE", "None", "Shapes and bones only"), *RIG_ITEMS),
    )

    def draw_own(self, layout: bpy.types.UILayout) -> None:
        """Whose curves go along."""
        layout.prop(self, "curves")

    def write(self, path: Path, stage: Stage, context: bpy.types.Context, motion: Motion) -> None:
        """Called by run."""
        export_fbx(path, stage, self._curves.curves if self._curves else None, motion.span)

    def run(self, context: bpy.types.Context) -> None:
        """Read the curves first: the stage takes names away from what they are read from."""
        self._curves = self._read(context)
        super().run(context)

    def _read(self, context: bpy.types.Context) -> Performance | None:
        take = self.take(context)
        if self.curves == "NONE":
            return None
        if take is None:
            raise RigError("Curve properties are made of a take, but this character has none; animate it first.")
        return in_rig(taken(character_of(context), take, self.span(context.scene, take)), self.curves)


class MOUTHPIECE_OT_export_gltf(ChosenEnding, CharacterExport, bpy.types.Operator):
    """Write the character with its shapes and bones animated as glTF, for Godot, three.js, Unreal and others"""

    bl_idname = "mouthpiece.export_gltf"
    bl_label = "Export Character as glTF"

    filter_glob: bpy.props.StringProperty(default="*.glb;*.gltf", options={"HIDDEN"})
    ending: bpy.props.EnumProperty(
        name="File",
        description="One file or several",
        items=(
            (".glb", "One File (.glb)", "Everything in one file"),
            (".gltf", "Several Files (.gltf)", "Text, with its numbers and pictures in files beside it"),
        ),
    )

    def write(self, path: Path, stage: Stage, context: bpy.types.Context, motion: Motion) -> None:
        """Called by run."""
        export_gltf(path, stage, motion.span)


class MOUTHPIECE_OT_export_usd(ChosenEnding, CharacterExport, bpy.types.Operator):
    """Write the character with its shapes and bones animated as USD with UsdSkel, for Omniverse, Houdini and others"""

    bl_idname = "mouthpiece.export_usd"
    bl_label = "Export Character as USD"

    filter_glob: bpy.props.StringProperty(default="*.usd;*.usda;*.usdc;*.usdz", options={"HIDDEN"})
    ending: bpy.props.EnumProperty(
        name="File",
        description="How the scene is stored",
        items=(
            (".usdc", "Binary (.usdc)", "Small and quick"),
            (".usda", "Text (.usda)", "Can be read and compared"),
            (".usdz", "Package (.usdz)", "One file with its pictures"),
        ),
    )

    def write(self, path: Path, stage: Stage, context: bpy.types.Context, motion: Motion) -> None:
        """Called by run."""
        export_usd(path, stage)
