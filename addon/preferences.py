"""What the user sets once for all files."""

from __future__ import annotations

import bpy

from .places import PACKAGE
from .workshop import why_no_engine


class MOUTHPIECE_AP_preferences(bpy.types.AddonPreferences):
    """Mouthpiece's preferences."""

    bl_idname = PACKAGE

    engine: bpy.props.StringProperty(
        name="Engine",
        description="The engine environment, its folder or its Python; for films, portraits and learned heads only",
        subtype="FILE_PATH",
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        self.layout.prop(self, "engine")
        self.layout.label(text=why_no_engine() or "The engine environment is found.")
