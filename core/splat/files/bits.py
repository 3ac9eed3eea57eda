"""What packed formats share: unit quaternions without their largest part, and opacity in a byte."""

from __future__ import annotations

import numpy as np

# For each place of the largest part, the other three in order.
OTHERS = np.array([(1, 2, 3), (0, 2, 3), (0, 1, 3), (0, 1, 2)])


def without_largest(quats: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The three smaller parts [n, 3] of unit quaternions [n, 4], and where the largest, taken positive, stood [n]."""
    rows = np.arange(len(quats))
    largest = np.abs(quats).argmax(1)
    signs = np.where(quats[rows, largest] < 0, -1, 1)[:, None].astype(quats.dtype)
    return np.take_along_axis(quats * signs, OTHERS[largest], 1), largest


def largest_first(three: np.ndarray, largest: np.ndarray) -> np.ndarray:
    """Quaternions [n, 4] from three parts [n, 3] and the place 0 to 3 [n] of the largest, which completes them."""
    quats = np.empty((len(three), 4), three.dtype)
    np.put_along_axis(quats, OTHERS[largest], three, 1)
    rest = np.sqrt(np.maximum(0, 1 - np.einsum("ij,ij->i", three, three)))
    quats[np.arange(len(three)), largest] = rest
    return quats


def opacity_bytes(logits: np.ndarray) -> np.ndarray:
    """Opacity 0 to 255, uint8 [n], of logits."""
    return np.round(255 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.uint8)


def byte_logits(opacities: np.ndarray) -> np.ndarray:
    """Logits float32 [n] of opacities 0 to 255; those of 0 and 255 stand for half a step inside.

    Their logits would be infinite, which is what a byte says and nobody means.
    """
    inside = np.clip(opacities.astype(np.float32), 0.25, 254.75) / np.float32(255)
    return np.log(inside) - np.log1p(-inside)
