"""The rasteriser for processors: numba's kernels behind torch's autograd, tiles shared among threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch

from ...splat.render import TILE, Camera
from ...threads import thread_count
from .numba_kernels import GRADIENTS, OPACITY, VALUES, Bins, Planes, binned, blend, blend_back, sorted_rows
from .numba_order import visible
from .numba_projection import Flat, Solid, project, project_back, view_of
from .protocol import Drawn, Gaussians, finished


class CpuRasteriser:
    """Exact but for light under one part in 100,000 (numba_kernels.ENOUGH); float32, on the processor.

    The same Gaussians and number of threads give the same picture and the same gradients to the last bit.
    """

    def __init__(self, threads: int | None = None) -> None:
        """threads: cores to take; as many as core.threads grants by default."""
        self.threads = thread_count() if threads is None else max(1, threads)
        self.device = torch.device("cpu")

    def render(self, gaussians: Gaussians, camera: Camera, background: torch.Tensor | None = None) -> Drawn:
        """See Rasteriser."""
        rows = (gaussians.means, gaussians.quats, gaussians.scales, gaussians.opacities)
        *flat, reach = _Project.apply(camera, *(row.float() for row in rows))
        if flat[0].requires_grad:
            flat[0].retain_grad()
        planes = _Blend.apply((camera.size, self.threads, reach), *flat, gaussians.colors.float())
        return finished(planes, background, flat[0], reach[:, 0] >= 0)


class _Project(torch.autograd.Function):
    """Gaussians to flat ones: middles, conics, opacities, depths, and their reach."""

    @staticmethod
    def forward(ctx: Any, camera: Camera, *rows: torch.Tensor) -> tuple[torch.Tensor, ...]:
        count = len(rows[0])
        flat = [torch.zeros(count, *more) for more in ((2,), (3,), (), ())]
        reach = torch.empty(count, 3, dtype=torch.float64)
        project(Solid(*map(_array, rows)), view_of(camera), Flat(*map(_array, flat)), _array(reach))
        ctx.camera = camera
        ctx.save_for_backward(*rows, reach)
        ctx.mark_non_differentiable(reach)
        return *flat, reach

    @staticmethod
    def backward(ctx: Any, *given: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        *rows, reach = ctx.saved_tensors
        out = [torch.zeros(row.shape) for row in rows]
        solid, view = Solid(*map(_array, rows)), view_of(ctx.camera)
        project_back(solid, view, _array(reach), Flat(*map(_array, given[:4])), Solid(*map(_array, out)))
        return None, *out


class _Blend(torch.autograd.Function):
    """Flat Gaussians to the sums of protocol.finished."""

    @staticmethod
    def forward(ctx: Any, how: tuple[tuple[int, int], int, torch.Tensor], *given: torch.Tensor) -> torch.Tensor:
        (width, height), threads, reach = how
        flat, colors, far = Flat(*map(_array, given[:4])), _array(given[4]), _array(reach)
        order = visible(flat.middles, far, (width, height))
        rows = sorted_rows(order, flat, colors, far)
        bins = binned(rows, far[order, 0], (-(-width // TILE), -(-height // TILE)))
        sums = torch.empty(height, width, 5)
        planes = Planes(_array(sums), np.empty((height, width), np.float32), np.empty((height, width), np.int32))
        _shared(lambda part, _: blend(rows, bins, part, planes), bins, threads)
        ctx.kept = order, rows, bins, planes, threads, len(colors)
        return sums

    @staticmethod
    def backward(ctx: Any, asked: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        order, rows, bins, planes, threads, count = ctx.kept
        out, given = np.zeros((threads, len(rows), GRADIENTS), np.float32), _array(asked)
        _shared(lambda part, number: blend_back(rows, bins, part, planes, given, out[number]), bins, threads)
        whole = torch.zeros(count, GRADIENTS)
        whole[torch.from_numpy(order)] = torch.from_numpy(out.sum(0))
        middles, conics, opacities = whole[:, :2], whole[:, 2:OPACITY], whole[:, OPACITY]
        return None, middles, conics, opacities, whole[:, VALUES + 3], whole[:, VALUES : VALUES + 3]


def _array(tensor: torch.Tensor) -> np.ndarray:
    """The tensor's own memory where it lies in order."""
    return tensor.detach().contiguous().numpy()


def _shared(work: Callable[[tuple[int, int], int], None], bins: Bins, threads: int) -> None:
    """Do the tiles in parts of like size, a thread each. work: takes tiles from, to, and the part's number."""
    tiles = len(bins.starts) - 1
    cost = bins.starts + np.arange(tiles + 1)  # an empty tile is not free
    cuts = np.searchsorted(cost, np.linspace(0, cost[-1], threads + 1)[1:-1])
    parts = list(zip([0, *map(int, cuts)], [*map(int, cuts), tiles], strict=True))
    if threads == 1:
        return work(parts[0], 0)
    with ThreadPoolExecutor(threads) as crew:
        list(crew.map(work, parts, range(threads)))
    return None
