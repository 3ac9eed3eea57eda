"""Which rasteriser this machine has."""

from __future__ import annotations

import importlib.util

from ...errors import SettingError
from .protocol import Rasteriser

DEVICES = ("auto", "cpu", "cuda")


def device_for(wish: str = "auto") -> str:
    """The device to train on, cpu or cuda. wish: one of DEVICES; auto takes a card where there is one and gsplat.

    Raises SettingError when a card is asked for and cannot be had.
    """
    import torch

    if wish not in DEVICES:
        raise SettingError(f"There is no device {wish!r}; choose one of {', '.join(DEVICES)}.")
    card, library = torch.cuda.is_available(), importlib.util.find_spec("gsplat") is not None
    if wish == "cuda" and not card:
        raise SettingError("No CUDA device can be used here; choose the processor (--device cpu).")
    if wish == "cuda" and not library:
        raise SettingError("Drawing on a CUDA device needs the package gsplat (1.5.3); install it, or choose the cpu.")
    return "cuda" if wish != "cpu" and card and library else "cpu"


def rasteriser_for(device: str, threads: int | None = None) -> Rasteriser:
    """The fastest rasteriser for a device, cpu or cuda. threads: cores for the processor's (see CpuRasteriser)."""
    if device == "cuda":
        from .cuda import CudaRasteriser

        return CudaRasteriser()
    from .cpu import CpuRasteriser

    return CpuRasteriser(threads)
