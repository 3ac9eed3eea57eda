"""Operators between meshes and heads of splats: sampled from one, or following its shapes."""

from __future__ import annotations

import bpy
from mathutils import Matrix

from ..core.errors import RigError
from .bridge.splat_following import follow, is_following, unfollow
from .bridge.splat_heads import add_head, heads_among
from .bridge.splat_sampling import Sampling, sample_character
from .operator_base import SentenceOperator
from .ops_splats import select_only


class MOUTHPIECE_OT_make_splat_head(SentenceOperator, bpy.types.Operator):
    """Sample the selected character's meshes, shapes and colours as a head of splats that moves as they do; the
    character stays as it is"""

    bl_idname = "mouthpiece.make_splat_head"
    bl_label = "Make Splat Head"
    bl_options = {"REGISTER", "UNDO"}

    count: bpy.props.IntProperty(
        name="Splats",
        description="How many; 60,000 show a face well, fewer are faster",
        default=60_000,
        min=100,
        max=500_000,
        soft_min=10_000,
        soft_max=120_000,
    )
    light: bpy.props.EnumProperty(
        name="Light",
        items=(
            ("STUDIO", "Studio", "Bake a studio's light into the colours, at rest and for each shape"),
            ("FLAT", "Flat", "The materials' colours without light; faster"),
        ),
    )
    follows: bpy.props.BoolProperty(
        name="Follow Mesh", description="Let the sliders follow the character's shape keys, by drivers"
    )
    beside: bpy.props.BoolProperty(
        name="Beside", description="Put it to the right of the character, not in its place", default=True
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        active = context.active_object
        fits = context.mode == "OBJECT" and active is not None and active.type in {"MESH", "ARMATURE"}
        if not fits:
            cls.poll_message_set("Select a character's mesh or armature in Object Mode")
        return fits

    def run(self, context: bpy.types.Context) -> None:
        """Sample it, put it beside the character and select it."""
        character = context.active_object
        head, stand = sample_character(character, Sampling(self.count, self.light == "STUDIO"))
        made = add_head(head, f"{character.name} Splats", context.collection)
        if self.beside:
            across = head.template.points[:, 0]
            stand = stand @ Matrix.Translation((1.1 * float(across.max() - across.min()), 0, 0))
        made.matrix_world = stand
        if self.follows:
            follow(made, head, character)
        select_only([made], context)
        self.report({"INFO"}, f"{len(head):,} splats with {len(head.template.shapes)} shapes of {character.name}")


class MOUTHPIECE_OT_follow_shapes(SentenceOperator, bpy.types.Operator):
    """Let the sliders of the active head of splats follow the shape keys of the other selected character; press again
    to stop"""

    bl_idname = "mouthpiece.follow_shapes"
    bl_label = "Follow Mesh"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        active = context.active_object
        found = any(heads_among([active] if active else []))
        if not found:
            cls.poll_message_set("Make a head of splats the active object")
        return found

    def run(self, context: bpy.types.Context) -> None:
        """Add the drivers, or take them away."""
        made, head = next(heads_among([context.active_object]))
        if is_following(made):
            unfollow(made)
            return
        leaders = [each for each in context.selected_objects if each != made]
        if not leaders:
            raise RigError(f"Select the character that {made.name} is to follow too, and press again.")
        count = follow(made, head, leaders[0])
        self.report({"INFO"}, f"{count} sliders of {made.name} follow {leaders[0].name}")
