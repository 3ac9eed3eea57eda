"""Arrays as textures: rows of WIDTH texels, read by whole numbers, never through a list."""

from __future__ import annotations

import numpy as np
from gpu.types import Buffer, GPUFrameBuffer, GPUTexture

WIDTH = 1024
"""Texels in a row; no graphics card's rows are shorter, and an upload is padded by less than one."""


def rows_of(count: int) -> int:
    """Rows that so many texels fill."""
    return max(1, -(-count // WIDTH))


def padded(array: np.ndarray, width: int) -> np.ndarray:
    """Numbers [N, k <= width] as float32 rows of texels [rows * WIDTH, width], filled up with zeros."""
    out = np.zeros((rows_of(len(array)) * WIDTH, width), np.float32)
    out[: len(array), : array.shape[1]] = array
    return out


def packed(array: np.ndarray, width: int = WIDTH) -> np.ndarray:
    """All numbers of an array in a row, float32 [rows * width * 4], filled up with zeros.

    Three numbers to a splat fill three quarters of a texel; spreading them would cost a copy in strides, several times
    as slow as this one.
    """
    flat = np.ascontiguousarray(array, np.float32).ravel()
    out = np.empty(max(1, -(-flat.size // (4 * width))) * 4 * width, np.float32)
    out[: flat.size] = flat
    out[flat.size :] = 0
    return out


def upload(texels: np.ndarray, form: str = "RGBA32F", width: int = WIDTH) -> GPUTexture:
    """A texture of float32 texels [rows * width, channels] or [rows * width]."""
    flat = np.ascontiguousarray(texels, np.float32).reshape(-1)
    channels = 4 if form.startswith("RGBA") else 1
    size = (width, flat.size // (width * channels))
    return GPUTexture(size, format=form, data=Buffer("FLOAT", flat.size, flat))


def single(value: float) -> GPUTexture:
    """One texel of one number."""
    return GPUTexture((1, 1), format="R32F", data=Buffer("FLOAT", 1, np.array([value], np.float32)))


def read_back(texture: GPUTexture) -> np.ndarray:
    """A texture of four channels as float32 [height, width, 4], upper row first."""
    size = texture.width, texture.height
    out = np.empty(size[0] * size[1] * 4, np.float32)
    buffer = Buffer("FLOAT", out.size, out)  # flat: before 5.2 a buffer of more dimensions is read askew
    frame = GPUFrameBuffer(color_slots=(texture,))
    with frame.bind():
        frame.read_color(0, 0, *size, 4, 0, "FLOAT", data=buffer)
    return out.reshape(size[1], size[0], 4)[::-1]


def cube(side: int, values: np.ndarray | None = None) -> GPUTexture:
    """A table of colours: float32 [blue, green, red, 4], side texels each way; black without values."""
    flat = np.zeros(side**3 * 4, np.float32) if values is None else np.ascontiguousarray(values, np.float32).ravel()
    return GPUTexture((side, side, side), format="RGBA16F", data=Buffer("FLOAT", flat.size, flat))
