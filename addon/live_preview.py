"""The small picture of a live camera, as an icon that the panel draws."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import bpy
import bpy.utils.previews

from ..core.errors import FormatError
from ..core.live_lines import preview_of_line
from .head_preview import icon_pixels

NAME = "live"


@dataclass(slots=True)
class LivePreview:
    """An icon of the newest picture. icon: its number for Blender's layouts, 0 while there is none."""

    icons: bpy.utils.previews.ImagePreviewCollection | None = None
    icon: int = 0

    def show(self, member: dict[str, Any]) -> None:
        """Show a picture as the worker sends it; a damaged one is passed over, for the next comes soon."""
        with contextlib.suppress(FormatError):
            picture = preview_of_line(member)
            if self.icons is None:
                self.icons = bpy.utils.previews.new()
            icon = self.icons[NAME] if NAME in self.icons else self.icons.new(NAME)
            if tuple(icon.image_size) != (picture.shape[1], picture.shape[0]):
                icon.image_size = picture.shape[1], picture.shape[0]
            icon.image_pixels_float.foreach_set(icon_pixels(picture))
            self.icon = icon.icon_id

    def clear(self) -> None:
        """Forget the picture; Blender is told."""
        if self.icons is not None:
            bpy.utils.previews.remove(self.icons)
        self.icons, self.icon = None, 0


LIVE_PREVIEW = LivePreview()
