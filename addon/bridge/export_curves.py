"""The performance that a character has now, for files that hold curves alone."""

from __future__ import annotations

from dataclasses import replace

import bpy
import numpy as np

from ...core.errors import RigError
from ...core.rig.arkit import ARKIT_52
from ...core.types import Performance, RigCurves
from .character import Character
from .export_motion import SLACK_FRAMES, Span
from .headpose import IDENTITY, HeadFrame, head_angles, rotation_property
from .mark import MARK
from .takes import TakeInfo, read_take


def taken(character: Character, take: TakeInfo, span: Span) -> Performance:
    """The curves of one take, edits and all, at the moments of a span; outside the take its ends go on.

    Raises: RigError when none of its curves is left.
    """
    performance = read_take(character, take, span.scene_fps)
    last = len(performance.head) - 1
    places = span.first - take.start + np.arange(span.rows) * (span.scene_fps / span.fps)
    places = np.clip(places, 0, last)
    curves = RigCurves(performance.curves.names, _between(performance.curves.values, places), span.fps)
    return replace(performance, curves=curves, head=_between(performance.head, places), phones=None)


def seen(character: Character, take: TakeInfo | None, span: Span, context: bpy.types.Context) -> Performance:
    """What the face shows at the moments of a span, all takes, layers, drivers and other animation together.

    take: tells how the head's rotation is read; None leaves the head at rest.

    Raises: RigError for a character without shape keys of ARKit's names.
    """
    blocks = _blocks(character)
    if not blocks:
        raise RigError(f"{character.name} has no shape keys of ARKit's names to read; export the take instead.")
    values = np.zeros((span.rows, len(ARKIT_52)), np.float32)
    turner = _Turner(take)
    scene, before = context.scene, (context.scene.frame_current, context.scene.frame_subframe)
    try:
        for row, (frame, part) in enumerate(span.frames()):
            scene.frame_set(frame, subframe=part)
            depsgraph = context.evaluated_depsgraph_get()
            for column, (key, name) in blocks.items():
                values[row, column] = key.evaluated_get(depsgraph).key_blocks[name].value
            turner.read(depsgraph)
    finally:
        scene.frame_set(before[0], subframe=before[1])
    return Performance(RigCurves(ARKIT_52, values, span.fps), turner.angles(span.rows))


def _blocks(character: Character) -> dict[int, tuple[bpy.types.Key, str]]:
    """Where each ARKit shape, by its column, is read."""
    found = {}
    for part in character.parts:
        for arkit, names in part.match.matched.items():
            found.setdefault(ARKIT_52.index(arkit), (part.key, names[0]))
    return found


class _Turner:
    """Reads the rotation that a take keys, and turns it back into yaw, pitch and roll."""

    def __init__(self, take: TakeInfo | None) -> None:
        self._mark = take.action[MARK] if take else {}
        self._owner = bpy.data.objects.get(self._mark.get("head_owner", ""))
        self._bone = self._mark.get("head_bone", "")
        if self._owner and self._bone and self._bone not in self._owner.pose.bones:
            self._owner = None
        self._rows: list[tuple[float, ...]] = []

    def read(self, depsgraph: bpy.types.Depsgraph) -> None:
        """Note how it stands now."""
        if self._owner:
            owner = self._owner.evaluated_get(depsgraph)
            posed = owner.pose.bones[self._bone] if self._bone else owner
            self._rows.append(tuple(getattr(posed, rotation_property(posed))))

    def angles(self, rows: int) -> np.ndarray:
        """What was noted, float32 [T, 3]; zero where nothing was."""
        if not self._rows:
            return np.zeros((rows, 3), np.float32)
        posed = self._owner.pose.bones[self._bone] if self._bone else self._owner
        frame = HeadFrame(tuple(self._mark.get("head_turn", IDENTITY)), tuple(self._mark.get("head_base", IDENTITY)))
        return head_angles(np.array(self._rows), frame, posed.rotation_mode)


def _between(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Rows float32 [T, N] at places between them, float32 [P, N]; what lies on a row is that row."""
    left = np.minimum((places + SLACK_FRAMES).astype(np.int64), len(rows) - 1)
    part = np.clip(places - left, 0, 1)[:, None]
    part = np.where(part < SLACK_FRAMES, 0, part).astype(np.float32)
    right = np.minimum(left + 1, len(rows) - 1)
    return rows[left] * (1 - part) + rows[right] * part
