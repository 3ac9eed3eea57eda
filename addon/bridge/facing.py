"""Which way a character looks, read from its own face."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix, Vector

from .character import Character, Part

# Pairs that lie well apart on any face, and what lies above what.
_PAIRS = ("eyeBlink", "mouthSmile", "browDown")
_ABOVE = (("eyeBlinkLeft", "mouthSmileLeft"), ("eyeBlinkRight", "mouthSmileRight"))
_AGREE = 0.94  # cosine of 20 degrees
_NEAR_AXIS = 0.82  # cosine of 35 degrees


def facing_of(character: Character, owner: bpy.types.Object) -> Matrix:
    """The character's left, back and up as columns, in the space of the object that turns.

    A face whose left and right shapes lie where they should tells it; otherwise it is taken to face -Y with Z up.
    """
    for part in character.parts:
        facing = _facing_of_part(part, owner)
        if facing is not None:
            return facing
    return Matrix.Identity(3)


def _facing_of_part(part: Part, owner: bpy.types.Object) -> Matrix | None:
    centres = {name: _centre(part, name) for stem in _PAIRS for name in (f"{stem}Left", f"{stem}Right")}
    if any(centre is None for centre in centres.values()):
        return None
    to_owner = (owner.matrix_world.inverted_safe() @ part.mesh_object.matrix_world).to_3x3()
    lefts = [to_owner @ (centres[f"{stem}Left"] - centres[f"{stem}Right"]) for stem in _PAIRS]
    ups = [to_owner @ (centres[upper] - centres[lower]) for upper, lower in _ABOVE]
    if any(vector.length < 1e-6 for vector in (*lefts, *ups)):
        return None
    left = _on_axis(sum((vector.normalized() for vector in lefts), Vector()).normalized())
    if any(vector.normalized().dot(left) < _AGREE for vector in lefts):
        return None
    up = sum((vector.normalized() for vector in ups), Vector())
    # Eyes lie behind the mouth as well as above it; the nearest axis forgives that.
    up = _on_axis((up - left * up.dot(left)).normalized())
    if abs(up.dot(left)) > 1e-3 or up.length < 0.5:
        return None
    return Matrix((left, up.cross(left), up)).transposed()


def _centre(part: Part, arkit: str) -> Vector | None:
    """Where a shape moves the mesh, in its own space, weighted by how far."""
    names = part.match.matched.get(arkit)
    if not names:
        return None
    blocks = part.key.key_blocks
    block = blocks[names[0]]
    rest = _points(block.relative_key)
    moved = np.linalg.norm(_points(block) - rest, axis=1)
    if not np.isfinite(moved).all() or moved.sum() < 1e-9:
        return None
    return Vector((rest * moved[:, None]).sum(axis=0) / moved.sum())


def _points(block: bpy.types.ShapeKey) -> np.ndarray:
    points = np.empty(len(block.data) * 3, np.float32)
    block.data.foreach_get("co", points)
    return points.reshape(-1, 3).astype(np.float64)


def _on_axis(vector: Vector) -> Vector:
    """The coordinate axis a direction lies near, or the direction itself."""
    axis = max(range(3), key=lambda index: abs(vector[index]))
    if abs(vector[axis]) < _NEAR_AXIS:
        return vector
    snapped = Vector((0.0, 0.0, 0.0))
    snapped[axis] = 1.0 if vector[axis] > 0 else -1.0
    return snapped
