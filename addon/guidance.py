"""What the panel's sliders ask for, as the plain values that core takes."""

from __future__ import annotations

from dataclasses import replace

import bpy
import numpy as np

from ..core.guidance import ENGLISH, Guidance
from ..core.speech.direction import PARAMETERS, SWITCHES, Direction, direct
from ..core.speech.emotion import EMOTIONS, EmotionTrack
from ..core.speech.script import Script
from ..core.speech.wishes import KEYABLE, STEADY, WishCurve, WishTrack
from .bridge.family import family_of, head_of_family
from .bridge.sliders import Sliders, sampled

EMOTION_PATH = "mouthpiece.emotion."
FEELING = "mouthpiece_feeling"
"""What objects keep the emotion and the style of the character under that they are the root of."""
FEELS, SPEAKS = "use", "use_style"
"""Which of the two are the character's own."""
SLIDERS = (*EMOTIONS, "balance")
INTENSITY = "intensity"

Ways = tuple[dict[str, float], WishTrack]
"""Wishes that hold throughout, and those that change."""


def guidance_of(scene: bpy.types.Scene, start: int, chosen: bpy.types.Object | None = None) -> Guidance:
    """What is asked of a performance that begins at a frame. Raises: SettingError for values that cannot be.

    chosen: any object of the character; what its root feels, and how it speaks, goes before what the scene says.
    """
    settings = scene.mouthpiece
    names = [item.name for item in (*PARAMETERS, *SWITCHES)]
    feeling, speaking = own_root(chosen, FEELS), own_root(chosen, SPEAKS)
    own, wishes = ways_of(speaking, scene, start) if speaking else ({}, STEADY)
    return Guidance(
        emotion=feeling_of(feeling, scene, start) if feeling else emotion_of(scene, start),
        as_heard=settings.emotion.as_heard and feeling is None,
        direction=direct({name: _plain(getattr(settings.direction, name)) for name in names} | own),
        script=_script_of(settings.script),
        wishes=wishes,
    )


def own_root(chosen: bpy.types.Object | None, use: str) -> bpy.types.Object | None:
    """The root of a character that has an emotion (FEELS) or a style (SPEAKS) of its own, or None."""
    root = head_of_family(family_of(chosen)) if chosen else None
    # Under the bpy module the add-on need not be registered, and then there is none.
    feeling = getattr(root, FEELING, None)
    return root if feeling and getattr(feeling, use) else None


def felt(guidance: Guidance, scene: bpy.types.Scene, start: int, chosen: bpy.types.Object) -> Guidance:
    """The same guidance; where it asks for no emotion or leaves a wish as it is, with the character's own."""
    feeling, speaking = own_root(chosen, FEELS), own_root(chosen, SPEAKS)
    if feeling and guidance.emotion.is_neutral and not guidance.as_heard:
        guidance = replace(guidance, emotion=feeling_of(feeling, scene, start))
    if speaking is None:
        return guidance
    plain = Direction()
    free = [name for name in KEYABLE if getattr(guidance.direction, name) == getattr(plain, name)]
    own, wishes = ways_of(speaking, scene, start)
    return replace(
        guidance,
        direction=replace(guidance.direction, **{name: value for name, value in own.items() if name in free}),
        wishes=guidance.wishes.over(WishTrack(tuple(curve for curve in wishes.curves if curve.name in free))),
    )


def emotion_of(scene: bpy.types.Scene, start: int) -> EmotionTrack:
    """The emotion sliders over time: one mixture, or what keys and drivers make of them from the start frame on."""
    return _track(*sampled(Sliders(scene, EMOTION_PATH, SLIDERS), scene, start))


def feeling_of(root: bpy.types.Object, scene: bpy.types.Scene, start: int) -> EmotionTrack:
    """What a character feels over time, each emotion as strong as its intensity makes it."""
    times, rows = sampled(Sliders(root, f"{FEELING}.", (*SLIDERS, INTENSITY)), scene, start)
    rows[:, : len(EMOTIONS)] *= rows[:, [-1]]
    return _track(times, rows[:, :-1])


def ways_of(root: bpy.types.Object, scene: bpy.types.Scene, start: int) -> Ways:
    """How a character speaks: the wishes that hold throughout, and those that its keys and drivers change."""
    times, rows = sampled(Sliders(root, f"{FEELING}.", KEYABLE), scene, start)
    ranges = {parameter.name: (parameter.low, parameter.high) for parameter in PARAMETERS}
    columns = {name: np.clip(column, *ranges[name]) for name, column in zip(KEYABLE, rows.T, strict=True)}
    steady = {name: _plain(float(column[0])) for name, column in columns.items() if (column == column[0]).all()}
    seconds = times.astype(np.float32)
    moving = [name for name in columns if name not in steady]
    return steady, WishTrack(tuple(WishCurve(name, seconds, columns[name].astype(np.float32)) for name in moving))


def _script_of(settings: bpy.types.PropertyGroup) -> Script | None:
    words = settings.block.as_string() if settings.block else settings.text
    # Whether the language can be spoken is for the worker to find out: it may load a library for it.
    return Script(words.strip(), settings.language.strip() or ENGLISH) if words.strip() else None


def _track(times: np.ndarray, rows: np.ndarray) -> EmotionTrack:
    """times: seconds [K]; rows: [K, 7], columns SLIDERS. An F-curve may overshoot; a face cannot."""
    amounts, balance = np.clip(rows[:, :-1], 0, 1), np.clip(rows[:, -1:], -1, 1)
    left, right = amounts * np.minimum(1, 1 + balance), amounts * np.minimum(1, 1 - balance)
    return EmotionTrack(*(array.astype(np.float32) for array in (times, left, right)))


def _plain(value: float | bool) -> float | bool:
    """What was meant by a number that Blender keeps in single precision."""
    return value if isinstance(value, bool) else round(value, 6)
