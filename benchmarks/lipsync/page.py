"""The figures as a Markdown page: one table a question, the target beside the figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .feelings import Felt
from .scores import Row
from .spoken import Met
from .upper_face import Row as UpperRow

OURS = "Mouthpiece"
TARGETS = {
    ("GRID, set aside", "opening_r"): 0.92,
    ("GRID, set aside", "width_r"): 0.75,
    ("GRID, set aside", "closure_f1"): 0.93,
    ("wild", "opening_r"): 0.58,
    ("wild", "width_r"): 0.5,
    ("wild", "closure_f1"): 0.6,
}
TIMES = {"Rhubarb": 2.0, "log-mel ridge": 1.4}
"""How many times these rivals' opening r ours must be on the wild films."""
MOST_SHIFT_S = 0.02
CLOSURES = 0.95
AT_REST = 0.02
ALIVE = 0.25
TOLD_APART = 0.8

INTRODUCTION = """\
# Lips against filmed mouths, and the rest of the face

Made by `python -m benchmarks lipsync --data DIR --wild DIR --facegood DIR`. Definitions are in
`core/training/judge.py`; none of these clips took part in training. Targets are those of the project's brief.

Hardware: {hardware}. {absent}

GRID is one filmed speaker, 81 clips set aside; the wild clips are eight films of seven other speakers (two show one
broadcast); FACEGOOD's two takes are recorded curves of a Mandarin speaker, played on our demo head. Rhubarb runs
without a transcript, in its WebAssembly build; HeadAudio runs its own processor and animation under node, its 0.1 s of
delay taken out; both are read as mouths by a table (`benchmarks/lipsync/methods.py`). The log-mel ridge and version
one learned from GRID's other clips. The wild films are development material: some settings were chosen while looking
at them.
"""

LIPS = """\
## Do lips move as filmed?

Opening r and width r: correlation with the filmed lip gap and mouth width (both over the outer-eye distance, rigid
head motion taken out), per clip at the one constant shift within 0.2 s that suits the opening best, then the median;
beside it the width's r at the shift that suits the width. Closure F1: closed frames found within one video frame.

Films differ in how late their pictures are. Each source's offset is estimated once, within 0.4 s, from version one's
lips, and taken out for every method. Shift: what each method itself would ask for beyond that, median over sources
and the worst one, in steps of 5 ms; version one's is 0 by construction.
"""

MET = """\
## Do p, b and m close the lips?

Share of labelled p, b and m during which, or one frame beside which, the lips are closed (opening at most 0.006, or
below 12 % of its range). GRID is labelled by forced alignment of its words; the voices are Kokoro's, which know when
they speak each phone, read at 30 frames a second. Behind it: how many middles of open vowels, 0.1 s or more from any
closure, find the lips shut, which they should not.
"""

REST = """\
## Does the mouth rest in silence?

The control of jaw, mouth, cheek, nose or tongue that moves most in 6 s of silence at 60 frames a second. Blinks, gaze
and breath go on.
"""

TREMOR = """\
## Do lips tremble?

Share of a curve's power above a frequency; median over clips. Films of 25 and 30 pictures a second know nothing above
12.5 to 15 Hz, so two yardsticks: above 8 Hz at the film's own rate, ours beside the film's; and above 12 Hz at 60
frames a second, where ours must stay below the film's share above 8 Hz. The tracker's own noise is part of the film's.
"""

UPPER = """\
## Are brows, lids and head alive?

The wild films against the same clips performed; definitions in `benchmarks/lipsync/upper_face.py`.
"""

FEELINGS = """\
## Do emotions read, grow and keep to their side?

Two lines of each synthetic language at full strength, read by a plain FACS reading (`core/training/facs.py`). Grows:
share of lines on which each quarter of intensity moves the mean face further from neutral. Other side: what the right
half does when only the left half feels it, as a share of the left. Closures: as above, at full strength; emotions
must not rule the lips, so the target stays 95 %.
"""

ABLATIONS = """\
## What does each part of the training give?

The generator of whole recordings trained for as many steps without one idea at a time (`python -m core.training
ablations`), judged on GRID's clips set aside by the bare network, before any rule. Curve error: squared error of a
channel over its variance, mean over channels. Region correlation error: how far the correlations between channels of
different regions are from the filmed ones, mean absolute difference. Emotions named: by the FACS reading, of seven.
Without phonetic pre-training an untrained trunk takes the encoder's place. Clean clips of a speaker who is in the
training say nothing for augmentation, which is for other voices, rooms and microphones.
"""


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything the page shows, in its order; offsets: seconds by source; closures: by method, then by kind."""

    rows: list[Row]
    offsets: dict[str, float]
    closures: dict[str, dict[str, Met]]
    resting: dict[str, tuple[str, float]]
    trembling: dict[str, dict[str, tuple[float, float, float]]]
    upper: list[UpperRow]
    feelings: list[Felt]
    ablations: list[dict[str, Any]]


def compose(found: Findings, absent: list[str], hardware: str) -> str:
    """The whole page."""
    parts = [
        INTRODUCTION.format(hardware=hardware, absent=" ".join(absent)),
        LIPS,
        lips_table(found.rows),
        target_table(found.rows),
        "Offsets taken out: " + ", ".join(f"{name} {1000 * s:+.0f} ms" for name, s in found.offsets.items()) + ".",
        MET,
        closures_table(found.closures),
        REST,
        table(("silence", "control", "value", "target"), _resting_rows(found.resting)),
        TREMOR,
        table(("clips", "curve", "film > 8 Hz", "ours > 8 Hz", "ours > 12 Hz"), _trembling_rows(found.trembling)),
        UPPER,
        table(("figure", "filmed", "performed", "ratio", "target"), _upper_rows(found.upper)),
        FEELINGS,
        feelings_table(found.feelings),
    ]
    if found.ablations:
        parts += [ABLATIONS, ablation_table(found.ablations)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def table(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def lips_table(rows: list[Row]) -> str:
    """Every method on every set."""
    figures = ("opening r", "width r", "at its own shift", "closure F1", "shift (ms)", "worst (ms)")
    return table(("clips", "method", "n", *figures), [
        (row.clips, row.method, str(row.count), f"{row.opening_r:.3f}", f"{row.width_r:.3f}", f"{row.width_own_r:.3f}",
         f"{row.closure_f1:.3f}", f"{1000 * row.shift_s:+.0f}", f"{1000 * row.worst_s:+.0f}")
        for row in rows
    ])  # fmt: skip


def target_table(rows: list[Row]) -> str:
    """Ours against each target."""
    by_name = {(row.clips, row.method): row for row in rows}
    lines = []
    for (clips, figure), target in TARGETS.items():
        ours = by_name.get((clips, OURS))
        if ours:
            got = getattr(ours, figure)
            name = figure.replace("_r", " r").replace("_f1", " F1")
            lines.append((f"{name}, {clips}", f"{target:.2f}", f"{got:.3f}", verdict(got >= target)))
    for rival, times in TIMES.items():
        ours, other = by_name.get(("wild", OURS)), by_name.get(("wild", rival))
        if ours and other:
            ratio = ours.opening_r / max(other.opening_r, 1e-9)
            name = f"opening r over {rival}'s, wild"
            lines.append((name, f"{times:.1f} x", f"{ratio:.2f} x", verdict(ratio >= times)))
    for row in rows:
        if row.method == OURS:
            met = verdict(abs(row.shift_s) <= MOST_SHIFT_S + 1e-9)
            lines.append((f"shift, {row.clips}", "within 20 ms", f"{1000 * row.shift_s:+.0f} ms", met))
    return table(("figure", "target", "Mouthpiece", ""), lines)


def closures_table(closures: dict[str, dict[str, Met]]) -> str:
    """Methods down, kinds across."""
    kinds = list(dict.fromkeys(kind for mets in closures.values() for kind in mets))
    rows = [(name, *(_met(mets.get(kind)) for kind in kinds)) for name, mets in closures.items()]
    return table(("method", *kinds), [*rows, ("target", *[f"{CLOSURES:.0%}"] * len(kinds))])


def feelings_table(felt: list[Felt]) -> str:
    """One row an emotion, and how many of all were told."""
    rows = []
    for one in felt:
        wrong = ", ".join(f"{name} {count}" for name, count in one.read.items() if count and name != one.name)
        neutral = one.other_side != one.other_side
        grows, side = ("", "") if neutral else (f"{one.grows:.0%}", f"{one.other_side:.0%}")
        steps = "" if neutral else " ".join(f"{step:.2f}" for step in one.strengths)
        rows.append((one.name, f"{one.right:.0%}", wrong, steps, grows, side, _met(one.closures)))
    share = sum(one.right for one in felt) / max(len(felt), 1)
    head = ("emotion", "read right", "else read as", "distance by quarters", "grows", "other side", "closures")
    told = f"Read right over all seven: {share:.0%}; target {TOLD_APART:.0%}: {verdict(share >= TOLD_APART)}."
    return table(head, rows) + f"\n\n{told}"


def ablation_table(ablations: list[dict[str, Any]]) -> str:
    """One row a training run."""
    names = list(dict.fromkeys(name for run in ablations for name in run["metrics"]))
    rows = [(run["name"], *(_figure(run["metrics"].get(name)) for name in names)) for run in ablations]
    return table(("training", *names), rows)


def verdict(met: bool) -> str:
    """Whether a target was met, in a word."""
    return "met" if met else "missed"


def _met(met: Met | None) -> str:
    if met is None or not met.closures:
        return ""
    vowels = f", vowels shut {met.shut / met.vowels:.0%}" if met.vowels else ""
    return f"{met.met / met.closures:.1%} of {met.closures}{vowels}"


def _resting_rows(resting: dict[str, tuple[str, float]]) -> Iterable[tuple[str, ...]]:
    for room, (control, value) in resting.items():
        yield room, control if value else "none", f"{value:.4f}", f"{AT_REST}: {verdict(value <= AT_REST)}"


def _trembling_rows(trembling: dict[str, dict[str, tuple[float, float, float]]]) -> Iterable[tuple[str, ...]]:
    for clips, curves in trembling.items():
        for curve, (film, ours, fine) in curves.items():
            told = (f"{share:.3%}: {verdict(share <= film)}" for share in (ours, fine))
            yield clips, curve, f"{film:.3%}", *told


def _upper_rows(upper: list[UpperRow]) -> Iterable[tuple[str, ...]]:
    for row in upper:
        within = verdict(abs(row.ratio - 1) <= ALIVE)
        yield row.figure, f"{row.filmed:.3g}", f"{row.performed:.3g}", f"{row.ratio:.2f}", f"0.75 to 1.25: {within}"


def _figure(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if isinstance(value, float) else str(value)
