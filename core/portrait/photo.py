"""A picture of a face as people keep them, read upright and in display colours."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import check
from ..errors import FormatError
from ..paths import shown

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST = 1600
"""Pixels of the longer side that are kept: a face does not get better beyond, only slower."""
SHORTEST = 32
MOST_BYTES = 256 << 20
MOST_PIXELS = 200_000_000
"""Beyond this a picture is a bomb or a map."""
GREY = 0.5
DEEP_MODES = ("I;16", "I;16B", "I;16L", "I", "F")


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """pixels: float32 [H, W, 3], 0..1, display (sRGB) space, upright; cover: float32 [H, W], 0..1, the picture's own
    transparency; notes: what was done to it, a sentence each.
    """

    pixels: np.ndarray
    cover: np.ndarray
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check("Photo.pixels", self.pixels, ("H", "W", 3))
        check("Photo.cover", self.cover, self.pixels.shape[:2])

    @property
    def bytes(self) -> np.ndarray:
        """The pixels as uint8 [H, W, 3], as trackers want them."""
        return np.ascontiguousarray((self.pixels * 255 + 0.5).astype(np.uint8))


def read_photo(path: Path) -> Photo:
    """Read any still that Pillow knows: turned as its camera says, profiles applied, the first picture of several.

    Raises FormatError for what is no picture, a damaged, tiny or absurdly large one.
    """
    try:
        if not path.is_file():
            raise FormatError(f"{shown(path)} is not there; choose a picture of a face.")
        if path.stat().st_size > MOST_BYTES:
            raise FormatError(f"{shown(path)} is larger than {MOST_BYTES >> 20} MB; save it smaller.")
        image, notes = _opened(path)
    except OSError as fault:
        raise FormatError(f"{shown(path)} cannot be read as a picture ({fault}); save it as PNG or JPEG.") from None
    pixels, cover = _arrays(image)
    if (cover < 0.999).any():
        notes.append("Its transparent parts count as background.")
        pixels = pixels * cover[..., None] + GREY * (1 - cover[..., None])
    return Photo(pixels.astype(np.float32), cover, tuple(notes))


def _opened(path: Path) -> tuple[Image, list[str]]:
    from PIL import Image, ImageOps, UnidentifiedImageError

    notes: list[str] = []
    try:
        with warnings.catch_warnings(), Image.open(path) as image:
            warnings.simplefilter("ignore")
            if min(image.size) < SHORTEST:
                raise FormatError(f"{shown(path)} has {image.size[0]} x {image.size[1]} pixels, too few for a face.")
            if image.size[0] * image.size[1] > MOST_PIXELS:
                raise FormatError(f"{shown(path)} has {image.size[0]} x {image.size[1]} pixels; save it smaller.")
            if getattr(image, "n_frames", 1) > 1:
                notes.append(f"It holds {image.n_frames} pictures; the first was taken.")
            image.load()
            upright = ImageOps.exif_transpose(image)
            return _displayed(upright, notes), notes
    except UnidentifiedImageError:
        raise FormatError(f"{shown(path)} is no picture that can be read; save it as PNG or JPEG.") from None
    except (Image.DecompressionBombError, SyntaxError, ValueError, EOFError, TypeError, IndexError) as fault:
        raise FormatError(f"{shown(path)} is damaged ({fault}); save it again as PNG or JPEG.") from None


def _displayed(image: Image, notes: list[str]) -> Image:
    """The picture in sRGB, no longer than LONGEST; deep greys stay as they are."""
    image = _in_srgb(image, notes)
    if max(image.size) <= LONGEST:
        return image
    notes.append(f"It was made smaller, from {image.size[0]} x {image.size[1]} pixels.")
    factor = LONGEST / max(image.size)
    return image.resize((round(image.size[0] * factor), round(image.size[1] * factor)), reducing_gap=3.0)


def _in_srgb(image: Image, notes: list[str]) -> Image:
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if image.mode in DEEP_MODES:
        return image
    if profile and image.mode in ("RGB", "CMYK", "L", "RGBA"):
        keeps = "RGBA" if image.mode == "RGBA" else "RGB"
        try:
            own, display = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(image, own, display, outputMode=keeps)
        except (ImageCms.PyCMSError, OSError):
            notes.append("Its colour profile could not be read and was passed over.")
    clear = "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa", "La")
    return image.convert("RGBA" if clear else "RGB")


def _arrays(image: Image) -> tuple[np.ndarray, np.ndarray]:
    """Pixels [H, W, 3] and cover [H, W], both 0..1."""
    raw: Any = np.asarray(image)
    if image.mode in DEEP_MODES:
        raw = raw.astype(np.float32)
        most = 65535.0 if raw.max(initial=0) > 255 else 255.0 if raw.max(initial=0) > 1 else 1.0
        grey = np.clip(np.nan_to_num(raw) / most, 0, 1)
        return np.repeat(grey[..., None], 3, axis=2), np.ones(grey.shape, np.float32)
    pixels = raw.astype(np.float32) / 255
    cover = pixels[..., 3] if pixels.shape[2] == 4 else np.ones(pixels.shape[:2], np.float32)
    return pixels[..., :3], np.ascontiguousarray(cover)
