"""Curves read off films against the shapes of MediaPipe's task file, which the solver never sees, and against truth.

The task file (face_landmarker_v2_with_blendshapes.task, Apache-2.0) is looked for in the folder of films and beside it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.machine import describe
from core.errors import FormatError
from core.rig.arkit import ARKIT_52
from core.template.files import head_template
from core.training.template.seeing import drawn
from core.video.faces import FaceFollower
from core.video.film import open_film
from core.video.solve import Seen, solve
from core.video.task import task_weights
from core.video.track import TrackOptions, watch
from core.video.trust import SAMPLES, colors_at

from .acting import films_in

GROUPS = {
    "jaw": ("jaw",),
    "lips": ("mouth",),
    "brows": ("brow",),
    "eyes": ("eyeBlink", "eyeWide", "eyeSquint"),
    "gaze": ("eyeLook",),
}
MOVES = 0.02
"""Standard deviation from which a film moves a shape at all, by the task file; correlation with stillness is noise."""
STILL = 0.02
"""Change of every label from a picture to the next below which a face is calm."""
ONE_SIDED = (
    "eyeBlinkLeft", "eyeBlinkRight", "mouthSmileLeft", "mouthSmileRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "mouthFrownLeft", "mouthFrownRight", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthStretchLeft",
    "browOuterUpLeft", "browOuterUpRight", "browDownLeft", "browDownRight", "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
TWO_SIDED = ("jawOpen", "mouthPucker", "mouthFunnel", "browInnerUp", "jawLeft", "jawRight", "mouthLeft", "mouthRight")
STEPS, SOMEBODY = 12, 11
PAGE = """# Curves from films

Made by `python -m benchmarks portrait curves --films DIR`.

Hardware: {machine}.

## Against independent labels

The labels are the shapes that MediaPipe's face landmark task file estimates. The solver never sees them and nothing was
learned from them; but that jaw opening, squints and wide eyes are left to the geometric fit was decided by them. They
are no ARKit captures: where they and we differ, either may be right. Correlation is over the pictures of a film, for
shapes that move by the labels (standard deviation above {moves}); "weighted" counts a shape by how much it moves. MAE
is over all shapes; "about the median" is MAE when each side's own resting value is taken out, which the labels of one
face keep at up to 0.7 (brows down, eyes squinting) and our person-specific neutral does not. Blinks: label peaks above
0.5, how many of them we see above 0.5, and our depth at them.

{labels}

Trembling, mean absolute second difference of all shapes over pictures in which no label moves by more than {still}:
{trembling:.4f}.

By film (correlation, weighted) and what it costs, in processor time of one core:

{films}

## Against truth

The template in the shape of somebody the solver was not learned from is drawn, in another manner than it was learned
from, with one shape at a time rising to 1 and back, and tracked. "found" is the peak of the same shape;
"own share" is its part of all that is found at the peak; "one-sided" is how much larger the right side of the face
comes out than the wrong one, over their sum: 1 is all asymmetry kept.

{truth}

Asymmetry kept: {kept:.0%} on average, {least:.0%} at worst ({worst}).
"""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One film: ours and theirs float32 [T, 52]; seconds of processor time of looking and solving."""

    name: str
    ours: np.ndarray
    theirs: np.ndarray
    looking_s: float
    solving_s: float


def measure(films: Path, page: Path) -> int:
    """Track every film of a folder and write the page. Returns 0."""
    rows = [one_film(path, find_task(films)) for path in films_in(films)]
    truth = drawn_shapes()
    sides = {name: values[2] for name, values in truth.items() if name in ONE_SIDED}
    worst = min(sides, key=sides.__getitem__)
    page.write_text(
        PAGE.format(
            machine=describe(),
            moves=MOVES,
            labels=label_table(rows),
            films=film_table(rows),
            still=STILL,
            trembling=trembling(rows),
            truth=truth_table(truth),
            kept=float(np.mean(list(sides.values()))),
            least=sides[worst],
            worst=worst,
        ),
        encoding="utf-8",
    )
    return 0


def find_task(films: Path) -> Path:
    """The task file in a folder of films or beside it. Raises FormatError where there is none."""
    found = [*films.glob("*.task"), *films.resolve().parent.glob("**/*.task")]
    if not found:
        raise FormatError("There is no .task file in the folder of films or beside it; put one there.")
    return found[0]


def one_film(path: Path, task: Path) -> Row:
    """Track one film by us and by the task file."""
    film = open_film(path)
    start = time.process_time()
    seen = watch(film, TrackOptions(), lambda share: None)
    middle = time.process_time()
    ours = solve(seen).weights.values
    end = time.process_time()
    theirs = np.nan_to_num(task_weights(film, task, lambda share: None))
    count = min(len(ours), len(theirs))
    return Row(path.stem, ours[:count], theirs[:count], middle - start, end - middle)


def correlations(row: Row, prefixes: tuple[str, ...]) -> list[tuple[float, float]]:
    """Correlation and the labels' spread for each moving shape of a group."""
    made = []
    for k, name in enumerate(ARKIT_52):
        spread = float(row.theirs[:, k].std())
        if name.startswith(prefixes) and spread > MOVES:
            still = row.ours[:, k].std() < 1e-6
            made.append((0.0 if still else float(np.corrcoef(row.ours[:, k], row.theirs[:, k])[0, 1]), spread))
    return made


def label_table(rows: list[Row]) -> str:
    """All films together, by group."""
    lines = ["| group | correlation | weighted | MAE | about the median |", "|---|---|---|---|---|"]
    for group, prefixes in GROUPS.items():
        found = [pair for row in rows for pair in correlations(row, prefixes)]
        columns = [k for k, name in enumerate(ARKIT_52) if name.startswith(prefixes)]
        away = [np.abs(row.ours - row.theirs)[:, columns].mean() for row in rows]
        about = [
            np.abs((row.ours - np.median(row.ours, 0)) - (row.theirs - np.median(row.theirs, 0)))[:, columns].mean()
            for row in rows
        ]
        plain, weighed = (
            np.mean([r for r, _ in found]),
            np.average([r for r, _ in found], weights=[s for _, s in found]),
        )
        lines.append(f"| {group} | {plain:.2f} | {weighed:.2f} | {np.mean(away):.3f} | {np.mean(about):.3f} |")
    return "\n".join(lines) + "\n\n" + blink_line(rows)


def blink_line(rows: list[Row]) -> str:
    """How many of the labels' blinks we see, and how deep."""
    depths = []
    for row in rows:
        for name in ("eyeBlinkLeft", "eyeBlinkRight"):
            ours, theirs = row.ours[:, ARKIT_52.index(name)], row.theirs[:, ARKIT_52.index(name)]
            peaks = (theirs > 0.5) & (theirs >= np.roll(theirs, 1)) & (theirs > np.roll(theirs, -1))
            depths += [ours[max(0, t - 2) : t + 3].max() for t in np.flatnonzero(peaks)]
    seen = np.array(depths)
    return f"Blinks: {len(seen)} by the labels, {np.mean(seen > 0.5):.0%} seen, mean depth {seen.mean():.2f}."


def trembling(rows: list[Row]) -> float:
    """Mean absolute second difference of our shapes where the labels hardly move, mean over the films."""
    made = []
    for row in rows:
        calm = np.abs(np.diff(row.theirs, axis=0)).max(1) < STILL
        if (calm[1:] & calm[:-1]).any():
            made.append(np.abs(np.diff(row.ours, 2, axis=0))[calm[1:] & calm[:-1]].mean())
    return float(np.mean(made)) if made else 0.0


def film_table(rows: list[Row]) -> str:
    """One line a film."""
    lines = [f"| film | pictures | {' | '.join(GROUPS)} | looking | solving | pictures a second |"]
    lines.append("|---" * (len(GROUPS) + 5) + "|")
    for row in rows:
        cells = []
        for prefixes in GROUPS.values():
            found = correlations(row, prefixes)
            cells.append(f"{np.average([r for r, _ in found], weights=[s for _, s in found]):.2f}" if found else "–")
        count, total = len(row.ours), row.looking_s + row.solving_s
        cost = f"{1000 * row.looking_s / count:.1f} ms | {1000 * row.solving_s / count:.1f} ms | {count / total:.0f}"
        lines.append(f"| {row.name} | {count} | {' | '.join(cells)} | {cost} |")
    return "\n".join(lines)


def drawn_shapes() -> dict[str, tuple[float, float, float]]:
    """For each shape, drawn and tracked: the peak found, its share of all found, and how one-sided it came out."""
    names = (*ONE_SIDED, *TWO_SIDED)
    ramp = np.concatenate([np.zeros(6), np.sin(np.linspace(0, np.pi, STEPS)), np.zeros(2)])
    seen = seen_drawn([(name, value) for name in names for value in ramp])
    weights = solve(seen).weights.values
    made = {}
    for place, name in enumerate(names):
        part = weights[place * len(ramp) : (place + 1) * len(ramp)]
        own = part[:, ARKIT_52.index(name)]
        at = int(own.argmax())
        made[name] = float(own[at]), float(own[at] / max(part[at].sum(), 1e-6)), _one_sided(part[at], name)
    return made


def seen_drawn(poses: list[tuple[str, float]]) -> Seen:
    """Somebody with one shape on in each picture, looked at."""
    template = head_template()
    person = template.shaped(np.random.default_rng(SOMEBODY).normal(0, 0.8, len(template.basis)))
    landmarks, colors = [], []
    with FaceFollower() as follower:
        for name, value in poses:
            points = person + value * template.shapes[ARKIT_52.index(name)]
            picture = np.ascontiguousarray(drawn(template, points, 0.0)[0][..., ::-1])
            found = follower.find(picture)
            landmarks.append(np.full((478, 3), np.nan, np.float32) if found is None else found)
            colors.append(np.zeros((len(SAMPLES), 3), np.uint8) if found is None else colors_at(picture, found))
    return Seen(np.stack(landmarks), np.stack(colors), 25.0, (640, 640))


def _one_sided(row: np.ndarray, name: str) -> float:
    """The right side's value less the wrong one's over their sum; 0 for a shape without sides."""
    side = name.removeprefix(name.removesuffix("Left").removesuffix("Right"))
    if not side or name not in ONE_SIDED:
        return 0.0
    other = name.removesuffix(side) + {"Left": "Right", "Right": "Left"}[side]
    own, wrong = row[ARKIT_52.index(name)], row[ARKIT_52.index(other)]
    return float((own - wrong) / max(own + wrong, 1e-6))


def truth_table(truth: dict[str, tuple[float, float, float]]) -> str:
    """One line a shape."""
    lines = ["| shape | found | own share | one-sided |", "|---|---|---|---|"]
    for name, (peak, share, sided) in truth.items():
        lines.append(f"| {name} | {peak:.2f} | {share:.2f} | {f'{sided:.2f}' if name in ONE_SIDED else '–'} |")
    return "\n".join(lines)
