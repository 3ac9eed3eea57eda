"""Which rig a set of controls is, told by its names; which rig a single curve belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from .arkit import ARKIT_52
from .board import BOARD_NAMES
from .flame import FLAME_NAMES
from .mapping import METAHUMAN_RAW_251
from .visemes import VISEMES

RIG_NAMES: dict[str, tuple[str, ...]] = {
    "arkit52": ARKIT_52,
    "metahuman": BOARD_NAMES,
    "metahuman251": METAHUMAN_RAW_251,
    "flame": FLAME_NAMES,
    "visemes": VISEMES,
}
"""The curves of each rig in canonical order; no two rigs share a name."""


def rig_of(names: Sequence[str]) -> str | None:
    """The rig, one of core.rig.convert.RIGS, that has exactly these controls in any order; None for others."""
    return _rigs().get(frozenset(names)) if len(set(names)) == len(names) else None


def rig_of_curve(name: str) -> str | None:
    """The rig that has a curve of this name; None where none has."""
    return _owners().get(name)


@lru_cache(maxsize=1)
def _rigs() -> dict[frozenset[str], str]:
    return {frozenset(names): rig for rig, names in RIG_NAMES.items()}


@lru_cache(maxsize=1)
def _owners() -> dict[str, str]:
    return {name: rig for rig, names in RIG_NAMES.items() for name in names}
