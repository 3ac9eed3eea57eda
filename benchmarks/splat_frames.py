"""What the processor does for each frame of a head of splats, beside the way of lists; and importing a million splats.

python -m benchmarks splat_frames: writes docs/benchmarks-splats.md. Times are by the clock, medians of 60 frames; on a
machine that does other work too, run it before that work (chrt -f 50 on Linux).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from . import machine

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks-splats.md"
BLENDER = "bpy52"
MOST_MS, LEAST_TIMES, MOST_IMPORT_S = 8.0, 10.0, 2.0
CASES = {
    "demo": "demo head, 20 shapes with the 20 changes of colour that follow them",
    "dense": "20 bases of all 13 numbers on all splats",
}


def main(arguments: list[str]) -> int:
    """Write the page. Returns an exit code."""
    python = ROOT / ".venvs" / BLENDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.is_file():
        sys.exit(f"There is no {BLENDER} in .venvs; python build.py test makes it.")
    one_core = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MOUTHPIECE_THREADS": "1"}
    command = [str(python), "-m", "benchmarks.splat_frames_probe"]
    done = subprocess.run(command, cwd=ROOT, env=one_core, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"The probe failed: {done.stderr.strip()[-300:]}")
    page = compose(json.loads(done.stdout.strip().splitlines()[-1]))
    PAGE.write_text(page, encoding="utf-8")
    sys.stdout.write(page)
    return 0


def compose(found: dict) -> str:
    """The whole page."""
    lines = [
        "# Splats, frame by frame",
        "",
        f"Made by `python -m benchmarks splat_frames`. Targets: {MOST_MS:g} ms or less a frame on one core for 60,000 "
        f"splats and 20 bases, {LEAST_TIMES:g} times as fast to the graphics card as through Python's lists, a million "
        f"splats imported in {MOST_IMPORT_S:g} s or less.",
        "",
        f"Hardware: {machine.describe()}. Blender {found['blender']} without a window, drawing by Mesa's llvmpipe; one "
        "core. By the clock, medians of 60 frames in which all values, the head's turn and the order are new.",
        "",
        "## A frame",
        "",
        f"{found['splats']:,} splats, milliseconds:",
        "",
        "| | blend and bind | sort | upload | together | upload through lists | lists to arrays |",
        "|---|---|---|---|---|---|---|",
        *(_row(title, found[case]) for case, title in CASES.items()),
        "",
        *_remarks(found),
        "",
        "## A million splats",
        "",
        "From the PLY to a point cloud in Blender, checked, turned and with all attributes, best of three:",
        "",
        "| degree | seconds |",
        "|---|---|",
        *(f"| {degree} | {seconds:.2f} |" for degree, seconds in found["import_s"].items()),
        "",
        "How fast files are read and written without Blender is in [splats.md](splats.md).",
    ]
    return "\n".join(lines) + "\n"


def _row(title: str, times: dict[str, float]) -> str:
    stages = [times[name] for name in ("blend_bind", "sort", "upload", "frame", "upload_lists")]
    ratio = times["upload_lists"] / times["upload"]
    return f"| {title} | {' | '.join(f'{stage:.2f}' for stage in stages)} | {ratio:.0f} : 1 |"


def _remarks(found: dict) -> list[str]:
    ratios = ", ".join(f"{found[case]['frame_lists'] / found[case]['frame']:.1f} ({case})" for case in CASES)
    return [
        "Blend and bind: the template's shapes, the changes, the frames of triangles, bones, and the turn to Blender's "
        "axes. Sort: 16-bit keys by radix. Upload: textures of places, opacities, rotations, sizes, "
        "colours and the order, from arrays, which Blender takes as they are; what did not change (the demo head's "
        "opacities) is not sent again.",
        "",
        "Through lists: the same numbers into the same textures, but handed over as Python lists, which is how KIRI's "
        "3DGS Render fills its textures, those of the order at each sort included (version 4.1.5). A whole frame with "
        f"lists takes this many times as long as ours: {ratios}.",
        "",
        "The demo head is the ordinary case: of its splats 34,000 lie on triangles that shapes move, and only colours "
        "have changes of their own. In the other every splat has 20 changes of place, turn, size, opacity and colour; "
        "reading those 62 MB is what takes long. Where neither the view nor the pose changed, nothing is done at all.",
    ]
