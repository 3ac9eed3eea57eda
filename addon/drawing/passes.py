"""What all passes share: the four corners, targets, and a graphics state that is left as it was found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import gpu
import numpy as np
from gpu.types import GPUBatch, GPUFrameBuffer, GPUShader, GPUTexture, GPUVertBuf, GPUVertFormat

CORNERS = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], np.float32)
WHOLE = (-1.0, 1.0)
"""The lower and upper edge of a rectangle over the whole target."""


def corners() -> GPUBatch:
    """A strip of two triangles, -1 to 1."""
    form = GPUVertFormat()
    form.attr_add(id="corner", comp_type="F32", len=2, fetch_mode="FLOAT")
    vertices = GPUVertBuf(form, 4)
    vertices.attr_fill("corner", CORNERS)
    return GPUBatch(type="TRI_STRIP", buf=vertices)


@contextmanager
def states(blend: str = "NONE", depth: str = "NONE", write_depth: bool = False) -> Iterator[None]:
    """Blend and test like this for a while."""
    before = gpu.state.blend_get(), gpu.state.depth_test_get(), gpu.state.depth_mask_get()
    gpu.state.blend_set(blend)
    gpu.state.depth_test_set(depth)
    gpu.state.depth_mask_set(write_depth)
    try:
        yield
    finally:
        gpu.state.blend_set(before[0])
        gpu.state.depth_test_set(before[1])
        gpu.state.depth_mask_set(before[2])


def target(size: tuple[int, int], form: str = "RGBA32F") -> GPUTexture:
    """A texture to draw into."""
    return GPUTexture(size, format=form)


def fill(shader: GPUShader, frame: GPUFrameBuffer, textures: dict[str, GPUTexture], rows: tuple[float, float]) -> None:
    """Run a fragment shader over rows of a target; the shader is bound and has its other inputs already."""
    with frame.bind(), states():
        for name, texture in textures.items():
            shader.uniform_sampler(name, texture)
        shader.uniform_float("rows", rows)
        corners().draw(shader)
