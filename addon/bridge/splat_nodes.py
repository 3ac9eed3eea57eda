"""Splats as surfaces for EEVEE and Cycles: a geometry-nodes modifier, by which they cast shadows, are lit and mirrored.

Each splat becomes a flat disc across its two longer axes that fades as its Gaussian does, or a solid ellipsoid. Its
colour is that of the side which the scene's camera sees, turned from display values to linear light. Source of the
harmonics: core.splat.rotate_sh; of the discs: Huang et al. 2024, 2D Gaussian Splatting, section 4.1.
"""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ...core.errors import SettingError
from ...core.splat.rotate_sh import SH_1, SH_2, SH_3
from ...core.splat.types import SH_DC
from ..compat import set_modifier_input
from .node_writer import Writer
from .splat_cloud import BASE, HARMONIC, POSITION, ROTATION, SCALE, held_coefficients, is_splats
from .splat_surface import ALPHA, COLOR, PLACE, material

MODIFIER = "Splat Surfaces"
MOST_SPLATS = 100_000
"""Beyond that, scenes take gigabytes and minutes."""
INPUTS = ("Ellipsoids", "Reach", "Size", "Least Opacity", "Material")
"""Of the modifier, in their order."""

_A, _B, _C = SH_2
_D, _E, _F, _G, _H = SH_3
BASIS: tuple[dict[str, float], ...] = (
    {"y": -SH_1},
    {"z": SH_1},
    {"x": -SH_1},
    {"xy": _A},
    {"yz": -_A},
    {"zz": 2 * _B, "xx": -_B, "yy": -_B},
    {"xz": -_A},
    {"xx": _C, "yy": -_C},
    {"xxy": -3 * _D, "yyy": _D},
    {"xyz": _E},
    {"yzz": -4 * _F, "xxy": _F, "yyy": _F},
    {"zzz": 2 * _G, "xxz": -3 * _G, "yyz": -3 * _G},
    {"xzz": -4 * _F, "xxx": _F, "xyy": _F},
    {"xxz": _H, "yyz": -_H},
    {"xxx": -_D, "xyy": 3 * _D},
)
"""The basis functions 1 to 15 as sums of products of a direction's coordinates; a test holds them to core's."""


def add_surfaces(splats: bpy.types.Object, ellipsoids: bool = False, relit: bool = False) -> bpy.types.NodesModifier:
    """Give a cloud of splats the modifier, or set up the one it has.

    ellipsoids: solid bodies instead of discs that fade; relit: shaded by the scene's lights instead of shining.
    Raises SettingError for what is no cloud of splats, is linked, or holds too many.
    """
    _check(splats)
    modifier = surfaces_of(splats) or splats.modifiers.new(MODIFIER, "NODES")
    modifier.node_group = splat_tree(held_coefficients(splats.data))
    set_modifier_input(modifier, "Ellipsoids", ellipsoids)
    set_modifier_input(modifier, "Material", material(relit))
    return modifier


def remove_surfaces(splats: bpy.types.Object) -> bool:
    """Take the modifier away again; whether there was one."""
    modifier = surfaces_of(splats)
    if modifier:
        splats.modifiers.remove(modifier)
    return modifier is not None


def surfaces_of(splats: bpy.types.Object) -> bpy.types.NodesModifier | None:
    """The modifier of an object, by its tree, whatever its name is now."""
    for modifier in splats.modifiers:
        if modifier.type == "NODES" and modifier.node_group and modifier.node_group.name.startswith(MODIFIER):
            return modifier
    return None


def _check(splats: bpy.types.Object) -> None:
    if splats.type != "POINTCLOUD" or not is_splats(splats.data):
        raise SettingError(f"{splats.name} is no cloud of splats; choose one that was imported or made by Mouthpiece.")
    if splats.library or (splats.override_library and not splats.is_editable):
        raise SettingError(f"{splats.name} is linked from another file; make it local or a library override first.")
    count = len(splats.data.points)
    if count > MOST_SPLATS:
        raise SettingError(
            f"{splats.name} holds {count:,} splats; surfaces are for {MOST_SPLATS:,} at most. Thin it out, or render "
            "it with Mouthpiece's own engine."
        )


def splat_tree(coefficients: int = 1) -> bpy.types.NodeTree:
    """The node group for colours of 1, 4, 9 or 16 coefficients; the one this file has, or a new one."""
    name = f"{MODIFIER} {int(coefficients**0.5) - 1}"
    tree = bpy.data.node_groups.get(name)
    if tree and not tree.library and [item.name for item in _inputs(tree)] == list(INPUTS):
        return tree
    tree = bpy.data.node_groups.new(name, "GeometryNodeTree")
    tree.is_modifier = True
    _interface(tree)
    _write(Writer(tree), coefficients)
    return tree


def _inputs(tree: bpy.types.NodeTree) -> Iterator[bpy.types.NodeTreeInterfaceSocket]:
    items = (item for item in tree.interface.items_tree if item.item_type == "SOCKET" and item.in_out == "INPUT")
    return (item for item in items if item.socket_type != "NodeSocketGeometry")


def _interface(tree: bpy.types.NodeTree) -> None:
    for way in ("INPUT", "OUTPUT"):
        tree.interface.new_socket("Geometry", in_out=way, socket_type="NodeSocketGeometry")
    rows = (
        ("Bool", False, "Solid ellipsoids instead of discs that fade as their Gaussians do"),
        ("Float", 2.6, "Standard deviations at which a disc ends"),
        (
            "Float",
            1.15,
            "All splats larger by this; a little more than 1 closes gaps that renderers of splats blur away",
        ),
        ("Float", 0.02, "Splats with less opacity are left out"),
        ("Material", None, "What they shine with, or are shaded by"),
    )
    for name, (kind, value, words) in zip(INPUTS, rows, strict=True):
        socket = tree.interface.new_socket(name, in_out="INPUT", socket_type=f"NodeSocket{kind}")
        socket.description = words
        if kind == "Float":
            socket.default_value, socket.min_value, socket.max_value = value, 0.0, 4.0


def _write(to: Writer, coefficients: int) -> None:
    given = to.node("NodeGroupInput").outputs
    base = to.node("FunctionNodeSeparateColor", to.attribute(BASE, "FLOAT_COLOR")).outputs
    points = to.stored(given["Geometry"], COLOR, "FLOAT_COLOR", _linear(to, _seen(to, base, coefficients)))
    points = to.stored(points, ALPHA, "FLOAT", base[3])
    faint = to.math("LESS_THAN", base[3], given["Least Opacity"])
    points = to.out("GeometryNodeDeleteGeometry", points, faint)
    rotation, flat = _lying(to)
    discs = _instances(to, points, _disc(to, given["Reach"]), rotation, to.scaled(flat, given["Size"]))
    full = to.scaled(to.attribute(SCALE, "FLOAT_VECTOR"), given["Size"])
    balls = _instances(to, points, _ball(to), to.attribute(ROTATION, "QUATERNION"), full)
    shown = to.out("GeometryNodeSwitch", given["Ellipsoids"], discs, balls, input_type="GEOMETRY")
    shown = to.out("GeometryNodeSetMaterial", shown, None, given["Material"])
    to.node("NodeGroupOutput", shown)


def _seen(to: Writer, base: bpy.types.NodeOutputs, coefficients: int) -> bpy.types.NodeSocket:
    """The display colour that the scene's camera sees of each splat, 0 and up."""
    color = to.scaled(to.out("ShaderNodeCombineXYZ", base[0], base[1], base[2]), SH_DC)
    color = to.vector("ADD", color, (0.5, 0.5, 0.5))
    if coefficients > 1:
        eye = to.node("GeometryNodeObjectInfo", to.out("GeometryNodeInputActiveCamera"), transform_space="RELATIVE")
        way = to.vector("NORMALIZE", to.vector("SUBTRACT", to.attribute(POSITION, "FLOAT_VECTOR"), eye.outputs[1]))
        products = dict(zip("xyz", to.node("ShaderNodeSeparateXYZ", way).outputs, strict=True))
        for number, sums in enumerate(BASIS[: coefficients - 1]):
            amount = _sum(to, products, sums)
            color = to.vector("ADD", color, to.scaled(to.attribute(f"{HARMONIC}{number}", "FLOAT_VECTOR"), amount))
    return to.vector("MAXIMUM", color, (0.0, 0.0, 0.0))


def _sum(to: Writer, products: dict[str, bpy.types.NodeSocket], sums: dict[str, float]) -> bpy.types.NodeSocket:
    """A sum of products of coordinates; products that were made before are used again."""
    total: bpy.types.NodeSocket | float = 0.0
    for letters, weight in sums.items():
        for end in range(2, len(letters) + 1):
            if letters[:end] not in products:
                products[letters[:end]] = to.math("MULTIPLY", products[letters[: end - 1]], products[letters[end - 1]])
        total = to.math("MULTIPLY_ADD", products[letters], weight, total)
    return total


def _linear(to: Writer, display: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
    """Display values as linear light, by the exact curve of sRGB (IEC 61966-2-1)."""
    channels = []
    for value in to.node("ShaderNodeSeparateXYZ", display).outputs:
        dark = to.math("DIVIDE", value, 12.92)
        bright = to.math("POWER", to.math("DIVIDE", to.math("ADD", value, 0.055), 1.055), 2.4)
        is_bright = to.math("GREATER_THAN", value, 0.04045)
        channels.append(to.out("GeometryNodeSwitch", is_bright, dark, bright, input_type="FLOAT"))
    return to.out("FunctionNodeCombineColor", *channels)


def _lying(to: Writer) -> tuple[bpy.types.NodeSocket, bpy.types.NodeSocket]:
    """The turn of a disc whose own z is each splat's shortest axis, and the sizes along the other two."""
    x, y, z = to.node("ShaderNodeSeparateXYZ", to.attribute(SCALE, "FLOAT_VECTOR")).outputs
    is_x = to.math("LESS_THAN", x, to.math("MINIMUM", y, z))
    is_y = to.math("LESS_THAN", y, to.math("MINIMUM", x, z))
    turn = to.out("FunctionNodeQuaternionToRotation", 1.0, 0.0, 0.0, 0.0)
    sizes = to.out("ShaderNodeCombineXYZ", x, y, 1.0)
    # Thirds of a turn about (1, 1, 1) that take z to y and z to x, and with it the other axes round.
    for shortest, sign, rest in ((is_y, -0.5, (z, x)), (is_x, 0.5, (y, z))):
        other = to.out("FunctionNodeQuaternionToRotation", 0.5, sign, sign, sign)
        turn = to.out("GeometryNodeSwitch", shortest, turn, other, input_type="ROTATION")
        lying = to.out("ShaderNodeCombineXYZ", *rest, 1.0)
        sizes = to.out("GeometryNodeSwitch", shortest, sizes, lying, input_type="VECTOR")
    own = to.attribute(ROTATION, "QUATERNION")
    return to.out("FunctionNodeRotateRotation", own, turn, rotation_space="LOCAL"), sizes


def _disc(to: Writer, reach: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
    """A hexagon around the circle at which discs end, and at each corner its place in standard deviations."""
    # 1.1547 = 1 / cos 30°, so that the sides and not the corners touch the circle.
    radius = to.math("MULTIPLY", reach, 1.1547)
    mesh = to.out("GeometryNodeMeshCircle", 6, radius, fill_type="NGON")
    place = to.node("GeometryNodeInputPosition").outputs[0]
    return to.stored(mesh, PLACE, "FLOAT_VECTOR", place)


def _ball(to: Writer) -> bpy.types.NodeSocket:
    """A ball of 1.4 standard deviations, about where a Gaussian of full opacity covers as much as it leaves."""
    mesh = to.out("GeometryNodeMeshIcoSphere", 1.4, 2)
    return to.stored(mesh, PLACE, "FLOAT_VECTOR", (0.0, 0.0, 0.0))


def _instances(
    to: Writer,
    points: bpy.types.NodeSocket,
    body: bpy.types.NodeSocket,
    rotation: bpy.types.NodeSocket,
    scale: bpy.types.NodeSocket,
) -> bpy.types.NodeSocket:
    """A body at each point, as one mesh: engines draw that far sooner than as many objects."""
    placed = to.out("GeometryNodeInstanceOnPoints", points, None, body, None, None, rotation, scale)
    return to.out("GeometryNodeRealizeInstances", placed)
