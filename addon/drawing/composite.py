"""A canvas put into the viewport, over what Blender drew there and tested against its depth."""

from __future__ import annotations

from dataclasses import dataclass

import gpu
from gpu.types import GPUTexture

from ..compat import overlay_gamma
from .canvas import Canvas
from .passes import WHOLE, corners, states
from .shaders import composite_shader

Box = tuple[float, float, float, float]
"""Left, lower, right and upper edge, pixels of the region."""
EVERYWHERE: Box = (-1e9, -1e9, 1e9, 1e9)
SOLID_ALPHA = 0.5
"""What covers a pixel at least as much hides what is drawn later and lies behind."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the viewport shows splats.

    table: what the view transform makes of display colours, see view_table.py. tested: whether meshes are still to hide
    the canvas, pixel by pixel; else they hid splats while it was painted. border: outside it nothing is drawn.
    frame: what a camera sees; outside it colours are multiplied by outside. width: of the outline, pixels, 0 for none.
    selected, active: display colours of outlines.
    """

    table: GPUTexture
    tested: bool
    border: Box = EVERYWHERE
    frame: Box = EVERYWHERE
    outside: float = 1.0
    width: int = 0
    selected: tuple[float, float, float] = (1.0, 0.6, 0.1)
    active: tuple[float, float, float] = (1.0, 0.7, 0.3)


def composite(canvas: Canvas, look: Look) -> None:
    """Draw into the frame that is bound: colours first, then the depth of what is more than half covered."""
    shader = composite_shader()
    shader.bind()
    for name, texture in (("color", canvas.color), ("facts", canvas.facts), ("depths", canvas.depths)):
        shader.uniform_sampler(name, texture)
    shader.uniform_sampler("table", look.table)
    shader.uniform_float("rows", WHOLE)
    shader.uniform_float("border", look.border)
    shader.uniform_float("frame", look.frame)
    shader.uniform_float("selected_line", (*look.selected, 1.0))
    shader.uniform_float("active_line", (*look.active, 1.0))
    gamma = overlay_gamma()
    test, strip = "LESS_EQUAL" if look.tested else "ALWAYS", corners()
    shader.uniform_float("outline", (float(look.width), look.outside, 0.0, gamma))
    with states("ALPHA_PREMULT", test):
        strip.draw(shader)
    shader.uniform_float("outline", (0.0, look.outside, SOLID_ALPHA, gamma))
    with states("NONE", test, write_depth=True):
        gpu.state.color_mask_set(False, False, False, False)
        strip.draw(shader)
        gpu.state.color_mask_set(True, True, True, True)
