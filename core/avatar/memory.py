"""The optimiser's memory of each parameter, kept when splats come and go and when a training goes on later."""

from __future__ import annotations

import torch

from .avatar import SPLATS, Avatar
from .settings import RateSettings

NUMBERS = ("exp_avg", "exp_avg_sq", "step")
FALL = 0.03
"""What rates fall to over a training; where they stay higher, mouths still shake at its end."""


def optimiser_of(avatar: Avatar, rates: RateSettings) -> torch.optim.Adam:
    """Adam with a rate for each kind of parameter."""
    groups, at_home = [], avatar.offsets.device.type == "cpu"
    for name, parameter in avatar.named_parameters():
        rate = _rate(name, rates)
        groups.append({"params": [parameter], "name": name, "lr": rate, "first": rate})
    return torch.optim.Adam(groups, eps=1e-15, fused=at_home)


def _rate(name: str, rates: RateSettings) -> float:
    if name in SPLATS:
        return getattr(rates, name)
    if name == "shapes.bases":
        return rates.shapes
    if name.startswith("correction."):
        return rates.tracks
    if name.startswith("follow."):
        return rates.follow
    return rates.grid if ".grid." in name else rates.networks


def set_pace(optimiser: torch.optim.Adam, part: float) -> None:
    """Let rates fall as a training goes on. part: 0..1 of it is done."""
    for group in optimiser.param_groups:
        group["lr"] = group["first"] * FALL ** min(1.0, part)


def memory_of(optimiser: torch.optim.Adam) -> dict[str, torch.Tensor]:
    """What an optimiser remembers, by parameter and number."""
    out = {}
    for group in optimiser.param_groups:
        state = optimiser.state.get(group["params"][0], {})
        out |= {f"{group['name']}/{number}": state[number] for number in NUMBERS if number in state}
    return out


def remember(optimiser: torch.optim.Adam, memory: dict[str, torch.Tensor]) -> None:
    """The opposite of memory_of."""
    for group in optimiser.param_groups:
        parameter = group["params"][0]
        state = {number: memory.get(f"{group['name']}/{number}") for number in NUMBERS}
        if all(value is not None for value in state.values()):
            own = {name: value.to(parameter.device) for name, value in state.items() if name != "step"}
            optimiser.state[parameter] = own | {"step": state["step"].cpu()}


def reordered(memory: dict[str, torch.Tensor], rows: torch.Tensor, fresh: torch.Tensor) -> dict[str, torch.Tensor]:
    """Memory for splats taken from rows [n] of those before; those that are fresh [n] begin without any."""
    out = dict(memory)
    for name, value in memory.items():
        owner, number = name.rsplit("/", 1)
        axis = splat_axis(owner)
        if axis is None or number == "step":
            continue
        taken = value.index_select(axis, rows)
        shape = [1] * taken.dim()
        shape[axis] = len(rows)
        out[name] = taken * (~fresh).view(shape)
    return out


def splat_axis(name: str) -> int | None:
    """The axis along which a parameter has an entry for each splat; None where it has none."""
    if name in SPLATS:
        return 0
    return 1 if name == "shapes.bases" else None
