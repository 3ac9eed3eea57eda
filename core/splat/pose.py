"""Pose a head of splats: the fast path a timeline and a viewport run, equal to core.splat.pose_twin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..quats import CONJUGATE, from_axes, matrices
from .deltas import COLUMNS
from .dials import Dials, Turns, Weights, dialled, turned_bones
from .head import SplatHead
from .pose_twin import MOST_GROWTH, NO_TURN
from .prepared import SHARED, Changes, Prepared, carried, frames, prepared, summed, taken, times
from .rotate_sh import turned_sh
from .types import Splats

Totals = dict[str, np.ndarray]
"""What correctives and clips add, float32 [numbers, M] by group; a group nobody touches is missing."""


def pose(
    head: SplatHead,
    weights: Weights,
    head_rotation: np.ndarray = NO_TURN,
    moments: Mapping[str, float] | None = None,
) -> Splats:
    """A head as splats, in the set's axes.

    weights: values of ARKit's shapes, [52], or of any of head.sliders by name.
    head_rotation: [3], radians, yaw, pitch, roll as in Performance.head.
    moments: seconds into each clip that plays, by its name.
    Raises SettingError for a slider or clip the head does not have, and for values that are no numbers.
    The same arguments give the same splats; nothing is kept but the layout of the last few heads. What did not move may
    share its memory with the head: read it, do not write into it.
    """
    dials, turns = dialled(head, weights, moments), turned_bones(head.bones, head_rotation)
    ready = prepared(head)
    groups = _groups(ready, dials)
    logits = head.logits.copy() if "logit" in groups else head.logits
    sh = head.sh.copy() if "color" in groups else head.sh
    deeds = Deeds(dials, _frames(ready, dials, groups), turns if np.any(head_rotation) else None)
    placed = _placed(ready, deeds, logits, sh)
    if sh.shape[1] > 1:
        turned = _unit(times(placed[1].T, ready.rest_quats * CONJUGATE[:, None])).T
        sh = turned_sh(sh, matrices(_put(turned, ready.order)))
    return Splats(*(_put(array, ready.order) for array in placed), logits, sh)


def _put(array: np.ndarray, order: np.ndarray | None) -> np.ndarray:
    """Rows [N, k] laid out for speed, in the head's own order."""
    if order is None:
        return array
    out = np.empty_like(array)
    out[order] = array
    return out


def _playing(ready: Prepared, dials: Dials) -> Iterator[tuple[np.ndarray, Changes]]:
    """Values that are not all 0, and what they dial."""
    rows = [(dials.correctives, ready.correctives), *((dials.clips[name], ready.clips[name]) for name in dials.clips)]
    return ((values, changes) for values, changes in rows if values.any())


def _groups(ready: Prepared, dials: Dials) -> set[str]:
    """The numbers that correctives and clips change."""
    return {group for _, changes in _playing(ready, dials) for group in changes.places}


def _totals(ready: Prepared, dials: Dials, number: int) -> Totals:
    """Everything that correctives and clips add to the splats of a block, counted from the first that moves."""
    out: Totals = {}
    for values, changes in _playing(ready, dials):
        total = summed(values, changes.values[number])
        width = sum(COLUMNS[group] for group in changes.places)
        rows = total.reshape(width, len(total) // width)
        for group, place in changes.places.items():
            out[group] = out[group] + rows[place] if group in out else rows[place]
    return out


@dataclass(frozen=True, slots=True)
class Frames:
    """Posed triangles: first corner, two edges [3, G] each, axes [9, G], the same as quats [4, G], growth [G]."""

    corner: np.ndarray
    first: np.ndarray
    second: np.ndarray
    axes: np.ndarray
    quats: np.ndarray
    growth: np.ndarray


@dataclass(frozen=True, slots=True)
class Deeds:
    """What is done to a head: its dials, posed triangles unless all rest, and turned bones unless they rest."""

    dials: Dials
    posed: Frames | None
    turns: Turns | None


def _frames(ready: Prepared, dials: Dials, groups: set[str]) -> Frames | None:
    """The triangles under the moving splats; None when nothing moves against its bones."""
    values = np.array([dials.shapes[name] for name in ready.shape_names], np.float32)
    shift = summed(values, ready.basis)
    if shift is None and not groups & {"offset", "turn", "log_scale"}:
        return None
    points = ready.base if shift is None else ready.base + shift
    corner, first, second, axes, area = frames(points.reshape(3, -1), ready.corners)
    growth = np.log(np.maximum(area, 1e-20) / np.maximum(ready.old_areas, 1e-20)) / 2
    turned = from_axes(axes[:3], axes[3:6], axes[6:])
    return Frames(corner, first, second, axes, turned, np.clip(growth, -MOST_GROWTH, MOST_GROWTH))


def _placed(
    ready: Prepared, deeds: Deeds, logits: np.ndarray, sh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means [N, 3], quats [N, 4] and log scales [N, 3] in the layout's order; changes logits and sh in the head's.

    In blocks, because memory that stays in the cache is several times as fast as memory that is asked for anew.
    """
    count, posed = ready.rest_means.shape[1], deeds.posed
    still = count if posed is None else ready.still
    means, quats, log_scales = (np.empty((count, width), np.float32) for width in (3, 4, 3))
    log_scales[:still] = ready.rest_log_scales[:still]
    bones = None if deeds.turns is None else _affines(ready, deeds.turns)
    for number, (block, bone) in enumerate(ready.blocks, -ready.calm):
        place, quat = ready.rest_means[:, block], ready.rest_quats[:, block]
        if number >= 0:
            change = _totals(ready, deeds.dials, number)
            _color(change, block if ready.order is None else ready.order[block], logits, sh)
            if posed is not None:
                own = slice(block.start - ready.still, block.stop - ready.still)
                place, quat, size = _deformed(ready, posed, change, own)
                _lay(log_scales[block], size)
        if bones is None:
            _lay(quats[block], quat)
        elif bone == SHARED:
            place, turned = _carried(bones, ready.weights[:, block], place, quat)
            _lay(quats[block], turned)
        else:
            rotation, shift = np.split(bones[0][:, bone].reshape(3, 4), [3], axis=1)
            place = rotation @ place + shift
            np.matmul(quat.T, _product(bones[1][:, bone]), out=quats[block])
        _lay(means[block], place + ready.center[:, None])
    return means, quats, log_scales


def _color(change: Totals, splats: slice | np.ndarray, logits: np.ndarray, sh: np.ndarray) -> None:
    """Add what changes of opacities and colours of some splats."""
    if "logit" in change:
        logits[splats] += change["logit"][0]
    for channel, row in enumerate(change.get("color", ())):
        sh[splats, 0, channel] += row


def _lay(out: np.ndarray, rows: np.ndarray) -> None:
    """Write rows [k, b] as columns into out [b, k]; one at a time, which NumPy does sooner than a transpose."""
    for column, row in zip(out.T, rows, strict=True):
        column[...] = row


def _product(quat: np.ndarray) -> np.ndarray:
    """The matrix [4, 4] that multiplies rows of quaternions by one that is applied after them."""
    w, x, y, z = quat
    return np.array([[w, x, y, z], [-x, w, z, -y], [-y, -z, w, x], [-z, y, -x, w]], np.float32)


def _deformed(ready: Prepared, posed: Frames, change: Totals, own: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means [3, b] about the center, quats [4, b] and log scales [3, b] of some moving splats before any bone turns."""
    of = ready.owners[own]
    u, v = ready.places[:, own]
    place = taken(posed.corner, of) + u * taken(posed.first, of) + v * taken(posed.second, of)
    offset = ready.offsets[:, own]
    if "offset" in change:
        offset = offset + change["offset"]
    if offset.any():
        place += carried(taken(posed.axes, of), offset)
    local, size = ready.quats[:, own], ready.log_scales[:, own] + posed.growth[of]
    if "turn" in change:
        x, y, z = change["turn"] / 2
        local = _unit(times(local, np.stack([np.ones_like(x), x, y, z])))
    if "log_scale" in change:
        size += change["log_scale"]
    return place, times(taken(posed.quats, of), local), size


def _affines(ready: Prepared, turns: Turns) -> tuple[np.ndarray, np.ndarray]:
    """Each bone's rotation and translation about the center, float32 [12, B], and its quaternion [4, B]."""
    affines = turns.affines.copy()
    affines[:, :, 3] += affines[:, :, :3] @ ready.center - ready.center
    return affines.reshape(len(affines), 12).T.astype(np.float32), turns.quats.T.astype(np.float32)


def _carried(
    bones: tuple[np.ndarray, np.ndarray], weights: np.ndarray, means: np.ndarray, quats: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Means [3, b] and quats [4, b] carried by bones as weights [B, b] say."""
    mixed = bones[0] @ weights  # [12, b]
    x, y, z = means
    moved = np.stack([mixed[r] * x + mixed[r + 1] * y + mixed[r + 2] * z + mixed[r + 3] for r in (0, 4, 8)])
    return moved, _unit(times(bones[1] @ weights, quats))


def _unit(quats: np.ndarray) -> np.ndarray:
    """Quaternions [4, b] at length 1."""
    return quats / np.maximum(np.sqrt((quats * quats).sum(0)), 1e-12)
