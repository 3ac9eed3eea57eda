"""The depth of meshes, drawn on the card, so that they hide the splats behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import gpu
import numpy as np
from gpu.types import (
    GPUBatch,
    GPUFrameBuffer,
    GPUIndexBuf,
    GPUShader,
    GPUShaderCreateInfo,
    GPUTexture,
    GPUVertBuf,
    GPUVertFormat,
)

from .passes import states
from .shaders import FOLDER
from .textures import single
from .views import View

if TYPE_CHECKING:
    from ..bridge.solids import Solid

FARTHEST = 1.0
"""Depth in the window at the far end of what a camera sees."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A surface on the card. matrix: float64 [4, 4], its own space to world."""

    batch: GPUBatch
    matrix: np.ndarray


def loaded(solids: Sequence[Solid]) -> tuple[Loaded, ...]:
    """Surfaces on the card; what stands in several places is sent once."""
    batches: dict[int, GPUBatch] = {}
    for solid in solids:
        if id(solid.points) not in batches:
            batches[id(solid.points)] = batch(solid)
    return tuple(Loaded(batches[id(solid.points)], solid.matrix) for solid in solids)


def solid_depth(solids: Sequence[Loaded], view: View) -> GPUTexture:
    """Depth in the window of the nearest surface, for Wish.mesh; without any, of the end of what the camera sees."""
    if not solids:
        return single(FARTHEST)
    depths = GPUTexture(view.size, format="R32F")
    # A frame does not hold on to its textures: without a name this one would be gone before it is drawn into.
    nearest = GPUTexture(view.size, format="DEPTH_COMPONENT32F")
    frame = GPUFrameBuffer(depth_slot=nearest, color_slots=(depths,))
    shader = solid_shader()
    with frame.bind(), states(depth="LESS_EQUAL", write_depth=True):
        frame.clear(color=(FARTHEST, 0.0, 0.0, 0.0), depth=FARTHEST)
        shader.bind()
        for solid in solids:
            matrix = view.projection @ view.to_camera @ solid.matrix
            shader.uniform_float("to_window", np.ascontiguousarray(matrix.T, np.float32).ravel().tolist())
            solid.batch.draw(shader)
    return depths


@cache
def solid_shader() -> GPUShader:
    """Triangles. Output: depth, that in the window."""
    info = GPUShaderCreateInfo()
    info.vertex_in(0, "VEC3", "point")
    info.push_constant("MAT4", "to_window")
    info.fragment_out(0, "FLOAT", "depth")
    info.vertex_source((FOLDER / "solid.vert.glsl").read_text(encoding="utf-8"))
    info.fragment_source((FOLDER / "solid.frag.glsl").read_text(encoding="utf-8"))
    return gpu.shader.create_from_info(info)


def batch(solid: Solid) -> GPUBatch:
    """A mesh on the card."""
    form = GPUVertFormat()
    form.attr_add(id="point", comp_type="F32", len=3, fetch_mode="FLOAT")
    vertices = GPUVertBuf(form, len(solid.points))
    vertices.attr_fill("point", np.ascontiguousarray(solid.points))
    return GPUBatch(type="TRIS", buf=vertices, elem=GPUIndexBuf(type="TRIS", seq=solid.triangles))
