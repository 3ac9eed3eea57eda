"""Gaussians drawn and their gradients, by numba's kernels and by plain torch, on one core and on two.

python -m benchmarks raster: writes docs/benchmarks-raster.md. Milliseconds on the wall, best of the rounds; run it
before other work (chrt -f 50) where the machine is busy. Ratios to torch's own time carry over to another machine.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from core.splat.render import look_at

from . import machine

SIZES = ((2_000, 64), (5_000, 128), (10_000, 256), (20_000, 256), (20_000, 512), (60_000, 512))
ROUNDS = 5
RADIUS = 0.11
"""Metres; of a ball of splats about as large as a head."""


PAGE = Path(__file__).parents[1] / "docs" / "benchmarks-raster.md"
TEXT = """\
# Gaussians drawn with gradients

Made by `python -m benchmarks raster`: {hardware}, torch {torch}. Milliseconds on the wall before other work, best of
{rounds} rounds. A ball of splats about as large as a head, each about as wide as its neighbour is far; one picture and
the gradients of a loss over all its pixels with respect to means, quaternions, scales, opacities and colours, float32.

"drawn" and "gradients" are `core/avatar/raster/cpu.py` (numba) on one core, "two cores" both together on two; "torch"
is `core/avatar/raster/reference.py`, plain tensors and autograd on one core; the ratio is between the two on one core.
"PSNR" is between their pictures, "off" how far the farthest gradient is from float64 autograd, as a share of the length
of all gradients of its kind.

{table}
The pictures and gradients of all rasterisers are held equal by `tests/core/test_avatar_raster.py`: to
`core/splat/render.py`, to each other, to autograd and to small differences. On CUDA cards gsplat 1.5.3 draws
(`core/avatar/raster/cuda.py`). What it is asked and what it gives is tested on gsplat's own `rasterization` with the
kernels replaced by the torch twins that the package ships (`tests/core/test_avatar_raster_cuda.py`): pictures equal the
reference's to 90 dB and gradients to 0.7 % of their length. The kernels themselves have not been run: there was no
card.
"""


def main(_: list[str]) -> int:
    """Write the page. Returns an exit code."""
    import torch

    torch.set_num_threads(1)
    lines = ["| splats | picture | drawn | gradients | two cores | torch | ratio | PSNR | off |", f"|{'---|' * 9}"]
    for count, size in SIZES:
        lines.append(_row(count, size))
        sys.stderr.write(f"{lines[-1]}\n")
    facts = {"hardware": machine.describe(), "torch": torch.__version__, "rounds": ROUNDS}
    PAGE.write_text(TEXT.format(table="\n".join(lines) + "\n", **facts), encoding="utf-8")
    return 0


def _row(count: int, size: int) -> str:
    from core.avatar.raster.cpu import CpuRasteriser
    from core.avatar.raster.reference import ReferenceRasteriser

    alone, shared = (_best(CpuRasteriser(threads), count, size, ROUNDS) for threads in (1, 2))
    plain = _best(ReferenceRasteriser(), count, size, 2)
    times = (*(f"{x * 1e3:.1f}" for x in alone), f"{sum(shared) * 1e3:.1f}", f"{sum(plain) * 1e3:.0f}")
    near, off = _apart(count, size)
    cells = (f"{count:,}", f"{size}²", *times, f"{sum(plain) / sum(alone):.0f}", f"{near:.0f} dB", f"{off:.0e}")
    return f"| {' | '.join(cells)} |"


def _apart(count: int, size: int) -> tuple[float, float]:
    """Decibels between the pictures, and the farthest gradient from autograd in float64."""
    import torch

    from core.avatar.raster.cpu import CpuRasteriser
    from core.avatar.raster.reference import ReferenceRasteriser

    pictures, slopes = [], []
    for raster, dtype in ((CpuRasteriser(1), torch.float32), (ReferenceRasteriser(), torch.float64)):
        color, rows = _drawn(raster, count, size, dtype)
        (color * _weights(size).to(dtype)).sum().backward()
        pictures.append(color.detach().double())
        slopes.append([row.grad.double() for row in rows])
    near = -10 * torch.log10((pictures[0] - pictures[1]).square().mean())
    off = max(float((got - want).abs().max() / want.norm()) for got, want in zip(*slopes, strict=True))
    return float(near), off


def _drawn(raster: Any, count: int, size: int, dtype: Any) -> tuple[Any, list[Any]]:
    """A picture [size, size, 3] and the rows it came from."""
    import torch

    from core.avatar.raster.protocol import Gaussians

    rows = [torch.from_numpy(row).float().to(dtype).requires_grad_() for row in ball(count)]
    camera = look_at(np.array([0.0, 0.0, 0.8]), np.zeros(3), (size, size), 20)
    return raster.render(Gaussians(*rows), camera).color, rows


def _weights(size: int) -> Any:
    """What the loss weighs each number of a picture by."""
    import torch

    return torch.randn(size, size, 3, generator=torch.Generator().manual_seed(0))


def ball(count: int) -> tuple[np.ndarray, ...]:
    """Means, quats, scales, opacities and colours of splats on a ball, each about as wide as its neighbour is far."""
    random = np.random.default_rng(0)
    ways = random.standard_normal((count, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    wide = 0.7 * np.sqrt(4 * np.pi * RADIUS**2 / count)
    scales = wide * np.exp(0.4 * random.standard_normal((count, 3)))
    rows = (RADIUS * ways, random.standard_normal((count, 4)), scales)
    return *rows, random.uniform(0.3, 0.98, count), random.uniform(0, 1, (count, 3))


def _best(raster: Any, count: int, size: int, rounds: int) -> tuple[float, float]:
    """Seconds to draw and for the gradients, each the best of some rounds."""
    import torch

    weights, times = _weights(size), []
    for _ in range(rounds + 1):  # the first may compile
        begun = time.perf_counter()
        color, _ = _drawn(raster, count, size, torch.float32)
        drawn = time.perf_counter()
        (color * weights).sum().backward()
        times.append((drawn - begun, time.perf_counter() - drawn))
    return tuple(float(best) for best in np.min(times[1:], axis=0))
