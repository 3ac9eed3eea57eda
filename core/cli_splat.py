"""The command splat: what a file of Gaussian splats holds, the same splats in another format, heads that are posed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .cli_command import Command
from .cli_splat_head import add_pose, add_sequence, head_members, is_head
from .exit_codes import OK

ABOUT = """\
Say what a splat file holds, write its splats in another format, or pose a head of
splats (.splathead), once or for every frame of a performance. The endings pick the
formats:
  .ply                   3DGS PLY, harmonics of degree 0 to 3
  .compressed.ply        PlayCanvas's compressed PLY
  .splat                 antimatter15's, without harmonics
  .spz                   Niantic's, versions 1 to 3 read, 3 written
  .glb .gltf             glTF with KHR_gaussian_splatting
  .usda .usdc .usd       USD ParticleField3DGaussianSplat (needs usd-core)
A damaged file is mended where that is honest, and the answer counts what was; a file
that is beyond that is refused in one sentence.
"""
EPILOG = """\
examples:
  python -m core splat info head.ply
  python -m core splat info woman.splathead
  python -m core splat convert head.ply head.spz
  python -m core splat convert head.ply head.glb --axes right-up-back
  python -m core splat pose woman.splathead smile.ply --set mouthSmileLeft=1 --set mouthSmileRight=1
  python -m core splat pose woman.splathead word.spz --performance take.csv --at 1.25
  python -m core splat sequence woman.splathead take.csv frames/woman_####.spz --fps 24
  python -m core splat sequence woman.splathead take.csv woman.usdc

docs/splats.md says what each format keeps and which axes it is taken to use,
docs/splat_timeline.md what sequences are.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with which files."""
    # core.splat needs more than the other commands, so its names stand here; a test compares.
    axes = ("right-up-back", "right-down-front", "left-down-back", "left-up-front")
    deeds = parser.add_subparsers(title="what to do", metavar="DEED", required=True)
    info = deeds.add_parser("info", help="say what a splat file holds, as JSON")
    info.set_defaults(deed=run_info)
    convert = deeds.add_parser("convert", help="write the splats in another format")
    convert.set_defaults(deed=run_convert)
    for deed in (info, convert):
        deed.add_argument("source", metavar="IN", type=Path, help="the splat file")
        deed.add_argument("--axes", default="", choices=axes, help="what the axes of IN are, if not its format's own")
    convert.add_argument("output", metavar="OUT", type=Path, help="the splat file to write")
    add_pose(deeds)
    add_sequence(deeds)


def run(chosen: argparse.Namespace) -> int:
    """Do what was asked for."""
    return chosen.deed(chosen)


def run_info(chosen: argparse.Namespace) -> int:
    """Write to the output stream what a file holds."""
    from .splat.files import read_splats

    if is_head(chosen.source):
        sys.stdout.write(json.dumps(head_members(chosen.source), indent=2, ensure_ascii=False) + "\n")
        return OK
    splats, report = read_splats(chosen.source, chosen.axes)
    least, most = splats.means.min(0), splats.means.max(0)
    members = {
        "format": report.format,
        "splats": len(splats),
        "records": report.count,
        "degree": splats.degree,
        "least_m": [round(float(value), 6) for value in least],
        "most_m": [round(float(value), 6) for value in most],
        "repaired": report.repaired,
    }
    sys.stdout.write(json.dumps(members, indent=2) + "\n")
    return OK


def run_convert(chosen: argparse.Namespace) -> int:
    """Read one file and write another."""
    from .splat.files import format_of, read_splats, write_splats

    form = format_of(chosen.output)
    splats, report = read_splats(chosen.source, chosen.axes)
    write_splats(chosen.output, splats)
    sys.stdout.write(f"{chosen.output}: {len(splats):,} splats as {form.title}\n")
    if report.repaired:
        sys.stderr.write(f"mended: {report.sentence()}\n")
    if splats.degree > form.degree:
        sys.stderr.write(f"left out: harmonics of degree 1 to {splats.degree}, which {form.title} does not have\n")
    return OK


SPLAT = Command("splat", "what a splat file holds, another format, a posed head", add_arguments, run, ABOUT, EPILOG)
