"""The two pictures a panel shows of a head that is learned: a frame of the film, and the same as it is drawn now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy
import bpy.utils.previews
import numpy as np

from ..core.errors import FormatError
from ..core.learned import Newest, read_newest

NAMES = ("filmed", "drawn")


@dataclass(slots=True)
class HeadPreview:
    """Icons of the newest pictures in one head's folder, read again when the file changed."""

    icons: bpy.utils.previews.ImagePreviewCollection | None = None
    stamp: tuple[str, int] = ("", 0)
    newest: Newest | None = None

    def show(self, path: Path) -> tuple[Newest, tuple[int, int]] | None:
        """What the file holds and an icon for each of its pictures; None where there is none."""
        try:
            stamp = str(path), path.stat().st_mtime_ns
        except OSError:
            return None
        if stamp != self.stamp:
            self._read(path, stamp)
        if self.newest is None:
            return None
        return self.newest, tuple(self.icons[name].icon_id for name in NAMES)

    def clear(self) -> None:
        """Forget the pictures; Blender is told."""
        if self.icons is not None:
            bpy.utils.previews.remove(self.icons)
        self.icons, self.stamp, self.newest = None, ("", 0), None

    def _read(self, path: Path, stamp: tuple[str, int]) -> None:
        try:
            self.newest = read_newest(path)
        except FormatError:
            self.newest = None
            return
        finally:
            self.stamp = stamp
        if self.icons is None:
            self.icons = bpy.utils.previews.new()
        for name, picture in zip(NAMES, self.newest.pictures, strict=True):
            icon = self.icons[name] if name in self.icons else self.icons.new(name)
            icon.image_size = picture.shape[1], picture.shape[0]
            icon.image_pixels_float.foreach_set(icon_pixels(picture))


def icon_pixels(picture: np.ndarray) -> np.ndarray:
    """A picture uint8 [H, W, 3] as Blender's icons want it: float32 [H * W * 4], 0..1, the lowest row first."""
    opaque = np.full((*picture.shape[:2], 1), 255, np.uint8)
    return (np.concatenate([picture, opaque], 2)[::-1].astype(np.float32) / 255).reshape(-1)


PREVIEW = HeadPreview()
