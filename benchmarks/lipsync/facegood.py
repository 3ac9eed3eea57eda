"""FACEGOOD's two takes kept for judging, as the demo head's lips."""

from __future__ import annotations

from pathlib import Path

from core.rig.arkit import ARKIT_52
from core.training.facegood import FPS, JUDGING_TAKES, Take, read_takes
from core.training.mouth_measures import demo_face, opening_of, width_of
from core.types import RigCurves

from .clips import Clip


def facegood_clips(folder: Path) -> list[Clip]:
    """The takes that no training hears."""
    return [_clip(take) for take in read_takes(folder, JUDGING_TAKES)]


def _clip(take: Take) -> Clip:
    curves, face = RigCurves(ARKIT_52, take.arkit, FPS), demo_face()
    jaw = curves.column("jawOpen")
    return Clip(take.name, take.name, take.samples, opening_of(curves, face), width_of(curves, face), jaw, FPS)
