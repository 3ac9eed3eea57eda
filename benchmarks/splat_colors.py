"""How near the colours of a splat head's F12 come to its mesh's: bpy's Python -m benchmarks.splat_colors FOLDER [NAME].

Two pairs of pictures through one camera. "painted": EEVEE shows the head's template mesh, emitting the colours of the
splats on it; what differs is what splats make of edges and hair. "lit": EEVEE shows the demo character with its own
materials under lamps like those that core.splat.light baked into the splats, less what eases highlights; what differs
is besides what a bake leaves out. Errors are of display values, 0 to 1, where both pictures are covered.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

from addon.__main__ import load
from core.departure import leave
from core.splat.film import encoded
from core.splat.head import SplatHead
from core.splat.head_files import read_head
from core.splat.light import PORTRAIT, displayed, linear_light
from core.splat.types import SH_DC

ROOT = Path(__file__).resolve().parents[1]
SIZE = (288, 345)
SAMPLES = 16
EEVEE = "BLENDER_EEVEE" if bpy.app.version >= (5, 0) else "BLENDER_EEVEE_NEXT"


def main() -> int:
    """Write painted.png, lit.png and splats.png and say the errors as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("name", nargs="?", default="man", choices=("man", "woman"))
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    load().register()
    head = read_head(ROOT / "blend_templates" / f"{chosen.name}.splathead")
    lit = shot(scene_of(chosen.name, lamps), chosen.folder / "lit.exr", EEVEE)
    painted = shot(scene_of(chosen.name, lambda: paint(head)), chosen.folder / "painted.exr", EEVEE)
    splats = shot(
        scene_of(chosen.name, lambda: show_splats(chosen.name)), chosen.folder / "splats.exr", "MOUTHPIECE_SPLATS"
    )
    rows = {"painted": errors(painted, splats), "lit": errors(eased(lit), splats)}
    for name, picture in (("painted", painted), ("lit", eased(lit)), ("splats", splats)):
        save(picture, chosen.folder / f"{name}.png")
    sys.stdout.write(json.dumps({"name": chosen.name, "blender": bpy.app.version_string, **rows}) + "\n")
    return 0


def scene_of(name: str, change: object) -> bpy.types.Scene:
    """The demo character's file with what a picture needs changed."""
    bpy.ops.wm.open_mainfile(filepath=str(ROOT / "blend_templates" / f"{name}.blend"), use_scripts=False)
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.render.resolution_percentage = 100
    scene.render.film_transparent = True
    scene.view_settings.view_transform, scene.view_settings.look = "Standard", "None"
    change()
    return scene


def lamps() -> None:
    """Suns and a sky as core.splat.light.PORTRAIT says them, in Blender's axes (x, -z, y)."""
    scene = bpy.context.scene
    for light in [other for other in scene.objects if other.type == "LIGHT"]:
        bpy.data.objects.remove(light)
    for lamp in PORTRAIT.lamps:
        sun = bpy.data.lights.new("Sun", "SUN")
        sun.energy, sun.angle = np.pi * max(lamp.color), 2 * lamp.wide
        sun.color = [channel / max(lamp.color) for channel in lamp.color]
        shining = bpy.data.objects.new("Sun", sun)
        x, y, z = lamp.toward
        shining.rotation_euler = Vector((x, -z, y)).to_track_quat("Z", "Y").to_euler()
        scene.collection.objects.link(shining)
    scene.world = bpy.data.worlds.new("Sky")
    scene.world.use_nodes = True
    nodes, links = scene.world.node_tree.nodes, scene.world.node_tree.links
    place, split, ramp = (nodes.new(f"ShaderNode{kind}") for kind in ("TexCoord", "SeparateXYZ", "MapRange"))
    mix = nodes.new("ShaderNodeMix")
    mix.data_type = "RGBA"
    ramp.inputs["From Min"].default_value = -1
    links.new(place.outputs["Generated"], split.inputs[0])
    links.new(split.outputs["Z"], ramp.inputs["Value"])
    links.new(ramp.outputs["Result"], mix.inputs["Factor"])
    ends = [socket for socket in mix.inputs if socket.type == "RGBA"]
    for socket, color in zip(ends, (PORTRAIT.ground, PORTRAIT.sky), strict=True):
        socket.default_value = (*color, 1)
    out = next(socket for socket in mix.outputs if socket.type == "RGBA")
    links.new(out, nodes["Background"].inputs["Color"])
    nodes["Background"].inputs["Strength"].default_value = 1


def paint(head: SplatHead) -> None:
    """The template mesh instead of the character, emitting at each corner what the splats nearest to it show."""
    scene = bpy.context.scene
    for other in [other for other in scene.objects if other != scene.camera]:
        bpy.data.objects.remove(other)
    points, triangles = head.template.points, head.template.triangles
    mesh = bpy.data.meshes.new("Painted")
    mesh.from_pydata((points[:, [0, 2, 1]] * [1, -1, 1]).tolist(), [], triangles.tolist())
    colors = np.concatenate([linear_light(vertex_colors(head)), np.ones((len(points), 1))], axis=1)
    layer = mesh.color_attributes.new("Seen", "FLOAT_COLOR", "POINT")
    layer.data.foreach_set("color", colors.astype(np.float32).ravel())
    glow = bpy.data.materials.new("Glow")
    glow.use_nodes = True
    nodes = glow.node_tree.nodes
    nodes.clear()
    color, emission, out = (nodes.new(f"ShaderNode{kind}") for kind in ("VertexColor", "Emission", "OutputMaterial"))
    color.layer_name = "Seen"
    glow.node_tree.links.new(color.outputs["Color"], emission.inputs["Color"])
    glow.node_tree.links.new(emission.outputs[0], out.inputs["Surface"])
    mesh.materials.append(glow)
    scene.collection.objects.link(bpy.data.objects.new("Painted", mesh))


def vertex_colors(head: SplatHead) -> np.ndarray:
    """Display colours [V, 3]: of the splats on the triangles around, by nearness; spread where there are none."""
    count, corners = len(head.template.points), head.template.triangles[head.binding.triangles]
    places = head.binding.places.astype(np.float64)
    shares = np.stack([1 - places.sum(1), places[:, 0], places[:, 1]], axis=1) ** 2
    own = head.sh[:, 0].astype(np.float64) * SH_DC + 0.5
    sums, weights = np.zeros((count, 3)), np.zeros(count)
    for k in range(3):
        np.add.at(sums, corners[:, k], shares[:, k, None] * own)
        np.add.at(weights, corners[:, k], shares[:, k])
    while (weights < 1e-9).any():
        known = weights > 1e-9
        before = known.sum()
        colors = sums / np.maximum(weights, 1e-9)[:, None]
        for a, b in ((0, 1), (1, 2), (2, 0), (1, 0), (2, 1), (0, 2)):
            start, end = head.template.triangles[:, a], head.template.triangles[:, b]
            fresh = known[start] & ~known[end]
            np.add.at(sums, end[fresh], colors[start[fresh]])
            np.add.at(weights, end[fresh], 1.0)
        if (weights > 1e-9).sum() == before:
            break
    return np.clip(sums / np.maximum(weights, 1e-9)[:, None], 0, 1)


def show_splats(name: str) -> None:
    """The head of splats instead of the character."""
    scene = bpy.context.scene
    for other in [other for other in scene.objects if other != scene.camera]:
        bpy.data.objects.remove(other)
    scene.cursor.location = (0, 0, 0)
    bpy.ops.mouthpiece.add_splat_head(head=name.upper())


def shot(scene: bpy.types.Scene, path: Path, engine: str) -> np.ndarray:
    """F12 as display values and alpha, float64 [h, w, 4], not multiplied, upper row first."""
    scene.render.engine = engine
    scene.eevee.taa_render_samples = SAMPLES
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_depth, settings.color_mode = "OPEN_EXR", "32", "RGBA"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(path))
    picture = np.array(image.pixels[:], np.float64).reshape(SIZE[1], SIZE[0], 4)[::-1].copy()
    alpha = np.maximum(picture[..., 3:], 1e-6)
    picture[..., :3] = encoded(picture[..., :3] / alpha)
    return picture


def eased(picture: np.ndarray) -> np.ndarray:
    """A picture with highlights eased as the bake eases them."""
    return np.concatenate([displayed(linear_light(picture[..., :3])), picture[..., 3:]], axis=2)


def errors(mesh: np.ndarray, splats: np.ndarray) -> dict[str, float]:
    """Absolute differences where both cover: mean and 95th percentile; and how much is covered alike."""
    both = (mesh[..., 3] > 0.99) & (splats[..., 3] > 0.9)
    off = np.abs(np.clip(mesh[..., :3], 0, 1) - np.clip(splats[..., :3], 0, 1))[both]
    bias = (np.clip(splats[..., :3], 0, 1) - np.clip(mesh[..., :3], 0, 1))[both].mean(0)
    return {
        "mean": round(float(off.mean()), 4),
        "p95": round(float(np.percentile(off, 95)), 4),
        "decibels": round(float(-10 * np.log10((off**2).mean())), 2),
        "bias_red_green_blue": [round(float(channel), 4) for channel in bias],
        "coverage": round(float((mesh[..., 3] * splats[..., 3]).sum() / np.maximum(mesh, splats)[..., 3].sum()), 4),
    }


def save(picture: np.ndarray, path: Path) -> None:
    """A picture over middle grey as PNG."""
    image = bpy.data.images.new(path.stem, SIZE[0], SIZE[1])
    alpha = np.clip(picture[..., 3:], 0, 1)
    over = np.clip(picture[..., :3], 0, 1) * alpha + 0.35 * (1 - alpha)
    image.pixels.foreach_set(np.concatenate([over, np.ones_like(alpha)], axis=2)[::-1].astype(np.float32).ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()


if __name__ == "__main__":
    leave(main())
