"""One-sided expressions down the whole road: film, curves, the head of a portrait, its picture, curves again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from core.portrait.portrait import Portrait
from core.rig.arkit import ARKIT_52
from core.video.film import open_film, pictures
from core.video.reading import mirrored_shapes
from core.video.solve import solve

from ..machine import describe
from .acting import films_in, played, portrait_of_picture, shrunk, tracked
from .curves import seen_drawn

ACTS = {
    "smirk, left": "mouthSmileLeft", "smirk, right": "mouthSmileRight", "wink, left": "eyeBlinkLeft",
    "wink, right": "eyeBlinkRight", "brow raised, left": "browOuterUpLeft", "brow raised, right": "browOuterUpRight",
    "brow lowered, left": "browDownLeft", "brow lowered, right": "browDownRight",
}  # fmt: skip
STRENGTH = 0.9
RAMP = np.concatenate([np.zeros(6), STRENGTH * np.sin(np.linspace(0, np.pi, 9)), np.zeros(2)])
FPS, LONGEST, HEADS = 25.0, 320, 3
PAGE = """# One-sided expressions from a film to a portrait and back

Made by `python -m benchmarks portrait sides --films DIR`.

Hardware: {machine}.

Somebody drawn from the template does one thing with one side of the face, {strength}; the film is tracked, its curves
are played on the head made of the first picture of a film, that is drawn, and the drawing is tracked again by the same
tracker, as a film of a person it knows nothing of. "found" is the peak of the shape; "one-sided" is how much larger it
is than the same shape on the other side, over their sum: 1 is all asymmetry kept. The first pair of columns is the film
itself.

{table}

One-sidedness kept at the end of the road: {kept:.0%} on average; {enough} of {count} rows keep 90 % or more.
"""


@dataclass(frozen=True, slots=True)
class End:
    """What is left of an act: peak 0..1; sided: its share of both sides, -1..1."""

    peak: float
    sided: float


def measure(films: Path, page: Path) -> int:
    """Measure and write the page; 1 where the folder has no films."""
    paths = films_in(films)
    if not paths:
        return 1
    curves = solve(seen_drawn([(name, value) for name in ACTS.values() for value in RAMP])).weights.values
    chosen = paths[:: max(1, len(paths) // HEADS)][:HEADS]
    columns = {path.stem: ends(again(path, curves)) for path in chosen}
    last = [end.sided for column in columns.values() for end in column]
    text = PAGE.format(
        machine=describe(),
        strength=STRENGTH,
        table=table(ends(curves), columns),
        kept=np.mean(last),
        enough=sum(sided >= 0.9 for sided in last),
        count=len(last),
    )
    page.write_text(text, encoding="utf-8")
    return 0


def again(path: Path, curves: np.ndarray) -> np.ndarray:
    """Curves [T, 52] played on the head of a film's first picture, drawn and tracked; [T, 52]."""
    picture = shrunk(next(islice(pictures(open_film(path)), 1)), LONGEST)
    return tracked(list(_pictures(portrait_of_picture(picture), curves)), FPS).weights.values


def _pictures(portrait: Portrait, curves: np.ndarray) -> list[np.ndarray]:
    camera = portrait.outline.camera
    poses = np.repeat(camera.to_camera[None], len(curves), axis=0)
    grey = np.full((camera.size[1], camera.size[0], 3), 0.5, np.float32)
    return [(picture * 255 + 0.5).astype(np.uint8) for picture in played(portrait, curves, poses, grey)]


def ends(curves: np.ndarray) -> list[End]:
    """What of each of ACTS is in curves [T, 52], where the shape is at its largest."""
    made = []
    for place, name in enumerate(ACTS.values()):
        part, k = curves[place * len(RAMP) : (place + 1) * len(RAMP)], ARKIT_52.index(name)
        row = part[part[:, k].argmax()]
        own, wrong = float(row[k]), float(row[mirrored_shapes()[k]])
        made.append(End(own, (own - wrong) / max(own + wrong, 1e-6)))
    return made


def table(filmed: list[End], columns: dict[str, list[End]]) -> str:
    """One line an act."""
    heads = "".join(f" found on {name} | one-sided |" for name in columns)
    lines = [f"| act | found in the film | one-sided |{heads}", "|---" * (3 + 2 * len(columns)) + "|"]
    for row, act in enumerate(ACTS):
        cells = [
            f"{end.peak:.2f} | {end.sided:.2f}" for end in (filmed[row], *(part[row] for part in columns.values()))
        ]
        lines.append(f"| {act} | {' | '.join(cells)} |")
    return "\n".join(lines)
