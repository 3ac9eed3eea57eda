"""Point clouds as splats: attributes with the names and units that Blender 5.3 draws by itself.

position in metres; scale, FLOAT_VECTOR, standard deviations without logarithm; rotation, QUATERNION w x y z;
radiance:base, four floats, coefficient 0 of red, green and blue and the opacity 0 to 1; radiance:sh_0 to sh_14,
FLOAT_VECTOR, the other coefficients, red green blue in each. Source: Blender 5.3, IO_gsplat.
Everything here is in Blender's axes and the object's own space.
"""

from __future__ import annotations

import bpy
import numpy as np

from ...core.errors import FormatError
from ...core.splat.types import SH_COEFFICIENTS, Splats

POSITION, SCALE, ROTATION, BASE, HARMONIC, RADIUS = (
    "position",
    "scale",
    "rotation",
    "radiance:base",
    "radiance:sh_",
    "radius",
)
SMALLEST_M = 1e-12
_NEAREST = np.float32(6e-8)
"""An opacity comes no nearer to 0 or 1: its logit is within 17."""
_FIELDS = {
    "FLOAT": "value",
    "FLOAT_COLOR": "color",
    "QUATERNION": "value",
    "FLOAT_VECTOR": "vector",
    "FLOAT4": "vector",
}


def new_points(name: str, count: int) -> bpy.types.PointCloud:
    """A point cloud of some points that nothing uses yet; the user's scene, selection and mode stay as they are."""
    cloud = bpy.data.pointclouds.new(name)
    if hasattr(cloud, "resize"):
        cloud.resize(count)
        return cloud
    bpy.data.pointclouds.remove(cloud)
    return _evaluated_points(name, count)


def write_cloud(cloud: bpy.types.PointCloud, splats: Splats) -> None:
    """Splats as the attributes of a cloud that has as many points. Raises FormatError when it has not."""
    if len(cloud.points) != len(splats):
        raise FormatError(f"{cloud.name} has {len(cloud.points)} points, but there are {len(splats)} splats to write.")
    _fill(cloud, POSITION, "FLOAT_VECTOR", splats.means)
    _fill(cloud, SCALE, "FLOAT_VECTOR", np.exp(splats.log_scales))
    _fill(cloud, ROTATION, "QUATERNION", splats.quats)
    base = np.empty((len(splats), 4), np.float32)
    base[:, :3] = splats.sh[:, 0]
    base[:, 3] = opacities(splats.logits)
    _fill(cloud, BASE, _four(cloud), base)
    for k in range(1, splats.sh.shape[1]):
        _fill(cloud, f"{HARMONIC}{k - 1}", "FLOAT_VECTOR", splats.sh[:, k])
    # Older Blenders draw points as balls; balls without a radius leave the place to the splats.
    _fill(cloud, RADIUS, "FLOAT", np.zeros(len(splats), np.float32))
    if hasattr(cloud, "type"):  # 5.3 and later
        cloud.type = "GAUSSIAN_SPLAT"
    cloud.update_tag()


def is_splats(cloud: bpy.types.PointCloud) -> bool:
    """Whether a point cloud holds splats."""
    return {SCALE, ROTATION, BASE} <= set(cloud.attributes.keys())


def splats_of(cloud: bpy.types.PointCloud) -> Splats:
    """The splats that a cloud's attributes hold now. Raises FormatError for one that holds none."""
    if not is_splats(cloud):
        raise FormatError(
            f"{cloud.name} holds points without {SCALE}, {ROTATION} and {BASE}; choose a cloud of splats."
        )
    base = _taken(cloud, BASE, 4)
    quats = _taken(cloud, ROTATION, 4)
    quats /= np.maximum(np.sqrt(np.einsum("ij,ij->i", quats, quats)), 1e-12)[:, None]
    scales = np.maximum(_taken(cloud, SCALE, 3), np.float32(SMALLEST_M))
    held = held_coefficients(cloud)
    sh = np.empty((len(base), held, 3), np.float32)
    sh[:, 0] = base[:, :3]
    for k in range(1, held):
        sh[:, k] = _taken(cloud, f"{HARMONIC}{k - 1}", 3)
    return Splats(_taken(cloud, POSITION, 3), quats, np.log(scales), logits(base[:, 3]), sh)


def held_coefficients(cloud: bpy.types.PointCloud) -> int:
    """How many coefficients a colour of a cloud has, of the degrees that are there whole: 1, 4, 9 or 16."""
    names = set(cloud.attributes.keys())
    rest = 0
    while rest < SH_COEFFICIENTS[-1] - 1 and f"{HARMONIC}{rest}" in names:
        rest += 1
    return max(count for count in SH_COEFFICIENTS if count <= rest + 1)


def opacities(values: np.ndarray) -> np.ndarray:
    """Logits as opacities 0 to 1."""
    return 1 / (1 + np.exp(-values))


def logits(values: np.ndarray) -> np.ndarray:
    """Opacities 0 to 1 as logits."""
    inside = np.clip(values, _NEAREST, 1 - _NEAREST)
    return np.log(inside / (1 - inside))


def _four(cloud: bpy.types.PointCloud) -> str:
    """The type of attribute that holds four floats; FLOAT4 came after 5.0, and 5.3 uses it."""
    kinds = cloud.attributes.bl_rna.functions["new"].parameters["type"].enum_items
    return "FLOAT4" if "FLOAT4" in kinds else "FLOAT_COLOR"


def _fill(cloud: bpy.types.PointCloud, name: str, kind: str, values: np.ndarray) -> None:
    attribute = cloud.attributes.get(name)
    if attribute and (attribute.data_type != kind or attribute.domain != "POINT"):
        cloud.attributes.remove(attribute)
        attribute = None
    attribute = attribute or cloud.attributes.new(name, kind, "POINT")
    attribute.data.foreach_set(_FIELDS[kind], np.ascontiguousarray(values, np.float32).ravel())


def _taken(cloud: bpy.types.PointCloud, name: str, width: int) -> np.ndarray:
    """An attribute's values, float32 [N, width]. Raises FormatError when it is of another kind."""
    attribute = cloud.attributes[name]
    out = np.empty((len(cloud.points), width), np.float32)
    if len(attribute.data) != len(out) or attribute.data_type not in _FIELDS:
        raise FormatError(f"{name} of {cloud.name} is of an unexpected kind ({attribute.data_type}); import it again.")
    try:
        attribute.data.foreach_get(_FIELDS[attribute.data_type], out.ravel())
    except (RuntimeError, TypeError):
        raise FormatError(
            f"{name} of {cloud.name} is of an unexpected kind ({attribute.data_type}); import it again."
        ) from None
    return out


def _evaluated_points(name: str, count: int) -> bpy.types.PointCloud:
    """Before 5.1 a cloud cannot grow; nodes in a scene of their own make one from vertices, and it is copied out."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(count)
    made = bpy.data.objects.new(name, mesh)
    scene = bpy.data.scenes.new(name)
    tree = _points_tree(name)
    made.modifiers.new(name, "NODES").node_group = tree
    scene.collection.objects.link(made)
    try:
        layer = scene.view_layers[0]
        layer.update()
        geometry = made.evaluated_get(layer.depsgraph).evaluated_geometry()  # kept, or its parts are freed
        cloud = geometry.pointcloud.copy()
    finally:
        bpy.data.scenes.remove(scene)
        bpy.data.objects.remove(made)
        bpy.data.meshes.remove(mesh)
        bpy.data.node_groups.remove(tree)
    cloud.name = name
    return cloud


def _points_tree(name: str) -> bpy.types.NodeTree:
    tree = bpy.data.node_groups.new(name, "GeometryNodeTree")
    for way in ("INPUT", "OUTPUT"):
        tree.interface.new_socket("Geometry", in_out=way, socket_type="NodeSocketGeometry")
    start, points, end = (
        tree.nodes.new(kind) for kind in ("NodeGroupInput", "GeometryNodeMeshToPoints", "NodeGroupOutput")
    )
    tree.links.new(start.outputs[0], points.inputs[0])
    tree.links.new(points.outputs[0], end.inputs[0])
    return tree
