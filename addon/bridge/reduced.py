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
                channels = [layer.channels[place] for place in places]
                name = b"".join(np.append(channel.values, channel.unit).tobytes() for channel in channels)
                if name not in self._done:
                    yield from self._work_out(channels, name)
                for place, curve in zip(places, self._done[name], strict=True):
                    layer.channels[place] = replace(layer.channels[place], keyed=curve)
            yield

    def _work_out(self, channels: list[Channel], name: bytes) -> Iterator[None]:
        """The keys of all channels of one property; they share their frames, as Blender's own keying has it."""
        kept = self._closures(channels[0])
        found = []
        for channel in channels:
            found.append(self._keyed(channel, kept))
            yield
        if len(channels) > 1:
            kept = np.zeros(len(channels[0].values), bool)
            kept[np.concatenate([curve.frames for curve in found])] = True
            found = []
            for channel in channels:
                found.append(self._keyed(channel, kept))
                yield
        self._done[name] = tuple(found)

    def _keyed(self, channel: Channel, kept: np.ndarray | None) -> KeyedCurve:
        values = np.ascontiguousarray(channel.values, np.float32)
        return reduce_keys(values, self._error * channel.unit, kept=kept).curves[0]

    def _closures(self, channel: Channel) -> np.ndarray | None:
        """At which frames the lips close for this channel, bool [T]."""
        columns = [self._columns[name] for name in channel.sources if name in self._columns]
        if self._kept is None or not columns or len(self._kept) != len(channel.values):
            return None
        return self._kept[:, columns].any(axis=1)


def tally(layers: list[Layer]) -> tuple[int, int]:
    """How many keys the layers have, and how many they would have with one on each frame; rest is not counted."""
    channels = [channel for layer in layers if layer.part != REST for channel in layer.channels]
    had = sum(len(channel.values) for channel in channels)
    return sum(len(channel.keyed.frames) if channel.keyed else len(channel.values) for channel in channels), had
