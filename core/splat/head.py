"""A head of splats that a rig can move: the layers a timeline drives, and nothing of how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import check
from ..errors import ShapeError
from ..rig.arkit import ARKIT_52
from .deltas import Deltas
from .types import SH_COEFFICIENTS


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """The mesh that carries the splats, in metres and the axes of Splats.

    points:    float32 [V, 3] at rest.
    triangles: int32 [F, 3].
    shapes:    by name (ARKit's or any other): the vertices it moves, int32 [v], and by how much at 1, float32 [v, 3].
    """

    points: np.ndarray
    triangles: np.ndarray
    shapes: dict[str, tuple[np.ndarray, np.ndarray]]

    def __post_init__(self) -> None:
        check("Template.points", self.points, ("V", 3))
        check("Template.triangles", self.triangles, ("F", 3), np.int32)
        _inside("Template.triangles", self.triangles, len(self.points))
        for name, (vertices, offsets) in self.shapes.items():
            check(f"The vertices of shape {name}", vertices, ("v",), np.int32)
            check(f"The offsets of shape {name}", offsets, (len(vertices), 3))
            _inside(f"The vertices of shape {name}", vertices, len(self.points))
            if len(np.unique(vertices)) != len(vertices):
                raise ShapeError(f"The vertices of shape {name} must not hold a vertex twice.")


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """Where each of N splats sits on the template, in the frame of its triangle.

    The frame's axes: along the first edge, across it, out of the surface; its origin is the barycentric place.
    triangles:  int32 [N].
    places:     float32 [N, 2], barycentric weights of the triangle's second and third corner.
    offsets:    float32 [N, 3], metres from there, in the frame.
    quats:      float32 [N, 4], w x y z, unit; turns the Gaussian's own axes into the frame.
    log_scales: float32 [N, 3]; half the logarithm of the triangle's growth in area is added when it is stretched.
    """

    triangles: np.ndarray
    places: np.ndarray
    offsets: np.ndarray
    quats: np.ndarray
    log_scales: np.ndarray

    def __post_init__(self) -> None:
        check("Binding.triangles", self.triangles, ("N",), np.int32)
        count = len(self.triangles)
        for name, width in (("places", 2), ("offsets", 3), ("quats", 4), ("log_scales", 3)):
            check(f"Binding.{name}", getattr(self, name), (count, width))


@dataclass(frozen=True, slots=True, eq=False)
class Bones:
    """A chain of bones, each hanging on the one before it, that shares the turn of the head.

    names:   B bones, from the chest up.
    pivots:  float32 [B, 3], metres; what each turns about.
    shares:  the share of the head's turn that each bone adds to the one below; they sum to 1 (0 for a still chest).
    weights: float32 [N, B], how much each splat goes with each bone; rows sum to 1.
    """

    names: tuple[str, ...]
    pivots: np.ndarray
    shares: tuple[float, ...]
    weights: np.ndarray

    def __post_init__(self) -> None:
        check("Bones.pivots", self.pivots, (len(self.names), 3))
        check("Bones.weights", self.weights, ("N", len(self.names)))
        if len(self.shares) != len(self.names) or abs(sum(self.shares) - 1) > 1e-4:
            raise ShapeError("Bones.shares must hold a share for each bone and sum to 1.")
        if np.abs(self.weights.sum(1) - 1).max(initial=0) > 1e-3 or self.weights.min(initial=0) < 0:
            raise ShapeError("Bones.weights must be 0 or more and sum to 1 for each splat.")


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A shape that others hold down: it is taken at most at base + the sum of slope x value.

    slopes: by shape. Lips that close no further than the jaw is open: Ceiling("mouthClose", 0, {"jawOpen": 1}).
    """

    shape: str
    base: float
    slopes: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """What a recorded clip adds to shapes and correctives: coefficients over time for a few changes of its own.

    coefficients: float32 [T, D], row t at t / fps seconds; changes: the D changes (principal components).
    """

    coefficients: np.ndarray
    fps: float
    changes: Deltas

    def __post_init__(self) -> None:
        check("Clip.coefficients", self.coefficients, ("T", len(self.changes.names)))
        if not self.fps > 0 or not len(self.coefficients):
            raise ShapeError(f"A clip needs frames and a frame rate above 0, but has {self.fps}.")

    def at(self, seconds: float) -> np.ndarray:
        """The coefficients [D] at a time, straight between frames and held beyond the ends."""
        place = float(np.clip(seconds * self.fps, 0, len(self.coefficients) - 1))
        first = int(place)
        after = min(first + 1, len(self.coefficients) - 1)
        return self.coefficients[first] + np.float32(place - first) * (
            self.coefficients[after] - self.coefficients[first]
        )


@dataclass(frozen=True, slots=True, eq=False)
class SplatHead:
    """A head of N splats.

    logits, sh: as in Splats, at rest. template, binding, bones: what moves them.
    correctives: linear changes; mix: float32 [D, 52], how much each one is on for each ARKit shape at 1. A corrective
        may be dialled by its own name besides. ceilings: shapes that others hold down, applied before all else.
    clips: by name. facts: words about the head for people (name, author, licence), never read by the mathematics.
    """

    template: Template
    binding: Binding
    bones: Bones
    logits: np.ndarray
    sh: np.ndarray
    correctives: Deltas
    mix: np.ndarray
    ceilings: tuple[Ceiling, ...]
    clips: dict[str, Clip]
    facts: dict[str, str]

    def __post_init__(self) -> None:
        count = len(self.binding.triangles)
        _inside("Binding.triangles", self.binding.triangles, len(self.template.triangles))
        check("SplatHead.logits", self.logits, (count,))
        check("SplatHead.sh", self.sh, (count, "K", 3))
        check("SplatHead.mix", self.mix, (len(self.correctives.names), len(ARKIT_52)))
        if self.sh.shape[1] not in SH_COEFFICIENTS:
            raise ShapeError(f"SplatHead.sh must hold 1, 4, 9 or 16 coefficients, but holds {self.sh.shape[1]}.")
        if len(self.bones.weights) != count:
            raise ShapeError(f"Bones.weights must have a row for each of {count} splats.")
        for deltas in (self.correctives, *(clip.changes for clip in self.clips.values())):
            _inside("Deltas.splats", deltas.splats, count)

    def __len__(self) -> int:
        return len(self.logits)

    @property
    def sliders(self) -> tuple[str, ...]:
        """Everything that can be dialled by name: ARKit's shapes, then the head's own."""
        return tuple(dict.fromkeys((*ARKIT_52, *self.template.shapes, *self.correctives.names)))


def _inside(owner: str, indices: np.ndarray, count: int) -> None:
    if indices.size and (indices.min() < 0 or indices.max() >= count):
        low, high = indices.min(), indices.max()
        raise ShapeError(f"{owner} must lie between 0 and {count - 1}, but reach from {low} to {high}.")
