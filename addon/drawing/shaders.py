"""The shaders, each compiled once: what goes in, what comes out, and the files beside in shaders/."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import gpu
from gpu.types import GPUShader, GPUShaderCreateInfo, GPUStageInterfaceInfo

from ...core.splat import rotate_sh
from ...core.splat.render import DILATION, LEAST_ALPHA, MOST_ALPHA
from ...core.splat.types import SH_DC
from .textures import WIDTH

FOLDER = Path(__file__).resolve().parents[2] / "shaders"
FAR = 1e30
"""The distance of nothing; a shader need not know infinity."""
SIGHT = """
struct Sight {
  mat4 to_camera; /* from the splats' axes */
  mat4 turn;      /* from the camera's axes to those of the harmonics */
  vec4 lens;      /* focal lengths and center, pixels from the lower left */
  vec4 bounds;    /* slopes beyond which shapes no longer change; near; whether thin splats fade */
};
"""
INPUTS = ("means", "logits", "quats", "sizes", "colors")
"""Textures of a set of splats, by their names in stock.Loaded."""
CONSTANTS: dict[str, float] = {
    "LEAST_ALPHA": LEAST_ALPHA,
    "MOST_ALPHA": MOST_ALPHA,
    "DILATION": DILATION,
    "HALVED": math.log(2),
    "FAR": FAR,
    "SH_DC": SH_DC,
    "SH_1": rotate_sh.SH_1,
    **{f"SH_2{letter}": value for letter, value in zip("ABC", rotate_sh.SH_2, strict=True)},
    **{f"SH_3{letter}": value for letter, value in zip("ABCDE", rotate_sh.SH_3, strict=True)},
}


@cache
def project_shader() -> GPUShader:
    """Splats of one object into the picture, one texel each. Outputs: middle, spread, shown."""
    info = _info("VEC2 rows", "IVEC4 span", "IVEC2 harmonics", "VEC4 marks")
    info.typedef_source(SIGHT)
    info.uniform_buf(0, "Sight", "sight")
    _samplers(info, *INPUTS)
    _outputs(info, "middle", "spread", "shown")
    return _compiled(info, ("rows.vert",), ("spherical_harmonics", "project.frag"))


@cache
def splat_shader() -> GPUShader:
    """Splats from back to front. Outputs: color, premultiplied; facts: depth, selected, active and 1, times alpha."""
    info = _quads()
    _outputs(info, "color", "facts")
    return _compiled(info, ("splat.vert",), ("coverage", "splat.frag"))


@cache
def median_shader() -> GPUShader:
    """What dims the light in each of sixteen parts of a pixel's bracket. Outputs: sums_a to sums_d."""
    info = _quads("FLOAT stride", samplers=("brackets",))
    _outputs(info, "sums_a", "sums_b", "sums_c", "sums_d")
    return _compiled(info, ("splat.vert",), ("coverage", "median.frag"))


@cache
def narrow_shader() -> GPUShader:
    """Brackets sixteen times as narrow. Output: narrowed (first rank in the bracket or -1, what dims before it)."""
    info = _info("VEC2 rows", "FLOAT stride")
    _samplers(info, "brackets", "sums_a", "sums_b", "sums_c", "sums_d")
    _outputs(info, "narrowed")
    return _compiled(info, ("rows.vert",), ("narrow.frag",))


@cache
def resolve_shader() -> GPUShader:
    """Depths of each pixel. Output: resolved (mean, median, depth in the window, object or -1)."""
    info = _info("VEC2 rows", "VEC4 window")
    _samplers(info, "facts", "brackets", "order", "middles", "spreads")
    _outputs(info, "resolved")
    return _compiled(info, ("rows.vert",), ("resolve.frag",))


@cache
def composite_shader() -> GPUShader:
    """A canvas over the viewport. Output: shown, linear light, premultiplied; and depth in the window."""
    info = _info("VEC2 rows", "VEC4 border", "VEC4 frame", "VEC4 outline", "VEC4 selected_line", "VEC4 active_line")
    _samplers(info, "color", "facts", "depths")
    info.sampler(3, "FLOAT_3D", "table")
    _outputs(info, "shown")
    info.depth_write("ANY")
    return _compiled(info, ("rows.vert",), ("composite.frag",))


def _quads(*constants: str, samplers: tuple[str, ...] = ()) -> GPUShaderCreateInfo:
    info = _info("VEC2 size", "INT amount", "VEC4 window", *constants)
    _samplers(info, "order", "middles", "spreads", "shown", "mesh", *samplers)
    passed = GPUStageInterfaceInfo("splat_passed")
    for name in ("splat_center", "splat_conic", "splat_shown"):
        passed.flat("VEC4", name)
    passed.flat("FLOAT", "splat_window")
    info.vertex_out(passed)
    return info


def _info(*constants: str) -> GPUShaderCreateInfo:
    info = GPUShaderCreateInfo()
    for name, value in CONSTANTS.items():
        info.define(name, f"{value:.9e}")
    info.define("WIDTH", str(WIDTH))
    info.vertex_in(0, "VEC2", "corner")
    for constant in constants:
        info.push_constant(*constant.split())
    return info


def _samplers(info: GPUShaderCreateInfo, *names: str) -> None:
    for slot, name in enumerate(names):
        info.sampler(slot, "FLOAT_2D", name)


def _outputs(info: GPUShaderCreateInfo, *names: str) -> None:
    for slot, name in enumerate(names):
        info.fragment_out(slot, "VEC4", name)


def _compiled(info: GPUShaderCreateInfo, vertex: tuple[str, ...], fragment: tuple[str, ...]) -> GPUShader:
    info.vertex_source(_source(vertex))
    info.fragment_source(_source(fragment))
    return gpu.shader.create_from_info(info)


def _source(names: tuple[str, ...]) -> str:
    return "\n".join((FOLDER / f"{name}.glsl").read_text(encoding="utf-8") for name in names)
