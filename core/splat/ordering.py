"""The order of a head's splats: those that move lie together, so that a pose writes one piece of memory."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from .deltas import Deltas
from .head import Binding, SplatHead


def moves(head: SplatHead) -> np.ndarray:
    """Whether a shape, a corrective or a clip moves or colours each splat, bool [N]; bones are not asked."""
    touched = np.zeros(len(head.template.points), bool)
    for vertices, _ in head.template.shapes.values():
        touched[vertices] = True
    out = touched[head.template.triangles[head.binding.triangles]].any(1)
    for deltas in (head.correctives, *(clip.changes for clip in head.clips.values())):
        out[deltas.splats] = True
    return out


def together(head: SplatHead) -> SplatHead:
    """The same head with what moves behind what does not, each by the bone that carries it alone, then by triangle."""
    weights = head.bones.weights
    alone = np.where(weights.max(1) > 1 - 1e-6, weights.argmax(1), weights.shape[1])
    order = np.lexsort((head.binding.triangles, alone, moves(head)))
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    binding = Binding(*(getattr(head.binding, field.name)[order] for field in fields(Binding)))
    clips = {name: replace(clip, changes=_moved(clip.changes, places)) for name, clip in head.clips.items()}
    return replace(
        head,
        binding=binding,
        bones=replace(head.bones, weights=head.bones.weights[order]),
        logits=head.logits[order],
        sh=head.sh[order],
        correctives=_moved(head.correctives, places),
        clips=clips,
    )


def _moved(deltas: Deltas, places: np.ndarray) -> Deltas:
    """Deltas whose splats went to other places [N]; they rise within each change again."""
    change = np.repeat(np.arange(len(deltas.names)), np.diff(deltas.starts))
    splats = places[deltas.splats]
    rows = np.lexsort((splats, change))
    return replace(deltas, splats=splats[rows].astype(np.int32), values=deltas.values[rows])
