"""The operator that shows splats as surfaces, which EEVEE and Cycles light, shadow and mirror."""

from __future__ import annotations

import bpy

from ..core.errors import SettingError
from .bridge.splat_cloud import is_splats
from .bridge.splat_nodes import add_surfaces, remove_surfaces, surfaces_of
from .operator_base import SentenceOperator


class MOUTHPIECE_OT_splat_surfaces(SentenceOperator, bpy.types.Operator):
    """Show the chosen splats as surfaces in EEVEE and Cycles, with shadows and reflections; press again to stop"""

    bl_idname = "mouthpiece.splat_surfaces"
    bl_label = "Splats as Surfaces"
    bl_options = {"REGISTER", "UNDO"}

    form: bpy.props.EnumProperty(
        name="Form",
        items=(
            ("DISCS", "Discs", "Flat discs that fade as the Gaussians do: the likeness of the splats"),
            ("ELLIPSOIDS", "Ellipsoids", "Solid bodies: hard edges, but no noise and clean shadows"),
        ),
    )
    light: bpy.props.EnumProperty(
        name="Light",
        items=(
            ("SHINING", "Shining", "The colours they were trained with, in any light"),
            ("RELIT", "Relit", "Shaded by the lights of the scene"),
        ),
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        if not chosen_splats(context):
            cls.poll_message_set("Select an object of splats")
        return bool(chosen_splats(context))

    def run(self, context: bpy.types.Context) -> None:
        """Add the modifier to all that are chosen, or remove it where the active one has it."""
        chosen = chosen_splats(context)
        if surfaces_of(chosen[0]):
            for splats in chosen:
                remove_surfaces(splats)
            return
        refused = []
        for splats in chosen:
            try:
                add_surfaces(splats, self.form == "ELLIPSOIDS", self.light == "RELIT")
            except SettingError as error:
                refused.append(str(error))
        if refused:
            raise SettingError(" ".join(refused))


def chosen_splats(context: bpy.types.Context) -> list[bpy.types.Object]:
    """The selected objects of splats, the active one first."""
    active = context.object
    objects = [active, *(found for found in context.selected_objects if found != active)]
    return [found for found in objects if found and found.type == "POINTCLOUD" and is_splats(found.data)]
