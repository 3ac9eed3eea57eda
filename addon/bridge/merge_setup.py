"""Meshes by EEVEE or Cycles and splats by our engine in one picture: a second scene, and a few nodes that merge both.

The second scene shows all that the first one shows (as its background set) and follows its camera and shutter.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ...core.errors import SettingError
from .compositor import LAYERS, MATH, OVER, SMOOTH, compositor_of, over_sockets, own_compositor, picture_input
from .passes import DEPTH, MEAN_DEPTH

MARK = "mouthpiece_merge"
"""Property of each node made here."""
FILM = "mouthpiece_film"
ENGINE = "MOUTHPIECE_SPLATS"


@dataclass(frozen=True, slots=True)
class Merged:
    """What a set-up made. behind: where in the compositor splats joined."""

    splats: bpy.types.Scene
    behind: str


def set_up(scene: bpy.types.Scene, by_depth: bool) -> Merged:
    """Render a scene with splats among its meshes from now on.

    by_depth: the compositor compares depths pixel by pixel, for meshes that only their engine knows (hair,
    displacement, volumes); otherwise meshes hide splats one by one, which keeps soft edges soft.
    Raises: SettingError when the compositor cannot be changed, or the scene is one of splats itself.
    """
    _check(scene)
    tree = own_compositor(scene)
    take_down(scene)
    splats = _splat_scene(scene, by_depth)
    if by_depth:
        for layer in scene.view_layers:
            layer.use_pass_z = True
    return Merged(splats, _join(scene, tree, splats, by_depth))


def take_down(scene: bpy.types.Scene) -> bool:
    """Undo a set-up: the nodes and the scene it made go, links are as they were. False when there was none."""
    tree, found = compositor_of(scene), False
    for node in [node for node in tree.nodes if MARK in node] if tree else ():
        found = True
        if node.bl_idname == OVER:
            _bridge(tree, node)
        tree.nodes.remove(node)
    for other in followers(scene):
        found = True
        bpy.data.scenes.remove(other)
    return found


def followers(scene: bpy.types.Scene) -> list[bpy.types.Scene]:
    """The scenes of splats that follow a scene."""
    return [other for other in bpy.data.scenes if other != scene and getattr(other, FILM).main == scene]


def _check(scene: bpy.types.Scene) -> None:
    if getattr(scene, FILM).main:
        raise SettingError(f"{scene.name} renders splats for {getattr(scene, FILM).main.name}; set up that scene.")
    if scene.render.engine == ENGINE:
        raise SettingError(f"{scene.name} is rendered by Mouthpiece Splats; choose EEVEE or Cycles for its meshes.")
    if scene.camera is None:
        raise SettingError(f"{scene.name} has no camera; add one, or choose one in the scene's properties.")


def _splat_scene(scene: bpy.types.Scene, by_depth: bool) -> bpy.types.Scene:
    splats = bpy.data.scenes.new(f"{scene.name} Splats")
    splats.background_set = scene
    splats.camera = scene.camera
    splats.world = scene.world
    splats.render.engine = ENGINE
    splats.render.film_transparent = True
    for name in ("resolution_x", "resolution_y", "resolution_percentage", "fps", "fps_base"):
        setattr(splats.render, name, getattr(scene.render, name))
    splats.frame_start, splats.frame_end = scene.frame_start, scene.frame_end
    splats.view_settings.view_transform = scene.view_settings.view_transform
    splats.view_layers[0].use_pass_z = True
    film = getattr(splats, FILM)
    film.main = scene
    film.meshes = "IGNORE" if by_depth else "HIDE"
    film.motion_steps = getattr(scene, FILM).motion_steps
    return splats


def _join(scene: bpy.types.Scene, tree: bpy.types.NodeTree, splats: bpy.types.Scene, by_depth: bool) -> str:
    """Put the merge right behind the meshes' picture if there is one such place, else before the end."""
    meshes = [node for node in tree.nodes if node.bl_idname == LAYERS and node.scene in (scene, None)]
    used = [node for node in meshes if node.outputs["Image"].links]
    end = picture_input(tree)
    if not meshes:
        meshes = used = [_new(tree, LAYERS, (end.node.location.x - 700, end.node.location.y), scene)]
        if not end.links:
            tree.links.new(used[0].outputs["Image"], end)
    place = (used or meshes)[0]
    source = place.outputs["Image"] if len(used) == 1 else _source(end) or place.outputs["Image"]
    targets = [link.to_socket for link in source.links] if len(used) == 1 else [end]
    x, y = source.node.location
    drawn = _new(tree, LAYERS, (x, y - 420), splats)
    merge = _new(tree, OVER, (x + 620 if by_depth else x + 320, y - 120))
    behind, before, share = over_sockets(merge)
    tree.links.new(source, behind)
    tree.links.new(drawn.outputs["Image"], before)
    if by_depth:
        tree.links.new(_nearer(tree, drawn.outputs[MEAN_DEPTH], place.outputs[DEPTH]), share)
    for target in targets or [end]:
        tree.links.new(merge.outputs[0], target)
    return source.node.label or source.node.name


def _nearer(
    tree: bpy.types.NodeTree, splats: bpy.types.NodeSocket, meshes: bpy.types.NodeSocket
) -> bpy.types.NodeSocket:
    """1 where splats are nearer than meshes, with softened edges.

    The mean depth of splats is compared: the median has no value where they cover less than half.
    """
    x, y = splats.node.location
    compare, smooth = _new(tree, MATH, (x + 300, y - 60)), _new(tree, SMOOTH, (x + 460, y - 60))
    compare.operation = "LESS_THAN"
    tree.links.new(splats, compare.inputs[0])
    tree.links.new(meshes, compare.inputs[1])
    tree.links.new(compare.outputs[0], smooth.inputs[0])
    return smooth.outputs[0]


def _new(
    tree: bpy.types.NodeTree, kind: str, place: tuple[float, float], scene: bpy.types.Scene | None = None
) -> bpy.types.Node:
    node = tree.nodes.new(kind)
    node[MARK] = True
    node.location = place
    if scene is None or scene.render.engine == ENGINE:
        node.label = "Splats" if scene else "Splats among Meshes"
    if scene:
        node.scene = scene
    return node


def _bridge(tree: bpy.types.NodeTree, node: bpy.types.Node) -> None:
    """Link what a merge was fed with straight to what it fed."""
    source = _source(over_sockets(node)[0])
    if source and MARK not in source.node:
        for target in [link.to_socket for link in node.outputs[0].links]:
            tree.links.new(source, target)


def _source(socket: bpy.types.NodeSocket) -> bpy.types.NodeSocket | None:
    return socket.links[0].from_socket if socket.links else None
