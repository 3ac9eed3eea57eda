"""The phones of a take as markers in the timeline: one where each begins, dragged and renamed like any other."""

from __future__ import annotations

import math

import bpy

from ...core.errors import RigError
from ...core.layers.again import EASE_S
from ...core.speech.phones import NUMBERS, SILENCE, Phone, PhoneError, PhoneTrack
from .mark import MARK, phones_of
from .takes import TakeInfo

SHOWN = "markers"
"""Where an action keeps which markers were there before its phones were shown."""
LONGEST_NAME = 3
"""No phone's symbol has more letters; a longer name is none of ours."""
SAME_S = 1e-4


def show_phones(scene: bpy.types.Scene, take: TakeInfo) -> None:
    """Mark where each phone begins. Raises: RigError for a take that does not know what it says."""
    track = _track(take)
    take.action[MARK][SHOWN] = "\n".join(_label(marker) for marker in scene.timeline_markers)
    for start_s, symbol in _beginnings(track):
        scene.timeline_markers.new(symbol, frame=_frame(scene, take, start_s))


def clear_phones(scene: bpy.types.Scene, take: TakeInfo) -> bool:
    """Take the markers of a take away. Returns: False when none were shown."""
    if SHOWN not in take.action[MARK]:
        return False
    for marker in _markers(scene, take):
        scene.timeline_markers.remove(marker)
    del take.action[MARK][SHOWN]
    return True


def are_shown(take: TakeInfo) -> bool:
    """Whether the phones of a take stand in the timeline."""
    return SHOWN in take.action[MARK]


def phones_of_markers(scene: bpy.types.Scene, take: TakeInfo) -> PhoneTrack:
    """What the markers say. A phone that was not moved keeps its time to the last digit, though markers know frames.

    Raises: RigError when none are shown, PhoneError for a name that is no phone or two phones on one frame.
    """
    track = _track(take)
    if not are_shown(take):
        raise RigError("The phones of this take are not shown; press Show Phones and edit the markers first.")
    known: dict[tuple[str, int], list[float]] = {}
    for start_s, symbol in _beginnings(track):
        known.setdefault((symbol, _frame(scene, take, start_s)), []).append(start_s)
    starts: list[tuple[float, str]] = []
    for marker in _markers(scene, take):
        symbol = _symbol(marker)
        times = known.get((symbol, marker.frame))
        starts.append((times.pop(0) if times else _second(scene, take, marker.frame), symbol))
    starts.sort(key=lambda start: start[0])
    ends = [*(start_s for start_s, _ in starts[1:]), track.duration_s]
    phones = []
    for (start_s, symbol), end_s in zip(starts, ends, strict=True):
        if end_s - start_s < SAME_S:
            frame = _frame(scene, take, start_s)
            raise PhoneError(f"Two phones begin on frame {frame}; move or remove one of their markers.")
        phones.append(Phone(symbol, start_s, end_s))
    return PhoneTrack(tuple(phones), track.duration_s)


def edited_frames(scene: bpy.types.Scene, take: TakeInfo) -> tuple[int, int]:
    """First and last frame that an edit of the markers reaches, what leads over included.

    Raises: RigError when nothing was edited, and as phones_of_markers().
    """
    old, new = _spans(_track(take)), _spans(phones_of_markers(scene, take))
    changed = old ^ new
    if not changed:
        raise RigError("The markers say what the mouth says already; move, rename, add or remove one first.")
    first_s, last_s = min(span[1] for span in changed) - EASE_S, max(span[2] for span in changed) + EASE_S
    fps = _rate(scene)
    return max(take.start, take.start + math.floor(first_s * fps)), min(take.end, take.start + math.ceil(last_s * fps))


def _spans(track: PhoneTrack) -> set[tuple[str, float, float]]:
    """The phones with their times, silence where none is; rounded, so that they can be compared."""
    starts = _beginnings(track)
    ends = [*(start_s for start_s, _ in starts[1:]), track.duration_s]
    return {(symbol, round(start, 4), round(end, 4)) for (start, symbol), end in zip(starts, ends, strict=True)}


def _beginnings(track: PhoneTrack) -> list[tuple[float, str]]:
    """Where each phone begins, and each silence that no phone covers."""
    found: list[tuple[float, str]] = []
    end_s = 0.0
    for phone in track.phones:
        if phone.start_s - end_s > SAME_S:
            found.append((end_s, SILENCE))
        found.append((phone.start_s, phone.symbol))
        end_s = phone.end_s
    if track.duration_s - end_s > SAME_S:
        found.append((end_s, SILENCE))
    return found


def _markers(scene: bpy.types.Scene, take: TakeInfo) -> list[bpy.types.TimelineMarker]:
    """The markers within the take that phones were shown with, renamed ones too."""
    others = set(str(take.action[MARK][SHOWN]).split("\n"))
    return [
        marker
        for marker in scene.timeline_markers
        if take.start <= marker.frame <= take.end
        and marker.camera is None
        and _label(marker) not in others
        and len(marker.name) <= LONGEST_NAME
    ]


def _label(marker: bpy.types.TimelineMarker) -> str:
    return f"{marker.frame} {marker.name}"


def _symbol(marker: bpy.types.TimelineMarker) -> str:
    """The phone a marker names, in whatever case."""
    spelling = {symbol.lower(): symbol for symbol in NUMBERS}
    symbol = spelling.get(marker.name.strip().lower())
    if symbol is None:
        raise PhoneError(
            f'The marker "{marker.name}" on frame {marker.frame} names no phone; use one of {", ".join(NUMBERS)}.'
        )
    return symbol


def _track(take: TakeInfo) -> PhoneTrack:
    track = phones_of(take.action)
    if track is None:
        raise RigError(f"{take.action.name} does not tell which phones it says; animate it anew.")
    return track


def _rate(scene: bpy.types.Scene) -> float:
    return scene.render.fps / scene.render.fps_base


def _frame(scene: bpy.types.Scene, take: TakeInfo, second: float) -> int:
    return min(take.start + round(second * _rate(scene)), take.end)


def _second(scene: bpy.types.Scene, take: TakeInfo, frame: int) -> float:
    return (frame - take.start) / _rate(scene)
