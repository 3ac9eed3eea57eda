"""Gaussians drawn and their gradients, by numba's kernels and by plain torch, on one core and on two.

python -m benchmarks raster: prints a table. Milliseconds on the wall, best of the rounds; run it before other work
(chrt -f 50) where the machine is busy. Ratios to torch's own time are what carries over to another machine.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from core.splat.render import look_at

from . import machine

SIZES = ((2_000, 64), (5_000, 128), (10_000, 256), (20_000, 256), (20_000, 512), (60_000, 512))
ROUNDS = 5
RADIUS = 0.11
"""Metres; of a ball of splats about as large as a head."""


def main(_: list[str]) -> int:
    """Print a row for each scene. Returns an exit code."""
    import torch

    from core.avatar.raster.cpu import CpuRasteriser
    from core.avatar.raster.reference import ReferenceRasteriser

    torch.set_num_threads(1)
    out = sys.stdout
    out.write(f"{machine.describe()}, torch {torch.__version__}; milliseconds on the wall\n\n")
    out.write("| splats | picture | one core: drawn | gradients | two cores: both | torch, one core: both | ratio |\n")
    out.write("|---|---|---|---|---|---|---|\n")
    for count, size in SIZES:
        alone = _best(CpuRasteriser(1), count, size, ROUNDS)
        shared = _best(CpuRasteriser(2), count, size, ROUNDS)
        plain = _best(ReferenceRasteriser(), count, size, 2)
        cells = (f"{count:,}", f"{size}²", *(f"{x * 1e3:.1f}" for x in alone), f"{sum(shared) * 1e3:.1f}")
        out.write(f"| {' | '.join(cells)} | {sum(plain) * 1e3:.0f} | {sum(plain) / sum(alone):.0f} |\n")
        out.flush()
    return 0


def ball(count: int) -> tuple[np.ndarray, ...]:
    """Means, quats, scales, opacities and colours of splats on a ball, each about as wide as its neighbour is far."""
    random = np.random.default_rng(0)
    ways = random.standard_normal((count, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    wide = 0.7 * np.sqrt(4 * np.pi * RADIUS**2 / count)
    scales = wide * np.exp(0.4 * random.standard_normal((count, 3)))
    rows = (RADIUS * ways, random.standard_normal((count, 4)), scales)
    return *rows, random.uniform(0.3, 0.98, count), random.uniform(0, 1, (count, 3))


def _best(raster: object, count: int, size: int, rounds: int) -> tuple[float, float]:
    """Seconds to draw and for the gradients, each the best of some rounds."""
    import torch

    from core.avatar.raster.protocol import Gaussians

    rows = [torch.from_numpy(row).float().requires_grad_() for row in ball(count)]
    camera = look_at(np.array([0.0, 0.0, 0.8]), np.zeros(3), (size, size), 20)
    weights = torch.randn(size, size, 3, generator=torch.Generator().manual_seed(0))
    times = []
    for _ in range(rounds + 1):  # the first may compile
        begun = time.perf_counter()
        loss = (raster.render(Gaussians(*rows), camera).color * weights).sum()
        drawn = time.perf_counter()
        loss.backward()
        times.append((drawn - begun, time.perf_counter() - drawn))
    return tuple(float(best) for best in np.min(times[1:], axis=0))
