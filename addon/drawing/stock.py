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
from .textures import WIDTH, packed, rows_of, upload

if TYPE_CHECKING:
    from ..bridge.splat_scene import Seen

MANY = 400_000
"""Sets larger than this keep their colours in half precision."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One set of splats as textures of packed numbers, splat by splat.

    sizes: logarithms of the scales; colors: coefficients, colour by colour. color_width: texels in a row of colors.
    """

    version: int
    splats: Splats
    means: GPUTexture
    logits: GPUTexture
    quats: GPUTexture
    sizes: GPUTexture
    colors: GPUTexture
    color_width: int

    @property
    def rows(self) -> int:
        """Rows of WIDTH texels that the splats fill, one texel each."""
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
    colors, width = (old.colors, old.color_width) if same["sh"] else uploaded_colors(splats.sh, len(splats) > MANY)
    return Loaded(
        seen.version,
        splats,
        old.means if same["means"] else upload(packed(splats.means)),
        old.logits if same["logits"] else upload(packed(splats.logits)),
        old.quats if same["quats"] else upload(packed(splats.quats)),
        old.sizes if same["log_scales"] else upload(packed(splats.log_scales)),
        colors,
        width,
    )


def uploaded_colors(sh: np.ndarray, half: bool) -> tuple[GPUTexture, int]:
    """Coefficients [N, K, 3] as a texture, and how many texels a row of it has.

    Raises: SettingError when no texture holds so many.
    """
    texels, most, width = -(-sh.size // 4), gpu.capabilities.max_texture_size_get(), WIDTH
    while -(-texels // width) > most and width < most:
        width *= 2
    if -(-texels // width) > most:
        raise SettingError(
            f"{len(sh):,} splats with {sh.shape[1]} coefficients do not fit on the graphics card, which takes "
            f"{4 * most * most:,} numbers; import fewer."
        )
    return upload(packed(sh, width), "RGBA16F" if half else "RGBA32F", width), width
