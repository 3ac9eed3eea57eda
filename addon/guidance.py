"""What the panel's sliders ask for, as the plain values that core takes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import bpy
import numpy as np

from ..core.guidance import ENGLISH, Guidance
from ..core.speech.direction import PARAMETERS, SWITCHES, direct
from ..core.speech.emotion import EMOTIONS, EmotionTrack
from ..core.speech.script import Script
from .bridge.channels import curves_of, strips_of
from .bridge.family import family_of, head_of_family

EMOTION_PATH = "mouthpiece.emotion."
FEELING = "mouthpiece_feeling"
"""What objects keep the emotion of the character under that they are the root of."""
SLIDERS = (*EMOTIONS, "balance")
INTENSITY = "intensity"
MOST_HZ = 30.0
MOST_SAMPLES = 20_000


def guidance_of(scene: bpy.types.Scene, start: int, chosen: bpy.types.Object | None = None) -> Guidance:
    """What is asked of a performance that begins at a frame. Raises: SettingError for values that cannot be.

    chosen: any object of the character; what its root feels goes before what the scene says.
    """
    settings = scene.mouthpiece
    names = [item.name for item in (*PARAMETERS, *SWITCHES)]
    root = feeling_root(chosen)
    return Guidance(
        emotion=feeling_of(root, scene, start) if root else emotion_of(scene, start),
        as_heard=settings.emotion.as_heard and root is None,
        # Sliders hold single precision; six decimals are what was meant.
        direction=direct({name: _plain(getattr(settings.direction, name)) for name in names}),
        script=_script_of(settings.script),
    )


def feeling_root(chosen: bpy.types.Object | None) -> bpy.types.Object | None:
    """The root of a character that has an emotion of its own, or None."""
    root = head_of_family(family_of(chosen)) if chosen else None
    # Under the bpy module the add-on need not be registered, and then there is none.
    feeling = getattr(root, FEELING, None)
    return root if feeling and feeling.use else None


def felt(guidance: Guidance, scene: bpy.types.Scene, start: int, chosen: bpy.types.Object) -> Guidance:
    """The same guidance; where it asks for no emotion, with what the character itself feels."""
    root = feeling_root(chosen)
    if root is None or guidance.as_heard or not guidance.emotion.is_neutral:
        return guidance
    return replace(guidance, emotion=feeling_of(root, scene, start))


def emotion_of(scene: bpy.types.Scene, start: int) -> EmotionTrack:
    """The emotion sliders over time: one mixture, or what their keys make of them from the start frame on."""
    times, rows = _sampled(scene, scene.mouthpiece.emotion, EMOTION_PATH, SLIDERS, (scene, start))
    return _track(times, rows)


def feeling_of(root: bpy.types.Object, scene: bpy.types.Scene, start: int) -> EmotionTrack:
    """What a character feels over time, each emotion as strong as its intensity makes it."""
    names = (*SLIDERS, INTENSITY)
    times, rows = _sampled(root, getattr(root, FEELING), f"{FEELING}.", names, (scene, start))
    rows[:, : len(EMOTIONS)] *= rows[:, [-1]]
    return _track(times, rows[:, :-1])


def _sampled(
    owner: bpy.types.ID,
    sliders: bpy.types.PropertyGroup,
    path: str,
    names: tuple[str, ...],
    when: tuple[bpy.types.Scene, int],
) -> tuple[np.ndarray, np.ndarray]:
    """Seconds [K] and values [K, len(names)] of sliders that may have keys. when: the scene, the frame of second 0."""
    scene, start = when
    now = np.array([getattr(sliders, name) for name in names])
    curves = _curves(owner, path, names)
    if not curves:
        return np.zeros(1), now[None]
    last = max(scene.frame_end, *(curve.end for curve in curves.values()))
    fps = scene.render.fps / scene.render.fps_base
    step = max(1, math.ceil(fps / MOST_HZ), math.ceil((last - start) / MOST_SAMPLES))
    frames = np.arange(start, max(last, start) + step, step)
    rows = np.tile(now, (len(frames), 1))
    for name, curve in curves.items():
        rows[:, names.index(name)] = [curve.at(frame) for frame in frames]
    kept = _needed(rows)
    return (frames[kept] - start) / fps, rows[kept]


def _script_of(settings: bpy.types.PropertyGroup) -> Script | None:
    words = settings.block.as_string() if settings.block else settings.text
    # Whether the language can be spoken is for the worker to find out: it may load a library for it.
    return Script(words.strip(), settings.language.strip() or ENGLISH) if words.strip() else None


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


def _curves(owner: bpy.types.ID, path: str, names: tuple[str, ...]) -> dict[str, _Played]:
    """The F-curve of each slider that has keys, in the action or else in the topmost strip that plays."""
    animation = owner.animation_data
    if animation is None:
        return {}
    found: dict[str, _Played] = {}
    for track, strip in strips_of(owner):
        if not (track.mute or strip.mute or not animation.use_nla):
            when = (strip.frame_start, strip.action_frame_start, strip.action_frame_end, strip.scale)
            curves = curves_of(strip.action, strip.action_slot)
            found |= {curve.data_path: _Played(curve, *when) for curve in curves if not curve.mute}
    curves = curves_of(animation.action, animation.action_slot)
    found |= {curve.data_path: _Played(curve) for curve in curves if not curve.mute}
    return {name: found[path + name] for name in names if path + name in found}


def _needed(rows: np.ndarray) -> np.ndarray:
    """Which rows [K, 7] differ from the one before or the one after; the others say nothing new."""
    changes = (np.diff(rows, axis=0) != 0).any(axis=1)
    needed = np.zeros(len(rows), bool)
    needed[0] = True
    needed[1:] |= changes
    needed[:-1] |= changes
    return needed


def _track(times: np.ndarray, rows: np.ndarray) -> EmotionTrack:
    """times: seconds [K]; rows: [K, 7], columns SLIDERS. An F-curve may overshoot; a face cannot."""
    amounts, balance = np.clip(rows[:, :-1], 0, 1), np.clip(rows[:, -1:], -1, 1)
    left, right = amounts * np.minimum(1, 1 + balance), amounts * np.minimum(1, 1 - balance)
    return EmotionTrack(*(array.astype(np.float32) for array in (times, left, right)))


def _plain(value: float | bool) -> float | bool:
    return value if isinstance(value, bool) else round(value, 6)
