"""Splats kept on the graphics card, and only what changed sent anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gpu
import numpy as np
from gpu.types import GPUTexture

from ...core.errors import SettingError
from ...core.splat.types import Splats
from .textures import WIDTH, padded, rows_of, upload

if TYPE_CHECKING:
    from ..bridge.splat_scene import Seen

MANY = 400_000
"""Sets larger than this keep their colours in half precision."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One set of splats as textures.

    places: mean and logit; quats; sizes: logarithms of the scales; colors: coefficients, colour by colour, packed.
    texels: texels of colors a splat has; color_width: texels in a row of colors.
    """

    version: int
    splats: Splats
    places: GPUTexture
    quats: GPUTexture
    sizes: GPUTexture
    colors: GPUTexture
    texels: int
    color_width: int

    @property
    def rows(self) -> int:
        """Rows of WIDTH texels that the splats fill."""
        return rows_of(len(self.splats))


class Stock:
    """The textures of every set of splats that was asked for, by its key. One for all views of one kind."""

    def __init__(self) -> None:
        self._loaded: dict[tuple, Loaded] = {}

    def load(self, seen: Seen) -> Loaded:
        """The textures of a set; only arrays that are not those of the last time are sent to the card."""
        old = self._loaded.get(seen.key)
        if old is None or old.version != seen.version:
            self._loaded[seen.key] = _loaded(seen, old)
        return self._loaded[seen.key]

    def keep(self, keys: Iterable[tuple]) -> None:
        """Give back the textures of all other sets."""
        wanted = set(keys)
        self._loaded = {key: loaded for key, loaded in self._loaded.items() if key in wanted}


def _loaded(seen: Seen, old: Loaded | None) -> Loaded:
    splats = seen.splats
    known = old.splats if old is not None else None
    same = {name: known is not None and getattr(known, name) is getattr(splats, name) for name in Splats.__slots__}
    colors, texels, width = (
        (old.colors, old.texels, old.color_width) if same["sh"] else uploaded_colors(splats.sh, len(splats) > MANY)
    )
    return Loaded(
        seen.version,
        splats,
        old.places if same["means"] and same["logits"] else upload(place_texels(splats)),
        old.quats if same["quats"] else upload(padded(splats.quats, 4)),
        old.sizes if same["log_scales"] else upload(padded(splats.log_scales, 4)),
        colors,
        texels,
        width,
    )


def place_texels(splats: Splats) -> np.ndarray:
    """Means and logits side by side, float32 [rows * WIDTH, 4]."""
    out = padded(splats.means, 4)
    out[: len(splats), 3] = splats.logits
    return out


def uploaded_colors(sh: np.ndarray, half: bool) -> tuple[GPUTexture, int, int]:
    """Coefficients [N, K, 3] as a texture, how many texels a splat has in it, and how many a row has."""
    count, coefficients = sh.shape[:2]
    texels = -(-3 * coefficients // 4)
    flat = np.ascontiguousarray(sh, np.float32).reshape(count, 3 * coefficients)
    most, width = gpu.capabilities.max_texture_size_get(), WIDTH
    while -(-count * texels // width) > most and width < most:
        width *= 2
    height = max(1, -(-count * texels // width))
    if height > most:
        raise SettingError(f"{count} splats with {coefficients} coefficients do not fit on the graphics card.")
    out = np.zeros((height * width, 4), np.float32)
    out[: count * texels].reshape(count, 4 * texels)[:, : 3 * coefficients] = flat
    return upload(out, "RGBA16F" if half else "RGBA32F", width), texels, width
