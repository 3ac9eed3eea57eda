"""A scene of its own with copies of a character that hold plain keys: exporters see this and nothing else.

So it does not matter whether the character is hidden, linked, layered, driven or open for editing, and nothing of the
user's is changed, except that copies bear the names of their originals for as long as the stage stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import bpy

from ...core.errors import RigError
from .export_clear import clear_for_files
from .export_keys import key_copies
from .export_motion import Motion, Span, has_shapes, moves, read_motion
from .family import family_of

_ASIDE = "mouthpiece aside "
_KEPT = ("ARMATURE", "SUBSURF", "MULTIRES")
_UNITS = ("system", "scale_length", "length_unit")


@dataclass(frozen=True, slots=True)
class Stage:
    """The scene that is exported, and the copy of each member in their order."""

    scene: bpy.types.Scene
    copies: list[bpy.types.Object]


_KINDS = ("ARMATURE", "MESH", "EMPTY")


def members_of(chosen: bpy.types.Object) -> list[bpy.types.Object]:
    """What is exported of a character: its armatures, empties and meshes, but no mesh that is not rendered.

    Raises: RigError for a character that is nothing of these.
    """
    family = [member for member in family_of(chosen) if member.type in _KINDS]
    if not family:
        raise RigError(f"{chosen.name} is neither mesh nor armature; splats have Export Splats in the same menu.")
    return [member for member in family if member.type != "MESH" or not member.hide_render]


@contextmanager
def performed(
    members: list[bpy.types.Object], span: Span, title: str, context: bpy.types.Context
) -> Iterator[tuple[Stage, Motion]]:
    """The stage with a character on it that does what it is seen to do through a span.

    Raises: RigError where nothing of it moves.
    """
    motion = read_motion(members, span, context)
    if not any(moves(rows) for kind in (motion.shapes, motion.worlds, motion.poses) for rows in kind.values()):
        raise RigError(
            f"Nothing of {members[0].name} moves from frame {span.first} to {span.last}; "
            "animate it first or choose other frames."
        )
    with staged(members, motion, title, context) as stage:
        yield stage, motion


@contextmanager
def staged(members: list[bpy.types.Object], motion: Motion, title: str, context: bpy.types.Context) -> Iterator[Stage]:
    """Build the stage, make it the scene of the context, and take it all away again.

    title: what its scene and its action, and so the clip, are called.
    """
    before = [(collection, set(collection)) for collection in _touched()]
    names = [(member.name, member.data.name if member.data else "") for member in members]
    aside = _set_aside(members, title)
    window = context.window
    shown = (window.scene, window.view_layer) if window else ()
    try:
        stage = Stage(_new_scene(context.scene, motion, title), [])
        for member, own in zip(members, names, strict=True):
            stage.copies.append(_copy(member, own, stage.scene))
        pairs = dict(zip(members, stage.copies, strict=True))
        for member, copy in pairs.items():
            _join(member, copy, pairs)
        key_copies(stage.copies, motion, title)
        layer = stage.scene.view_layers[0]
        with context.temp_override(scene=stage.scene, view_layer=layer), clear_for_files(stage.copies):
            stage.scene.frame_set(motion.span.start)
            yield stage
    finally:
        if window:
            # Blender's glTF exporter leaves its own scene in the window.
            window.scene, window.view_layer = shown
        for collection, kept in before:
            bpy.data.batch_remove(set(collection) - kept)
        for datablock, name in aside:
            datablock.name = name


def apply_modifiers(stage: Stage) -> None:
    """Make what modifiers do to meshes without shapes part of them; glTF's exporter does that for all meshes or none.

    Bones go on bending them, and what is subdivided in Blender stays coarse as those with shapes do.
    """
    for copy in stage.copies:
        own = [modifier for modifier in copy.modifiers if modifier.type not in _KEPT]
        if copy.type != "MESH" or has_shapes(copy) or not own:
            continue
        kept = {modifier: modifier.show_viewport for modifier in copy.modifiers if modifier.type in _KEPT}
        for modifier in kept:
            modifier.show_viewport = False
        depsgraph = bpy.context.evaluated_depsgraph_get()
        seen = copy.evaluated_get(depsgraph)
        made = bpy.data.meshes.new_from_object(seen, preserve_all_data_layers=True, depsgraph=depsgraph)
        name, copy.data.name = copy.data.name, f"{_ASIDE}applied"
        copy.data, made.name = made, name
        for modifier in own:
            copy.modifiers.remove(modifier)
        for modifier, shown in kept.items():
            modifier.show_viewport = shown


def _touched() -> tuple[bpy.types.bpy_prop_collection, ...]:
    """Where the stage puts something new; users before what they use."""
    return bpy.data.scenes, bpy.data.objects, bpy.data.meshes, bpy.data.actions


def _set_aside(members: list[bpy.types.Object], title: str) -> list[tuple[bpy.types.ID, str]]:
    """Take the names off the originals, for files are to bear them; those of linked ones do not stand in the way."""
    owned = [*members, *(member.data for member in members if member.type == "MESH")]
    taken = [collection.get(title) for collection in (bpy.data.scenes, bpy.data.actions)]
    aside = []
    for datablock in dict.fromkeys((*owned, *taken)):
        if datablock is not None and not datablock.library:
            aside.append((datablock, datablock.name))
            datablock.name = f"{_ASIDE}{len(aside)}"
    return aside


def _new_scene(original: bpy.types.Scene, motion: Motion, title: str) -> bpy.types.Scene:
    scene = bpy.data.scenes.new(title)
    fps = motion.span.fps
    scene.render.fps = max(1, round(fps))
    scene.render.fps_base = scene.render.fps / fps
    scene.frame_start, scene.frame_end = motion.span.start, motion.span.end
    for name in _UNITS:
        setattr(scene.unit_settings, name, getattr(original.unit_settings, name))
    return scene


def _copy(member: bpy.types.Object, names: tuple[str, str], scene: bpy.types.Scene) -> bpy.types.Object:
    """A visible copy without animation, constraints or drivers."""
    copy = _plain(member)
    copy.animation_data_clear()
    copy.constraints.clear()
    for bone in copy.pose.bones if copy.pose else ():
        for constraint in tuple(bone.constraints):
            bone.constraints.remove(constraint)
    if member.type == "MESH":
        copy.data = _plain(member.data)
        copy.data.animation_data_clear()
        copy.data.name = names[1]
        copy.show_only_shape_key = False
    if has_shapes(copy):
        copy.data.shape_keys.animation_data_clear()
    copy.name = names[0]
    copy.hide_viewport = copy.hide_render = copy.hide_select = False
    scene.collection.objects.link(copy)
    return copy


def _plain(datablock: bpy.types.ID) -> bpy.types.ID:
    """A copy that is nobody's override."""
    copy = datablock.copy()
    return copy.make_local(clear_liboverride=True) if copy.override_library else copy


def _join(member: bpy.types.Object, copy: bpy.types.Object, pairs: dict[bpy.types.Object, bpy.types.Object]) -> None:
    """Let a copy hang on copies and be bent by copies. A parent that is not exported is left out."""
    copy.parent = pairs.get(member.parent)
    if copy.parent:
        copy.parent_type = member.parent_type if member.parent_type in ("BONE", "ARMATURE") else "OBJECT"
        copy.parent_bone = member.parent_bone
    copy.matrix_parent_inverse.identity()
    for modifier in copy.modifiers:
        for row in modifier.bl_rna.properties:
            if row.type == "POINTER" and not row.is_readonly:
                pointed = getattr(modifier, row.identifier)
                if isinstance(pointed, bpy.types.Object) and pointed in pairs:
                    setattr(modifier, row.identifier, pairs[pointed])
