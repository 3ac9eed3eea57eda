"""Fewer keys for channels, within an error told in shares of a control, a curve a step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...core.layers.closures import kept_keys
from ...core.layers.keyed import KeyedCurve
from ...core.layers.reduce import reduce_keys
from ...core.types import RigCurves
from .channels import Channel
from .draft import Layer
from .mark import REST


class Reducer:
    """Turns the channels of a take into keys. Meshes that share a curve have it worked out once."""

    def __init__(self, curves: RigCurves | None, error: float) -> None:
        """curves: the controls that the channels follow, if known. error: how far off a channel may be, in controls."""
        self._error = error
        self._columns = {name: column for column, name in enumerate(curves.names)} if curves else {}
        self._kept = kept_keys(curves) if curves else None
        self._done: dict[bytes, tuple[KeyedCurve, ...]] = {}

    def steps(self, layers: list[Layer]) -> Iterator[None]:
        """Give each channel its keys, in place; those that keep a frame each stay as they are."""
        for layer in layers:
            paths: dict[str, list[int]] = {}
            for place, channel in enumerate(layer.channels):
                paths.setdefault(channel.path, []).append(place)
            for places in paths.values():
                keyed = self._keyed([layer.channels[place] for place in places])
                for place, curve in zip(places, keyed, strict=True):
                    layer.channels[place] = replace(layer.channels[place], keyed=curve)
                yield

    def _keyed(self, channels: list[Channel]) -> tuple[KeyedCurve, ...]:
        """The keys of all channels of one property; they share their frames, as Blender's own keying has it."""
        values = np.stack([channel.values for channel in channels], axis=1).astype(np.float32)
        name = values.tobytes()
        if name not in self._done:
            bound = self._error * min(channel.unit for channel in channels)
            kept = self._closures(channels[0], values.shape)
            found = reduce_keys(values, bound, kept=kept).curves
            if len(channels) > 1:
                frames = np.unique(np.concatenate([curve.frames for curve in found]))
                kept = np.zeros(values.shape, bool)
                kept[frames] = True
                found = reduce_keys(values, bound, kept=kept).curves
            self._done[name] = found
        return self._done[name]

    def _closures(self, channel: Channel, shape: tuple[int, ...]) -> np.ndarray | None:
        """Where the lips close for this channel, bool of a shape."""
        columns = [self._columns[name] for name in channel.sources if name in self._columns]
        if self._kept is None or not columns or len(self._kept) != shape[0]:
            return None
        return np.repeat(self._kept[:, columns].any(axis=1)[:, None], shape[1], axis=1)


def tally(layers: list[Layer]) -> tuple[int, int]:
    """How many keys the layers have, and how many they would have with one on each frame; rest is not counted."""
    channels = [channel for layer in layers if layer.part != REST for channel in layer.channels]
    had = sum(len(channel.values) for channel in channels)
    return sum(len(channel.keyed.frames) if channel.keyed else len(channel.values) for channel in channels), had
