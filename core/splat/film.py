"""From splats blended in display space to a film in linear light: backgrounds, shutters and averages of shots.

Splats are trained and blended as display (sRGB) values; renderers of films keep scene-linear light, multiplied with
alpha. A film developed here and shown through the sRGB display transform alone is the picture that was blended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..arrays import check
from ..errors import SettingError
from .light import linear_light

FAR = 1e10
"""Metres in a depth pass where nothing is seen, as Blender's own engines write it."""
MOST_INSTANTS = 64
POSITIONS: dict[str, float] = {"START": 0.0, "CENTER": -0.5, "END": -1.0}
"""Where the shutter opens, in lengths of its opening, against the frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One instant, rows in any order, the same throughout.

    color: float32 [H, W, 3], display values multiplied with alpha; alpha: float32 [H, W], 0..1;
    depth, median: float32 [H, W], metres along the camera's axis, mean and middle of what is seen; inf for nothing;
    index: float32 [H, W], the pass index of the object seen at the median, 0 for none.
    """

    color: np.ndarray
    alpha: np.ndarray
    depth: np.ndarray
    median: np.ndarray
    index: np.ndarray

    def __post_init__(self) -> None:
        check("Shot.color", self.color, ("H", "W", 3))
        for name in ("alpha", "depth", "median", "index"):
            check(f"Shot.{name}", getattr(self, name), self.color.shape[:2])


@dataclass(frozen=True, slots=True)
class Instant:
    """offset: frames from the frame that is rendered; weight: share of the light, all sum to 1."""

    offset: float
    weight: float


def instants(
    length: float, position: str, count: int, opening: Callable[[float], float] | None = None
) -> tuple[Instant, ...]:
    """When the shutter of a frame lets light in.

    length: frames it stays open; position: of POSITIONS; count: instants, 1..MOST_INSTANTS, each in the middle of its
    share of the time; opening: how far it is open (0..1) at a share (0..1) of its time, wholly if not given.
    """
    if position not in POSITIONS:
        raise SettingError(f"A shutter opens at one of {', '.join(POSITIONS)}, but {position!r} was asked for.")
    if not 1 <= count <= MOST_INSTANTS:
        raise SettingError(f"Motion blur needs 1 to {MOST_INSTANTS} steps, but {count} were asked for.")
    shares = (np.arange(count) + 0.5) / count
    weights = np.array([max(opening(share), 0.0) for share in shares]) if opening else np.ones(count)
    if not weights.sum() > 0:
        weights = np.ones(count)  # a shutter that never opens would be a black film
    offsets = length * (POSITIONS[position] + shares)
    return tuple(
        Instant(float(offset), float(weight)) for offset, weight in zip(offsets, weights / weights.sum(), strict=True)
    )


def encoded(linear: np.ndarray) -> np.ndarray:
    """Linear light as display (sRGB) values, without bounds: what is brighter than white stays so."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)


def developed(shot: Shot, background: np.ndarray | None) -> np.ndarray:
    """A shot in scene-linear light, float32 [H, W, 4], multiplied with alpha.

    background: linear [3]; the shot is blended before it in display space, as splats are, and covers all. None: the
    film stays clear, and what is half covered keeps the colour it has.
    """
    alpha = shot.alpha[..., None]
    if background is not None:
        light = linear_light(shot.color + (1 - alpha) * encoded(np.asarray(background, np.float32)))
        return np.concatenate([light, np.ones_like(alpha)], axis=2).astype(np.float32)
    own = shot.color / np.maximum(alpha, 1e-6)
    return np.concatenate([linear_light(own) * alpha, alpha], axis=2).astype(np.float32)


def turned(film: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """A film [H, W, 4] with its light turned into other primaries. matrix: [3, 3], from linear Rec.709."""
    if np.array_equal(matrix, np.eye(3)):
        return film
    return np.concatenate([film[..., :3] @ matrix.T.astype(np.float32), film[..., 3:]], axis=2)


class Exposure:
    """Shots summed up in linear light; depths come from the shot nearest to the frame's own time."""

    def __init__(self, background: np.ndarray | None) -> None:
        """background: as in developed()."""
        self._background = background
        self._film: np.ndarray | None = None
        self._nearest = np.inf
        self.depths: Shot | None = None
        self.alpha: np.ndarray | None = None

    def add(self, shot: Shot, instant: Instant) -> None:
        """Let a shot's light fall on the film."""
        light, alpha = instant.weight * developed(shot, self._background), np.float32(instant.weight) * shot.alpha
        self._film = light if self._film is None else self._film + light
        self.alpha = alpha if self.alpha is None else self.alpha + alpha
        if abs(instant.offset) < self._nearest:
            self._nearest, self.depths = abs(instant.offset), shot

    @property
    def film(self) -> np.ndarray:
        """Scene-linear light [H, W, 4], multiplied with alpha. Raises: SettingError if nothing was shot."""
        if self._film is None:
            raise SettingError("Nothing was rendered: no instant of the frame was drawn.")
        return self._film


def far(depth: np.ndarray) -> np.ndarray:
    """A depth as it is written to a file: FAR instead of infinity; float32."""
    return np.where(np.isfinite(depth), depth, FAR).astype(np.float32)
