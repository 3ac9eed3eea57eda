"""The figures as a Markdown page: a table a speaker, ablations beside what they change, and what none of it says."""

from __future__ import annotations

from dataclasses import asdict

from .one import Row
from .perceptual import ADVICE

INTRODUCTION = """\
# Heads learned from video

Made by `python -m benchmarks heads --work DIR --speech WAV --video FILE`. Protocol as in the papers' own code: the last
eleventh of each video is held out; head motion, eyes and brows come from the track; the mouth comes from the tracked
face ("tracked") or from the sound alone ("spoken"). PSNR is told for the head only and, "pasted", for the whole frame
with the drawn head pasted into it: the second is always higher, and papers differ in which one they print. LMD: mean
distance of the landmarks of the lips, each set about its own mean, pixels at 512. Opening r: correlation over time of
the gap between the lips. Landmarks are MediaPipe's, found anew in drawn and filmed pictures, enlarged to 512. LPIPS:
version 0.1 with AlexNet, of the whole frame with the head pasted in, at the size that is learned; it is told where
`{advice}` was run before (no jax is needed).

Hardware: {hardware}; {device}.
Steps are told beside the costs; configurations have {full:,} and more of their own, so these are short trainings, and
those with costly fields the shortest. CPU minutes: processor time of training and translator, all cores together.
FPS: posing and drawing by processor time on one core; "heard" with the encoding of the sound besides; "baked" the same
head as a `SplatHead`, without a network. The PSNR beside the costs is of head and torso together, before and after
baking.

The synthetic speaker is a demo character filmed by the exact renderer; her geometry and pose are known, and what she
does is our own speech model's performance of a real recording, so that "spoken" is easy there and only there.
"""

LIMITS = """\
## What this does not say

- Sync confidence (SyncNet) and action units (OpenFace) are not told: no package here brings their weights. LPIPS of
  small pictures is not that of the papers' large ones.
- These are pictures of {sizes} pixels and seconds of material, learned with at most {splats:,} splats on a processor.
  The papers learn from minutes at 512 pixels on a graphics card, and their figures must not be set beside these.
- One training a row, no spread over seeds. Rows are kept and not made again when the trainer changes: those of
  one page may come from several states of it.
- Torsos of the configurations on the mesh go along with the head by learned shares and do not lean of themselves, so
  that PSNR of head and torso together falls where a speaker leans.
- A field alone is told of no expression but eyes and brows: its mouth follows the sound in both tables.
- The configurations named after papers are our own making from their descriptions at this size. They compare ideas in
  one trainer, on one budget; they are not the papers' programs.
- On a card: `python -m benchmarks heads --device cuda --work DIR --video FILE` (torch with CUDA and gsplat 1.5.3). It
  learns at 512 pixels with 30,000 to 50,000 splats. That run has not been made: there was no card to make it on.
"""

TITLES = {
    "edtalk_address_450": "A weekly address of 2010, US government footage",
    "lia_address_256": "The same weekly address, longer and less sharp",
    "dfrf_cnn2_512": "A broadcast, 71 s (figures only; the footage is not ours to show)",
    "synthetic speaker": "The synthetic speaker",
}
HEADINGS = ("configuration", "PSNR", "pasted", "SSIM", "LPIPS", "mouth PSNR", "LMD", "opening r")
TRACKED = ("psnr", "pasted", "ssim", "judged", "mouth", "lmd", "aperture")
HEARD = ("PSNR", "LPIPS", "mouth PSNR", "LMD", "opening r")
SPOKEN = ("psnr", "judged", "mouth", "lmd", "aperture")
COST = (
    "learned at",
    "CPU minutes",
    "steps",
    "splats",
    "FPS",
    "heard",
    "baked",
    "baked to learned",
    "learned PSNR",
    "baked PSNR",
)


Lengths = dict[str, tuple[int, float, tuple[int, int]]]
"""Frames, frames a second and size of each source."""


def compose(rows: list[Row], lengths: Lengths, full: int, hardware: str) -> str:
    """The page. full: steps of the shortest configuration when it is not shortened."""
    device = "a CUDA device" if rows[0].device == "cuda" else "the processor only"
    parts = [INTRODUCTION.format(advice=ADVICE, hardware=hardware, device=device, full=full)]
    for source, (frames, fps, size) in lengths.items():
        own = [row for row in rows if row.source == source]
        if not own:
            continue
        learned = " and ".join(sorted({_size(row) for row in own}))
        seconds = f"{frames / fps:.0f} s at {fps:g} frames a second"
        parts.append(
            f"## {TITLES.get(source, source)}\n\n{seconds}, {size[0]} x {size[1]} pixels, learned at {learned}.\n"
        )
        parts += _tables(own)
    sizes = " and ".join(sorted({f"{max(row.size)}" for row in rows}))
    parts.append(LIMITS.format(sizes=sizes, splats=max(row.splats for row in rows)))
    return "\n".join(parts)


def _tables(rows: list[Row]) -> list[str]:
    whole, changed = [row for row in rows if not row.question], [row for row in rows if row.question]
    parts = [_tracked(whole), _spoken(whole), _cost(whole)] if whole else []
    if changed:
        bases = [row for row in whole if any(_base(other) == row.way for other in changed)]
        parts += ["### With one thing changed\n", _tracked(bases + changed, asked=True)]
    return parts


def _base(row: Row) -> str:
    """The whole configuration that an ablation changes."""
    return {"ku": "gaussiantalker_ku"}.get(row.way.split(",")[0], row.way.split(",")[0])


def _tracked(rows: list[Row], asked: bool = False) -> str:
    headings = HEADINGS + (("without", "CPU minutes") if asked else ())
    body = []
    for row in rows:
        cells = [row.way, *_measures(row.tracked, TRACKED)]
        body.append(cells + ([row.question, f"{row.minutes:.1f}"] if asked else []))
    return ("" if asked else "Mouth from the tracked face:\n\n") + _table(headings, body)


def _spoken(rows: list[Row]) -> str:
    body = [[row.way, *_measures(row.spoken, SPOKEN)] for row in rows]
    return "Mouth from the sound alone:\n\n" + _table(("configuration", *HEARD), body)


def _cost(rows: list[Row]) -> str:
    body = []
    for row in rows:
        fps = _measures(asdict(row), ("fps", "heard_fps", "baked_fps"))
        loss = (f"{row.loss:.1f}", *_measures(asdict(row), ("learned", "baked")))
        body.append([row.way, _size(row), f"{row.minutes:.1f}", f"{row.steps:,}", f"{row.splats:,}", *fps, *loss])
    return "What it costs:\n\n" + _table(("configuration", *COST), body)


def _size(row: Row) -> str:
    return f"{row.size[0]} x {row.size[1]}"


def _measures(found: dict[str, float], names: tuple[str, ...]) -> list[str]:
    digits = {"ssim": 4, "judged": 4, "aperture": 2, "fps": 0, "heard_fps": 0, "baked_fps": 0}
    values = {name: found.get(name, float("nan")) for name in names}
    return ["not told" if values[n] != values[n] else f"{values[n]:.{digits.get(n, 2)}f}" for n in names]


def _table(headings: tuple[str, ...], body: list[list[str]]) -> str:
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    return "\n".join([*lines, *(f"| {' | '.join(cells)} |" for cells in body)]) + "\n"
