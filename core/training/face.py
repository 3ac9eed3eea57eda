"""The demo head as the losses see it: board channels to ARKit shapes to the gap and the width of its lips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ..head import lips as lip_vertices
from ..head.model import Person
from ..rig.arkit import ARKIT_52
from ..rig.board import BOARD
from ..rig.mapping import JAW_OPEN, LIPS_TOGETHER, board_to_arkit_matrix

_CLOSE = ARKIT_52.index("mouthClose")
_SOFT_GAP = 0.004  # lip opening below which a millimetre more or less is hardly seen


@dataclass(frozen=True, slots=True)
class Face:
    """Linear functions of the 52 ARKit shapes, their value at rest last.

    opening: float32 [53], inner-lip gap over the distance of the outer eye corners.
    width: float32 [53], distance of the mouth corners over the same.
    """

    opening: np.ndarray
    width: np.ndarray

    def lips(self, board: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Gap and width of posed lips. board: [..., 185]. Returns two [...]; a gap below 0 is lips pressed shut."""
        arkit = to_arkit(board)
        opening, width = (torch.from_numpy(line).to(board) for line in (self.opening, self.width))
        return arkit @ opening[:-1] + opening[-1], arkit @ width[:-1] + width[-1]


def measure_face(person: Person) -> Face:
    """Read both lines off a head, the tongue left in."""
    right, left = (person.points[corner] for corner in lip_vertices.EYE_OUTER_CORNERS)
    eyes = float(np.linalg.norm(right - left))
    still = np.zeros_like(person.points)
    # A tongue that comes out parts the lips as well, but a lip loss that knew would open mouths with tongues.
    moved = [still if name == "tongueOut" else person.units.get(name, still) for name in ARKIT_52]
    gaps = [lip_vertices.lip_gaps(offsets)[lip_vertices.MIDDLE] for offsets in (*moved, person.points)]
    spans = [_span(offsets) for offsets in (*moved, person.points)]
    return Face(*(np.array(line, np.float32) / eyes for line in (gaps, spans)))


def to_arkit(board: torch.Tensor) -> torch.Tensor:
    """Twin of core.rig.mapping.board_to_arkit without its clipping, so that gradients pass. [..., 185] to [..., 52]."""
    positive, negative = torch.from_numpy(board_to_arkit_matrix().T.copy()).to(board).split(len(BOARD))
    arkit = board.clamp(min=0) @ positive + (-board).clamp(min=0) @ negative
    close = board[..., JAW_OPEN] * board[..., LIPS_TOGETHER].mean(dim=-1)
    return torch.cat([arkit[..., :_CLOSE], close[..., None], arkit[..., _CLOSE + 1 :]], dim=-1)


def root(opening: torch.Tensor) -> torch.Tensor:
    """Square root of an opening, softened at 0 and going on straight below it, so that no gap is without a slope."""
    soft = _SOFT_GAP**0.5
    above = torch.sqrt(opening.clamp(min=0.0) + _SOFT_GAP) - soft
    return torch.where(opening >= 0, above, opening / (2 * soft))


def _span(points: np.ndarray) -> float:
    """How much farther apart the mouth corners are, along the face. points: [N, 3]."""
    right, left = (points[corner] for corner in lip_vertices.MOUTH_CORNERS)
    return float(left[0] - right[0])
