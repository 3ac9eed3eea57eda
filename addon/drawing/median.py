"""The distance at which half of the light is gone, by blending alone.

A pixel's bracket is a run of splats, nearest first, that holds the one behind which half is left. Each round adds up,
in any order, what dims the light in sixteen equal parts of the bracket; the part in which the sum passes ln 2 is the
next bracket. After four rounds a bracket of 65 536 splats is one splat.
"""

from __future__ import annotations

from gpu.types import GPUFrameBuffer, GPUTexture

from .passes import WHOLE, fill, states, target
from .quads import Quads
from .shaders import median_shader, narrow_shader

PARTS = 16
SUMS = ("sums_a", "sums_b", "sums_c", "sums_d")


def unknown(size: tuple[int, int]) -> GPUTexture:
    """Brackets of pixels in which nothing has dimmed yet."""
    return _brackets(size, 0.0)


def no_ranks(size: tuple[int, int]) -> GPUTexture:
    """Ranks where none were looked for."""
    return _brackets(size, -1.0)


def median_ranks(quads: Quads) -> GPUTexture:
    """For each pixel the rank of the splat at which half of the light is gone, or -1, in the first channel."""
    size = quads.view.size
    brackets, sums = unknown(size), [target(size) for _ in SUMS]
    frame = GPUFrameBuffer(color_slots=tuple(sums))
    for stride in strides(quads.order.count):
        shader = median_shader()
        quads.bind(shader)
        shader.uniform_sampler("brackets", brackets)
        shader.uniform_float("stride", stride)
        with frame.bind(), states("ADDITIVE_PREMULT"):
            frame.clear(color=(0.0, 0.0, 0.0, 0.0))
            quads.draw(shader)
        narrowed = target(size)
        shader = narrow_shader()
        shader.bind()
        shader.uniform_float("stride", stride)
        inputs = {"brackets": brackets, **dict(zip(SUMS, sums, strict=True))}
        fill(shader, GPUFrameBuffer(color_slots=(narrowed,)), inputs, WHOLE)
        brackets = narrowed
    return brackets


def strides(count: int) -> list[float]:
    """Splats in a part of the bracket, round by round; the last is 1."""
    out = [1.0]
    while out[-1] * PARTS < count:
        out.append(out[-1] * PARTS)
    return out[::-1]


def _brackets(size: tuple[int, int], first: float) -> GPUTexture:
    out = target(size)
    out.clear(format="FLOAT", value=(first, 0.0, 0.0, 0.0))
    return out
