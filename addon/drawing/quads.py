"""The passes over all splats: a quad each, from back to front."""

from __future__ import annotations

from dataclasses import dataclass

from gpu.types import GPUShader, GPUTexture

from .orders import Order
from .passes import corners
from .projecting import Projected
from .views import View


@dataclass(frozen=True, slots=True)
class Quads:
    """Splats ready to be drawn. mesh: depth in the window of what hides them."""

    order: Order
    projected: Projected
    mesh: GPUTexture
    view: View

    def bind(self, shader: GPUShader) -> None:
        """Give a shader everything that the passes over splats have in common."""
        shader.bind()
        shader.uniform_sampler("order", self.order.texture)
        shader.uniform_sampler("middles", self.projected.middles)
        shader.uniform_sampler("spreads", self.projected.spreads)
        shader.uniform_sampler("shown", self.projected.shown)
        shader.uniform_sampler("mesh", self.mesh)
        shader.uniform_float("size", tuple(map(float, self.view.size)))
        shader.uniform_int("amount", self.order.count)
        shader.uniform_float("window", tuple(map(float, self.view.window)))

    def draw(self, shader: GPUShader) -> None:
        """Draw them all, into whatever frame is bound."""
        self.bind(shader)
        corners().draw_instanced(shader, instance_start=0, instance_count=self.order.count)
