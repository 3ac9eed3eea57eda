"""What the scene's view transform makes of splats, so that they look in a viewport as they do in a render.

Viewports draw what add-ons add after the view transform, and Blender has no way to ask for the transform itself. So a
grid of colours goes through it once, as a picture that is saved, and becomes a table on the card. Solid shading shows
colours without the transform.
"""

from __future__ import annotations

import bpy
from gpu.types import GPUTexture

from .textures import cube


class Tables:
    """The table of the last settings."""

    def __init__(self) -> None:
        self._plain: GPUTexture | None = None

    def table(self, context: bpy.types.Context) -> GPUTexture:
        """The table for a viewport; of one texel where colours stay as they are."""
        if self._plain is None:
            self._plain = cube(1)
        return self._plain


TABLES = Tables()
