"""What a training run is fed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Diet(Generic[P]):
    """Passages by kind and how many of each make a batch."""

    passages: tuple[list[P], ...]
    sizes: tuple[int, ...]
