"""Sliders of a datablock over time: what their keys and drivers make of them while a recording plays.

Keys are read from their F-curves, which costs nothing however heavy the scene. What a driver makes of a slider only
Blender itself can tell, so then frames are played: a character's in a scene of its own that holds its root object alone
and is gone afterwards, so that the user's frame, unkeyed poses and selection stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import bpy
import numpy as np

from .channels import curves_of, strips_of

MOST_HZ = 30.0
MOST_SAMPLES = 20_000
DRIVEN_S = 60.0
"""How long drivers are read at least, for they may move beyond the end of the scene and nothing tells how far."""


@dataclass(frozen=True, slots=True)
class Sliders:
    """Some numbers in a property group of a datablock. path: of the group, with its dot."""

    owner: bpy.types.ID
    path: str
    names: tuple[str, ...]

    def now(self, owner: bpy.types.ID | None = None) -> np.ndarray:
        """What they hold, [len(names)], on the datablock or on what Blender made of it."""
        group = (owner or self.owner).path_resolve(self.path.rstrip("."))
        return np.array([getattr(group, name) for name in self.names])


def sampled(sliders: Sliders, scene: bpy.types.Scene, start: int) -> tuple[np.ndarray, np.ndarray]:
    """Seconds [K] from frame start on, and values [K, len(names)] of sliders that may have keys or drivers.

    One row where none has. Else the rows that say something new, at most MOST_HZ a second and until the last key, the
    end of the scene, and with drivers DRIVEN_S.
    """
    curves, driven = _curves(sliders), _driven(sliders)
    if not (curves or driven):
        return np.zeros(1), sliders.now()[None]
    fps = scene.render.fps / scene.render.fps_base
    ends = [curve.end for curve in curves.values()] + ([start + DRIVEN_S * fps] if driven else [])
    last = max(scene.frame_end, *ends)
    step = max(1, math.ceil(fps / MOST_HZ), math.ceil((last - start) / MOST_SAMPLES))
    frames = np.arange(start, math.ceil(max(last, start)) + step, step)
    rows = _played(sliders, scene, frames) if driven else np.tile(sliders.now(), (len(frames), 1))
    for name, curve in curves.items():
        if name not in driven:
            rows[:, sliders.names.index(name)] = [curve.at(frame) for frame in frames]
    kept = _needed(rows)
    return (frames[kept] - start) / fps, rows[kept]


@dataclass(frozen=True, slots=True)
class _Played:
    """An F-curve as the scene plays it: frame start shows the action's frame first, until the action's frame last."""

    curve: bpy.types.FCurve
    start: float = 0.0
    first: float = 0.0
    last: float = math.inf
    scale: float = 1.0

    def at(self, frame: float) -> float:
        """The value at a scene frame; in a strip it holds before and after."""
        own = self.first + (frame - self.start) / self.scale
        return self.curve.evaluate(own if math.isinf(self.last) else min(max(own, self.first), self.last))

    @property
    def end(self) -> int:
        """The scene frame after which nothing changes."""
        own = min(self.curve.range()[1], self.last)
        return math.ceil(self.start + (own - self.first) * self.scale)


def _curves(sliders: Sliders) -> dict[str, _Played]:
    """The F-curve of each slider that has keys, in the action or else in the topmost strip that plays."""
    animation = sliders.owner.animation_data
    if animation is None:
        return {}
    found: dict[str, _Played] = {}
    for track, strip in strips_of(sliders.owner):
        if not (track.mute or strip.mute or not animation.use_nla):
            when = (strip.frame_start, strip.action_frame_start, strip.action_frame_end, strip.scale)
            curves = curves_of(strip.action, strip.action_slot)
            found |= {curve.data_path: _Played(curve, *when) for curve in curves if not curve.mute}
    curves = curves_of(animation.action, animation.action_slot)
    found |= {curve.data_path: _Played(curve) for curve in curves if not curve.mute}
    return {name: found[sliders.path + name] for name in sliders.names if sliders.path + name in found}


def _driven(sliders: Sliders) -> set[str]:
    """The sliders that a driver moves."""
    animation = sliders.owner.animation_data
    paths = {driver.data_path for driver in animation.drivers if not driver.mute} if animation else set()
    return {name for name in sliders.names if sliders.path + name in paths}


def _played(sliders: Sliders, scene: bpy.types.Scene, frames: np.ndarray) -> np.ndarray:
    """What Blender makes of sliders at some frames, [len(frames), len(names)]."""
    rows = np.empty((len(frames), len(sliders.names)))
    with _stage(sliders.owner, scene) as stage:
        for row, frame in zip(rows, frames.tolist(), strict=True):
            stage.frame_set(frame)
            row[:] = sliders.now(sliders.owner.evaluated_get(stage.view_layers[0].depsgraph))
    return rows


@contextmanager
def _stage(owner: bpy.types.ID, scene: bpy.types.Scene) -> Iterator[bpy.types.Scene]:
    """A scene whose frames may be played: one with nothing but the object; for sliders of a scene that scene itself."""
    if owner == scene:
        frame, subframe = scene.frame_current, scene.frame_subframe
        try:
            yield scene
        finally:
            scene.frame_set(frame, subframe=subframe)
        return
    stage = bpy.data.scenes.new("Mouthpiece")
    try:
        stage.render.fps, stage.render.fps_base = scene.render.fps, scene.render.fps_base
        stage.collection.objects.link(owner)
        yield stage
    finally:
        bpy.data.scenes.remove(stage)


def _needed(rows: np.ndarray) -> np.ndarray:
    """Which rows [K, C] differ from the one before or the one after; the others say nothing new."""
    changes = (np.diff(rows, axis=0) != 0).any(axis=1)
    needed = np.zeros(len(rows), bool)
    needed[0] = True
    needed[1:] |= changes
    needed[:-1] |= changes
    return needed
