"""Pose a head of splats: the fast path a timeline and a viewport run, equal to core.splat.pose_twin."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .deltas import COLUMNS
from .dials import Dials, Turns, Weights, dialled, turned_bones
from .head import SplatHead
from .pose_twin import MOST_GROWTH, NO_TURN
from .prepared import Prepared, carried, frames, prepared, summed, times
from .quats import CONJUGATE, from_axes, matrices
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
    dials = dialled(head, weights, moments)
    ready = prepared(head)
    totals = _totals(ready, dials)
    means, quats, log_scales = _deformed(ready, dials, totals)
    turns = turned_bones(head.bones, head_rotation)
    if np.any(head_rotation):
        means, quats = _turned(ready, turns, means, quats)
    logits, sh = head.logits, head.sh
    if "logit" in totals:
        logits = logits.copy()
        logits[ready.moving] += totals["logit"][0]
    if sh.shape[1] > 1:
        before = np.ascontiguousarray((ready.rest_quats * CONJUGATE[:, None]).astype(np.float32))
        sh = turned_sh(sh, matrices(_unit(times(quats, before)).T))
    if "color" in totals:
        sh = sh.copy()
        sh[ready.moving, 0] += totals["color"].T
    means = np.ascontiguousarray((means + ready.center[:, None]).T)
    return Splats(means, np.ascontiguousarray(quats.T), log_scales, logits, sh)


def _totals(ready: Prepared, dials: Dials) -> Totals:
    """Everything that correctives and clips add."""
    out: Totals = {}
    count = len(ready.owners)
    for values, changes in (
        (dials.correctives, ready.correctives),
        *((values, ready.clips[name]) for name, values in dials.clips.items()),
    ):
        total = summed(values, changes.values)
        if total is None:
            continue
        for group, place in changes.places.items():
            rows = total[place.start * count : place.stop * count].reshape(COLUMNS[group], count)
            out[group] = out[group] + rows if group in out else rows
    return out


def _deformed(ready: Prepared, dials: Dials, totals: Totals) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means [3, N] about the center, quats [4, N] and log scales [N, 3] before any bone turns."""
    values = np.array([dials.shapes[name] for name in ready.shape_names], np.float32)
    shift = summed(values, ready.basis)
    if shift is None and not totals.keys() & {"offset", "turn", "log_scale"}:
        return ready.rest_means, ready.rest_quats, ready.rest_log_scales
    points = ready.base if shift is None else ready.base + shift
    a, first, second, axes, area = frames(points.reshape(3, -1), ready.corners)
    of = ready.owners
    offsets = ready.offsets + totals["offset"] if "offset" in totals else ready.offsets
    means, quats, log_scales = ready.rest_means.copy(), ready.rest_quats.copy(), ready.rest_log_scales.copy()
    u, v = ready.places
    places = a[:, of] + u * first[:, of] + v * second[:, of]
    if offsets.any():
        places += carried(axes[:, of], offsets)
    means[:, ready.moving] = places
    turned = from_axes(axes[:3], axes[3:6], axes[6:])[:, of]
    quats[:, ready.moving] = _unit(times(turned, _local(ready, totals)))
    growth = np.log(np.maximum(area, 1e-20) / np.maximum(ready.old_areas, 1e-20)) / 2
    sizes = ready.log_scales + np.clip(growth, -MOST_GROWTH, MOST_GROWTH)[of]
    if "log_scale" in totals:
        sizes += totals["log_scale"]
    log_scales[ready.moving] = sizes.T
    return means, quats, log_scales


def _local(ready: Prepared, totals: Totals) -> np.ndarray:
    """Turns of the moving splats within their frames, [4, M]."""
    if "turn" not in totals:
        return ready.quats
    x, y, z = totals["turn"] / 2
    return times(ready.quats, np.stack([np.ones_like(x), x, y, z]))


def _turned(
    ready: Prepared, turns: Turns, means: np.ndarray, quats: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Means [3, N] and quats [4, N] carried by the bones."""
    # A turn about the set's origin, moved to the center that means are measured from.
    affines = turns.affines.copy()
    affines[:, :, 3] += affines[:, :, :3] @ ready.center - ready.center
    mixed = affines.reshape(len(affines), 12).T.astype(np.float32) @ ready.weights  # [12, N]
    moved = np.stack(
        [mixed[r] * means[0] + mixed[r + 1] * means[1] + mixed[r + 2] * means[2] + mixed[r + 3] for r in (0, 4, 8)]
    )
    carry = turns.quats.T.astype(np.float32) @ ready.weights
    return moved, _unit(times(carry, quats))


def _unit(quats: np.ndarray) -> np.ndarray:
    """Quaternions [4, N] at length 1."""
    length = np.sqrt(np.einsum("kn,kn->n", quats, quats))
    return quats / np.maximum(length, 1e-12)
