"""Small scenes of splats, rendered by the engine into files that are read back whole."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
from exr import read_exr
from mouthpiece.addon.bridge.splat_cloud import new_points, write_cloud
from mouthpiece.addon.engine import ENGINE
from mouthpiece.core.splat.film import encoded
from mouthpiece.core.splat.render import Camera, Picture, render
from mouthpiece.core.splat.types import Splats

SIZE = (48, 36)


def some_splats(count: int = 200, seed: int = 0, spread: float = 0.4) -> Splats:
    """A cloud around the origin, colours by direction."""
    random = np.random.default_rng(seed)
    quats = random.normal(size=(count, 4))
    return Splats(
        random.normal(0, spread, (count, 3)).astype(np.float32),
        (quats / np.linalg.norm(quats, axis=1)[:, None]).astype(np.float32),
        random.uniform(-4, -2, (count, 3)).astype(np.float32),
        random.uniform(-2, 4, count).astype(np.float32),
        random.normal(0, 0.5, (count, 4, 3)).astype(np.float32),
    )


def one_splat(place: tuple[float, float, float], size: float, color: tuple[float, float, float]) -> Splats:
    """A round, nearly solid Gaussian of one colour (display values)."""
    return Splats(
        np.array([place], np.float32),
        np.array([[1, 0, 0, 0]], np.float32),
        np.full((1, 3), np.log(size), np.float32),
        np.array([6.0], np.float32),
        ((np.array(color, np.float32) - 0.5) / 0.28209479177387814)[None, None],
    )


def show(splats: Splats, name: str = "Splats") -> bpy.types.Object:
    """Splats as an object of the scene."""
    cloud = new_points(name, len(splats))
    write_cloud(cloud, splats)
    shown = bpy.data.objects.new(name, cloud)
    bpy.context.scene.collection.objects.link(shown)
    return shown


def stage(size: tuple[int, int] = SIZE) -> bpy.types.Scene:
    """A scene of our engine with a camera four metres before the origin, seen as -y sees it."""
    scene = bpy.context.scene
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.camera.location, scene.camera.rotation_euler = (0.3, -4, 0.2), (1.5, 0.1, 0.05)
    scene.camera.data.shift_x = 0.05
    scene.render.engine = ENGINE
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.render.film_transparent = True
    scene.view_settings.view_transform = "Standard"
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_object_index = True
    return scene


def film(folder: Path, scene: bpy.types.Scene | None = None) -> dict[str, np.ndarray]:
    """F12 into a multilayer file: passes by name, [h, w] or [h, w, 4], upper row first."""
    scene = scene or bpy.context.scene
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format, settings.color_depth, settings.exr_codec = "OPEN_EXR_MULTILAYER", "32", "NONE"
    scene.render.filepath = str(folder / f"{scene.name}.exr")
    bpy.ops.render.render(write_still=True, scene=scene.name)
    channels = read_exr(Path(scene.render.filepath))
    passes: dict[str, np.ndarray] = {}
    for name in {full.rsplit(".", 1)[0] for full in channels}:
        letters = (
            "RGBA" if f"{name}.R" in channels else [f.rsplit(".", 1)[1] for f in channels if f.startswith(name + ".")]
        )
        planes = [channels[f"{name}.{letter}"] for letter in letters]
        passes[name] = planes[0] if len(planes) == 1 else np.stack(planes, axis=2)
    return {name.removeprefix("ViewLayer."): plane for name, plane in passes.items()}


def display_of(combined: np.ndarray) -> np.ndarray:
    """A combined pass as display values, multiplied with alpha, as the judge paints."""
    alpha = combined[..., 3:]
    return encoded(combined[..., :3] / np.maximum(alpha, 1e-6)) * alpha


def judge(splats: Splats, scene: bpy.types.Scene, size: tuple[int, int] = SIZE) -> Picture:
    """What the exact renderer makes of splats in world axes, through a scene's camera."""
    camera, (width, height) = scene.camera, size
    p = np.array(camera.calc_matrix_camera(bpy.context.evaluated_depsgraph_get(), x=width, y=height), np.float64)
    flat = camera.data.type == "ORTHO"
    center = (1 + p[0, 3], 1 - p[1, 3]) if flat else (1 - p[0, 2], 1 + p[1, 2])
    return render(
        splats,
        Camera(
            np.linalg.inv(np.array(camera.matrix_world.normalized(), np.float64)),
            (p[0, 0] * width / 2, p[1, 1] * height / 2),
            (center[0] * width / 2, center[1] * height / 2),
            size,
            camera.data.clip_start,
            flat,
        ),
    )


def decibels(a: np.ndarray, b: np.ndarray) -> float:
    """How alike two pictures of values 0 to 1 are."""
    return float(-10 * np.log10(np.mean((a - b) ** 2) + 1e-30))
