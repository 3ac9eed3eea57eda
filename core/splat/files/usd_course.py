"""Splats that move, as one USD stage with a time sample for each frame.

What stays the same from frame to frame (opacities and colours of most heads) is written once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..types import SplatError, Splats
from .usd import attributes_of, created, export, new_stage, set_degree


@dataclass(slots=True)
class _Track:
    """An attribute over time: its last value and frame, and whether it has changed yet."""

    attribute: Any
    value: Any
    frame: int
    moves: bool = False

    def put(self, value: Any, frame: int) -> None:
        """Take the value of the next frame; samples are written from the first change on."""
        if not self.moves and value == self.value:
            self.frame = frame
            return
        if not self.moves:
            # Readers go straight from sample to sample: the last frame of rest must be one.
            self.attribute.Set(self.value, self.frame)
            self.moves = True
        self.attribute.Set(value, frame)


def write_usd_course(path: Path, frames: Iterable[Splats], fps: float, start: int, ending: str) -> int:
    """Write frames from one numbered start on, and return how many; the same count of splats in each.

    ending: .usda for text, .usdc or .usd for binary. All samples stay in memory until the file is written.
    Raises SplatError for no frames or another count of splats, Fault where Pixar's library cannot write.
    """
    stage, prim = new_stage(ending)
    tracks: dict[str, _Track] = {}
    number, shape = start, None
    for number, splats in enumerate(frames, start):
        if shape not in (None, splats.sh.shape):
            raise SplatError(f"Frame {number} has other splats than frame {start}; write a PLY or SPZ for each frame.")
        shape = splats.sh.shape
        _put(tracks, prim, splats, number, start)
    if shape is None:
        raise SplatError("There are no frames of splats to write; choose a longer range.")
    layer = stage.GetRootLayer()
    set_degree(prim, int(np.sqrt(shape[1])) - 1)
    layer.startTimeCode, layer.endTimeCode = start, number
    layer.timeCodesPerSecond = layer.framesPerSecond = fps
    export(stage, path, ending)
    return number - start + 1


def _put(tracks: dict[str, _Track], prim: Any, splats: Splats, number: int, start: int) -> None:
    for name, value in attributes_of(splats).items():
        if number == start:
            tracks[name] = _Track(created(prim, name), value, number)
            tracks[name].attribute.Set(value)
        else:
            tracks[name].put(value, number)
