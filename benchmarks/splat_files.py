"""Splat files read and written by us and by gsply, a million splats of degree 3, on one core.

python -m benchmarks splat_files [COUNT]: prints a table. Seconds are processor time, best of the rounds, which a busy
machine does not lengthen; files lie in memory or in the system's cache.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.splat.files import read_splats, write_splats
from core.splat.types import Splats

from . import machine

COUNT, ROUNDS = 1_000_000, 3
ENDINGS = (".ply", ".compressed.ply", ".splat", ".spz", ".glb")


def main(arguments: list[str]) -> int:
    """Print a row for each format. Returns an exit code."""
    splats = made(int(arguments[0]) if arguments else COUNT)
    out = sys.stdout
    out.write(f"{machine.describe()}; {len(splats):,} splats of degree 3, one core, processor time\n\n")
    out.write("| file | MB | written | read | splats/s written | splats/s read |\n|---|---|---|---|---|---|\n")
    with tempfile.TemporaryDirectory() as folder:
        for ending in ENDINGS:
            path = Path(folder) / f"a{ending}"
            wrote = best(lambda path=path: write_splats(path, splats))
            read = best(lambda path=path: read_splats(path))
            out.write(row(ending, path, (wrote, read), len(splats)))
            if ending == ".ply":
                out.write(row_of_gsply(path, len(splats)))
    return 0


def made(count: int) -> Splats:
    """Random splats of degree 3."""
    random = np.random.default_rng(0)
    quats = random.normal(size=(count, 4))
    quats /= np.linalg.norm(quats, axis=1, keepdims=True)
    shapes = ((count, 3), (count,), (count, 16, 3))
    means, logits, sh = (random.normal(0, 0.2, shape).astype(np.float32) for shape in shapes)
    return Splats(means, quats.astype(np.float32), random.normal(-5, 1, (count, 3)).astype(np.float32), logits, sh)


def row_of_gsply(path: Path, count: int) -> str:
    """gsply on the same file. It hands out views of the rows and checks no value; made contiguous, as ours are."""
    # One core means one thread of everybody; numba reads this when it is loaded.
    os.environ["NUMBA_NUM_THREADS"] = "1"
    try:
        import gsply
    except ImportError:
        return "| gsply is not installed | | | | | |\n"
    data = gsply.plyread(str(path))
    other = path.with_name("gsply.ply")

    def read() -> list[np.ndarray]:
        found = gsply.plyread(str(path))
        arrays = (found.means, found.quats, found.scales, found.opacities, found.sh0, found.shN)
        return [np.array(array, order="C", copy=True) for array in arrays]

    wrote, views = best(lambda: gsply.plywrite(str(other), data)), best(lambda: gsply.plyread(str(path)))
    plain = row(".ply, gsply", other, (wrote, best(read)), count)
    return plain + row(".ply, gsply, views only", other, (wrote, views), count)


def best(deed: Callable[[], object]) -> float:
    """The least processor time of some rounds, in seconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        deed()
        times.append(time.process_time() - start)
    return min(times)


def row(name: str, path: Path, times: tuple[float, float], count: int) -> str:
    """A row of the table."""
    wrote, read = times
    cells = (name, f"{path.stat().st_size / 1e6:.0f}", f"{wrote:.2f} s", f"{read:.2f} s")
    return f"| {' | '.join(cells)} | {count / wrote / 1e6:.2f} M | {count / read / 1e6:.2f} M |\n"
