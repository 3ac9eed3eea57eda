"""Camera, three lights, a quiet background and render settings that give a preview in under a second."""

from __future__ import annotations

from math import cos, radians, sin

import bpy
from mathutils import Vector

LIGHTS: tuple[tuple[str, tuple[float, float, float], float, float, tuple[float, float, float]], ...] = (
    ("Key", (-0.95, -1.25, 0.75), 26.0, 0.5, (1.0, 0.94, 0.87)),
    ("Fill", (1.25, -1.0, 0.05), 6.0, 0.9, (0.80, 0.89, 1.0)),
    ("Rim", (0.85, 0.95, 0.65), 26.0, 0.45, (1.0, 0.95, 0.9)),
)
"""Name, place relative to the face in metres, watts, size in metres, colour."""

BACKGROUND = ((0.085, 0.09, 0.10), (0.25, 0.262, 0.28))


def make_studio(face: Vector, scene: bpy.types.Scene) -> None:
    """Put camera and lights around a face that looks along -y and set the scene up for rendering.

    face: the middle of the face, metres.
    """
    studio = bpy.data.collections.new("Studio")
    scene.collection.children.link(studio)
    for name, place, watts, size, color in LIGHTS:
        light = bpy.data.lights.new(name, "AREA")
        light.energy, light.size, light.color = watts, size, color
        _aimed(bpy.data.objects.new(name, light), face + Vector(place), face, studio)
    camera = bpy.data.cameras.new("Camera")
    camera.lens = 85
    camera.sensor_fit = "VERTICAL"
    camera.sensor_height = 24
    aim = face + Vector((0, 0, -0.018))
    scene.camera = bpy.data.objects.new("Camera", camera)
    _aimed(scene.camera, aim + Vector((0.12, -1.5, 0.03)), aim, studio)
    scene.world = _world()
    set_preview(scene)


def _aimed(item: bpy.types.Object, place: Vector, target: Vector, collection: bpy.types.Collection) -> None:
    collection.objects.link(item)
    item.location = place
    item.rotation_euler = (target - place).to_track_quat("-Z", "Y").to_euler()


def _world() -> bpy.types.World:
    """A soft vertical gradient behind the head and even light from all around."""
    world = bpy.data.worlds.new("Studio")
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    light = nodes["Background"]
    light.inputs["Color"].default_value = (0.75, 0.82, 0.92, 1)
    light.inputs["Strength"].default_value = 0.38
    place, split, ramp, seen, path, mix = (
        nodes.new(f"ShaderNode{kind}")
        for kind in ("TexCoord", "SeparateXYZ", "ValToRGB", "Background", "LightPath", "MixShader")
    )
    for element, color in zip(ramp.color_ramp.elements, BACKGROUND, strict=True):
        element.color = (*color, 1)
    links.new(place.outputs["Window"], split.inputs["Vector"])
    links.new(split.outputs["Y"], ramp.inputs["Fac"])
    links.new(ramp.outputs["Color"], seen.inputs["Color"])
    links.new(path.outputs["Is Camera Ray"], mix.inputs["Fac"])
    links.new(light.outputs["Background"], mix.inputs[1])
    links.new(seen.outputs["Background"], mix.inputs[2])
    links.new(mix.outputs["Shader"], nodes["World Output"].inputs["Surface"])
    return world


def set_preview(scene: bpy.types.Scene) -> None:
    """Cycles on the processor: few samples, few bounces, denoised, data kept between frames."""
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y = 480, 576
    render.fps = 30
    render.use_persistent_data = True
    render.film_transparent = False
    cycles.device = "CPU"
    cycles.samples = 4
    cycles.use_light_tree = False
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_quality = "FAST"
    cycles.denoising_prefilter = "FAST"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 2, 1, 1
    cycles.transmission_bounces, cycles.transparent_max_bounces, cycles.volume_bounces = 0, 4, 0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"


def turn_camera(scene: bpy.types.Scene, face: Vector, degrees: float, distance_m: float = 1.5) -> None:
    """Move the scene's camera around a face; degrees: 0 is the front, positive towards the character's left."""
    angle = radians(degrees)
    place = face + Vector((sin(angle), -cos(angle), 0.02)) * distance_m
    scene.camera.location = place
    scene.camera.rotation_euler = (face - place).to_track_quat("-Z", "Y").to_euler()
