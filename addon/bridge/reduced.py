"""Fewer keys for channels, within an error told in shares of a control, a curve a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from ...core.layers.closures import LEAST_SWING, moves_lips
from ...core.layers.keyed import KeyedCurve
from ...core.layers.reduce import reduce_keys
from .channels import Channel
from .draft import Layer
from .mark import REST


class Reducer:
    """Turns the channels of a take into keys. Meshes that share a curve have it worked out once."""

    def __init__(
        self, closures: np.ndarray | None, error: float, lips: Callable[[Channel], bool] | None = None
    ) -> None:
        """closures: the frames that what moves the lips must keep, as core.layers.closures tells them, or None.

        error: how far off a channel may be, in controls. lips: which channels move the lips; those that follow a
        control which does, of whatever rig, if None.
        """
        self._error = error
        self._closures = closures
        self._lips = lips or follows_lips
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
        kept = self._kept(channels)
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

    def _kept(self, channels: list[Channel]) -> np.ndarray | None:
        """At which frames the lips close for the channels of one property, bool [T]."""
        lips = self._closures is not None and self._lips(channels[0]) and any(map(swings, channels))
        return marked(self._closures, len(channels[0].values)) if lips else None


def follows_lips(channel: Channel) -> bool:
    """Whether a channel follows a control that opens or closes the lips."""
    return any(map(moves_lips, channel.sources))


def swings(channel: Channel) -> bool:
    """Whether a channel moves enough to need keys of its own at closures."""
    return np.ptp(channel.values) > LEAST_SWING * channel.unit


def marked(frames: np.ndarray, count: int) -> np.ndarray:
    """Frames as marks, bool [count]; those beyond are passed over."""
    marks = np.zeros(count, bool)
    marks[frames[frames < count]] = True
    return marks


def tally(layers: list[Layer]) -> tuple[int, int]:
    """How many keys the layers have, and how many they would have with one on each frame; rest is not counted."""
    channels = [channel for layer in layers if layer.part != REST for channel in layer.channels]
    had = sum(len(channel.values) for channel in channels)
    return sum(len(channel.keyed.frames) if channel.keyed else len(channel.values) for channel in channels), had
