"""Pictures of the characters: every shape once on a contact sheet, and both faces side by side.

python -m blend_templates.sheet [--out FOLDER] [--only NAME ...]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from math import ceil
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

from core.departure import leave
from core.rig.arkit import ARKIT_52

from .build import ROOT, TEMPLATES
from .studio import turn_camera

TILE = (160, 184)
COLUMNS = 9
LABEL_HEIGHT = 16
EXTRA_POSES: tuple[tuple[str, dict[str, float]], ...] = (
    ("neutral", {}),
    ("jawOpen + mouthClose", {"jawOpen": 1, "mouthClose": 1}),
    ("blink + look down", {"eyeBlinkLeft": 1, "eyeBlinkRight": 1, "eyeLookDownLeft": 1, "eyeLookDownRight": 1}),
)
"""What is shown before the single shapes: the rest face and pairs that must not break."""


TONGUE_OPEN = {"tongueOut": 1.0, "jawOpen": 0.45}


def poses() -> list[tuple[str, dict[str, float]]]:
    """Every tile of a sheet: its label and the shapes that are on."""
    return [*EXTRA_POSES, *((name, {name: 1.0}) for name in ARKIT_52), ("tongueOut + jawOpen", TONGUE_OPEN)]


def set_pose(values: dict[str, float]) -> None:
    """Set the shapes of every mesh in the open file; shapes not named go to 0."""
    for keys in bpy.data.shape_keys:
        for block in keys.key_blocks[1:]:
            if block.name in ARKIT_52:
                block.value = values.get(block.name, 0.0)


def render_pixels(size: tuple[int, int], samples: int) -> np.ndarray:
    """Render the open scene; float32 [height, width, 3], display colours, top row first."""
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.cycles.samples = samples
    with tempfile.TemporaryDirectory() as folder:
        scene.render.filepath = str(Path(folder) / "tile.png")
        bpy.ops.render.render(write_still=True)
        return load_pixels(scene.render.filepath)


def load_pixels(path: str) -> np.ndarray:
    """A picture file as float32 [height, width, 3], top row first."""
    image = bpy.data.images.load(path)
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    return pixels.reshape(height, width, 4)[::-1, :, :3].copy()


def save_pixels(pixels: np.ndarray, path: Path) -> None:
    """Write float32 [height, width, 3], top row first, as PNG."""
    height, width = pixels.shape[:2]
    image = bpy.data.images.new("sheet", width, height)
    full = np.ones((height, width, 4), np.float32)
    full[..., :3] = pixels[::-1]
    image.pixels.foreach_set(full.ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save()
    bpy.data.images.remove(image)


def face_center() -> Vector:
    """The middle of the open file's face, metres."""
    eyes = next(item for item in bpy.data.objects if item.name.endswith(" Eyes"))
    points = np.empty(len(eyes.data.vertices) * 3, np.float32)
    eyes.data.vertices.foreach_get("co", points)
    return Vector(points.reshape(-1, 3).mean(0).tolist()) + Vector((0, 0.02, -0.035))


def draw_contact_sheet(template: Path, path: Path) -> None:
    """Render every pose of a character into one labelled picture."""
    bpy.ops.wm.open_mainfile(filepath=str(template))
    turn_camera(bpy.context.scene, face_center(), 12, 0.8)
    tiles = []
    for _, values in poses():
        set_pose(values)
        tiles.append(render_pixels(TILE, 6))
    save_pixels(np.maximum(_grid(tiles), _labels([label for label, _ in poses()])), path)


def _grid(tiles: list[np.ndarray]) -> np.ndarray:
    """Tiles in rows, each over a dark strip for its label."""
    strip = np.full((LABEL_HEIGHT, TILE[0], 3), 0.05, np.float32)
    cells = [np.concatenate([tile, strip]) for tile in tiles]
    blank = np.full_like(cells[0], 0.05)
    cells += [blank] * (-len(cells) % COLUMNS)
    rows = [np.concatenate(cells[k : k + COLUMNS], 1) for k in range(0, len(cells), COLUMNS)]
    return np.concatenate(rows)


def _labels(names: list[str]) -> np.ndarray:
    """White words on black at their places in the grid, drawn by Blender's own font."""
    cell_width, cell_height = TILE[0], TILE[1] + LABEL_HEIGHT
    rows = ceil(len(names) / COLUMNS)
    width, height = COLUMNS * cell_width, rows * cell_height
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    white = bpy.data.materials.new("Label")
    white.use_nodes = True
    white.node_tree.nodes["Principled BSDF"].inputs["Emission Color"].default_value = (1, 1, 1, 1)
    white.node_tree.nodes["Principled BSDF"].inputs["Emission Strength"].default_value = 1
    for k, name in enumerate(names):
        curve = bpy.data.curves.new(name, "FONT")
        curve.body, curve.size, curve.align_x = name, 13, "CENTER"
        curve.materials.append(white)
        item = bpy.data.objects.new(name, curve)
        item.location = ((k % COLUMNS + 0.5) * cell_width, height - (k // COLUMNS + 1) * cell_height + 5, 0)
        scene.collection.objects.link(item)
    camera = bpy.data.cameras.new("Camera")
    camera.type, camera.ortho_scale = "ORTHO", max(width, height)
    scene.camera = bpy.data.objects.new("Camera", camera)
    scene.camera.location = (width / 2, height / 2, 10)
    scene.collection.objects.link(scene.camera)
    scene.render.engine, scene.cycles.max_bounces = "CYCLES", 0
    scene.view_settings.view_transform = "Standard"
    return render_pixels((width, height), 8)


def draw_portraits(templates: Iterable[Path], path: Path, size: tuple[int, int] = (420, 520)) -> None:
    """Render each character from the front and from three quarters into one picture."""
    pictures = []
    for template in templates:
        bpy.ops.wm.open_mainfile(filepath=str(template))
        center = face_center() + Vector((0, 0, -0.012))
        for degrees in (4, 38):
            turn_camera(bpy.context.scene, center, degrees, 1.28)
            pictures.append(render_pixels(size, 32))
    save_pixels(np.concatenate(pictures, 1), path)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m blend_templates.sheet", description="Draw the characters.")
    parser.add_argument("--out", type=Path, default=ROOT.parent / "out", help="where the pictures go")
    parser.add_argument("--only", nargs="*", default=["portraits", *TEMPLATES], help="portraits or template names")
    options = parser.parse_args()
    for name in TEMPLATES:
        if name in options.only:
            draw_contact_sheet(ROOT / name, options.out / f"shapes_{Path(name).stem}.png")
    if "portraits" in options.only:
        draw_portraits([ROOT / name for name in TEMPLATES], options.out / "characters.png")
    sys.stdout.write(f"{options.out}\n")
    return 0


if __name__ == "__main__":
    leave(main())
