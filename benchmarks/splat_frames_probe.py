"""Time what the processor does for a frame of a head of splats: python -m benchmarks.splat_frames_probe, with bpy 5.2.

Prints one JSON line: milliseconds by case and stage, and seconds of an import.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
import numpy as np

from core.rig.arkit import ARKIT_52

from .keys_probe import ROOT, load_extension

if TYPE_CHECKING:
    from mouthpiece.core.splat.head import SplatHead
    from mouthpiece.core.splat.types import Splats

HEAD = ROOT / "blend_templates" / "woman.splathead"
BASES = 20
FRAMES = 60
WARM = 5
MANY = 1_000_000


def main() -> int:
    """Print the line."""
    load_extension()
    from mouthpiece.addon.drawing.context import ready
    from mouthpiece.core.splat.head_files import read_head

    ready()
    head = read_head(HEAD)
    rows = {"demo": frame_times(head, frame_dials(head)), "dense": frame_times(*dense(head))}
    out = {"blender": bpy.app.version_string, "splats": len(head), **rows, "import_s": import_time()}
    sys.stdout.write("\n" + json.dumps(out) + "\n")
    return 0


def frame_dials(head: SplatHead) -> list[tuple[dict[str, float], np.ndarray]]:
    """Values and the head's turn for each frame: the same 20 shapes, on to different degrees."""
    random = np.random.default_rng(0)
    names = [*random.choice(ARKIT_52, BASES, replace=False)]
    turns = random.normal(0, 0.2, (FRAMES, 3))
    return [({name: float(random.uniform(0.1, 0.9)) for name in names}, turn) for turn in turns]


def dense(head: SplatHead) -> tuple[SplatHead, list[tuple[dict[str, float], np.ndarray]]]:
    """The same head with 20 correctives of all 13 numbers on every splat; all 20 on in each frame."""
    from mouthpiece.core.splat.deltas import COLUMNS, packed

    random = np.random.default_rng(1)
    sizes = {"offset": 1e-3, "turn": 0.05, "log_scale": 0.05, "logit": 0.1, "color": 0.05}
    spread = np.concatenate([np.full(width, sizes[group]) for group, width in COLUMNS.items()])
    changes = {
        f"base {k}": (random.normal(size=(len(head), len(spread))) * spread).astype(np.float32) for k in range(BASES)
    }
    made = replace(head, correctives=packed(changes, tuple(COLUMNS), 0.0), mix=np.zeros((BASES, 52), np.float32))
    turns = random.normal(0, 0.2, (FRAMES, 3))
    return made, [({name: float(random.uniform(0.1, 0.9)) for name in changes}, turn) for turn in turns]


def frame_times(head: SplatHead, dials: list[tuple[dict[str, float], np.ndarray]]) -> dict[str, float]:
    """Median milliseconds of each stage and of all together, ours, and of upload and frame by the way of lists."""
    from mouthpiece.addon.bridge.splat_scene import Seen
    from mouthpiece.addon.drawing.stock import Stock

    stock = Stock()

    def send_arrays(splats: Splats, _: Splats | None, order: np.ndarray, number: int) -> None:
        stock.load(Seen(("head",), number, splats, np.eye(4), False, False, 0))
        send(order, "R32F")

    ours, lists = (played(head, dials, way) for way in (send_arrays, send_lists))
    out = dict(zip(("blend_bind", "sort", "upload"), np.median(ours, axis=0).tolist(), strict=True))
    out["frame"], out["frame_lists"] = (float(np.median(stages.sum(1))) for stages in (ours, lists))
    return {**out, "upload_lists": float(np.median(lists[:, 2]))}


def played(head: SplatHead, dials: list[tuple[dict[str, float], np.ndarray]], way: Callable[..., None]) -> np.ndarray:
    """Milliseconds [FRAMES, 3] of blending and binding, sorting and uploading."""
    from mouthpiece.core.splat.pose import pose
    from mouthpiece.core.splat.z_up import z_up

    times, before = [], None
    for number, (weights, turn) in enumerate(dials[:WARM] + dials):
        marks = [time.perf_counter()]
        splats = z_up(pose(head, weights, turn))
        marks.append(time.perf_counter())
        order = sorted_as_ours(splats)
        marks.append(time.perf_counter())
        way(splats, before, order, number)
        marks.append(time.perf_counter())
        times.append(np.diff(marks))
        before = splats
    return np.array(times[WARM:]) * 1e3


def sorted_as_ours(splats: Splats) -> np.ndarray:
    """Places in the textures, nearest first, float32 [N]."""
    from mouthpiece.core.splat.sorting import nearest_first, view_depths

    depths = view_depths(splats.means, np.array([0.1, 0.98, 0.05, 0.8]))
    return nearest_first(depths, 0.01).astype(np.float32)


def send(values: np.ndarray, form: str) -> None:
    """An array to the card, as addon.drawing.textures does."""
    from mouthpiece.addon.drawing.textures import padded, upload

    upload(padded(values[:, None], 1), form)


def send_lists(splats: Splats, before: Splats | None, order: np.ndarray, _: int) -> None:
    """The same textures of the same numbers, each handed over as a list of Python's numbers.

    before: what was sent last; arrays that are still those are not sent again, as with ours.
    """
    from gpu.types import Buffer, GPUTexture
    from mouthpiece.addon.drawing.textures import WIDTH, packed, padded

    for name in splats.__slots__:
        if before is not None and getattr(splats, name) is getattr(before, name):
            continue
        flat = packed(getattr(splats, name)).tolist()
        GPUTexture((WIDTH, len(flat) // (4 * WIDTH)), format="RGBA32F", data=Buffer("FLOAT", len(flat), flat))
    flat = padded(order[:, None], 1).ravel().tolist()
    GPUTexture((WIDTH, len(flat) // WIDTH), format="R32F", data=Buffer("FLOAT", len(flat), flat))


def import_time() -> dict[str, float]:
    """Seconds from a PLY of a million splats to an object in Blender, by degree; best of three."""
    from mouthpiece.core.splat.files import write_splats

    from .splat_files import made

    out = {}
    with tempfile.TemporaryDirectory() as folder:
        for degree in (0, 3):
            path = Path(folder) / f"{degree}.ply"
            splats = made(MANY)
            write_splats(path, replace(splats, sh=splats.sh[:, : (degree + 1) ** 2].copy()))
            del splats
            out[str(degree)] = best(lambda path=path: imported(path))
    return out


def imported(path: Path) -> None:
    """Read a file and make the cloud."""
    from mouthpiece.addon.bridge.splat_cloud import new_points, write_cloud
    from mouthpiece.core.splat.files import read_splats
    from mouthpiece.core.splat.z_up import z_up

    splats = z_up(read_splats(path)[0])
    cloud = new_points("Million", len(splats))
    write_cloud(cloud, splats)
    bpy.data.pointclouds.remove(cloud)


def best(deed: Callable[[], None], rounds: int = 3) -> float:
    """The least time of some rounds, in seconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        deed()
        times.append(time.perf_counter() - started)
    return min(times)


if __name__ == "__main__":
    sys.exit(main())
