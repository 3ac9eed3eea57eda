"""Where Mouthpiece's panels are."""

from __future__ import annotations


class SidebarTab:
    """Mixin of panels in our tab of the 3D viewport's sidebar."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Mouthpiece"
