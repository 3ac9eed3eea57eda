"""A card that is not there: tensors that say they are on a device of their own and refuse to meet the processor's.

What torch forbids between a card and the processor is forbidden here too, so that code that forgets to bring something
along fails without a card. Arithmetic is done on the processor. The device is called "meta", which torch knows
everywhere.
"""

from __future__ import annotations

from contextlib import contextmanager

import torch
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

CARD = torch.device("meta")
aten = torch.ops.aten
CROSSING = {aten._to_copy.default, aten.copy_.default}
INDEXING = {aten.index.Tensor, aten.index_put.default, aten.index_put_.default, aten._index_put_impl_.default}


class OnCard(torch.Tensor):
    """A tensor on the pretended card. own: what it holds, on the processor."""

    @staticmethod
    def __new__(cls, own):
        more = {"strides": own.stride(), "storage_offset": own.storage_offset(), "dtype": own.dtype, "device": CARD}
        made = torch.Tensor._make_wrapper_subclass(cls, own.size(), **more)
        made.own = own
        return made

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return done(func, args, kwargs or {})

    def numpy(self):
        raise TypeError("a tensor on a card has no array; bring it home with cpu()")


def done(func, args, kwargs):
    """An operation done on the processor, and its answer on the device that torch would leave it on."""
    tensors = [x for x in tree_flatten((args, kwargs))[0] if isinstance(x, torch.Tensor)]
    there = [x for x in tensors if isinstance(x, OnCard)]
    home = [x for x in tensors if not isinstance(x, OnCard) and x.dim()]
    if any(x.device == CARD for x in home):
        raise RuntimeError(f"{func} meets a tensor that was made past the pretended card")
    if there and home and func not in CROSSING and not (func in INDEXING and isinstance(args[0], OnCard)):
        raise RuntimeError(f"{func}: expected all tensors to be on the same device")
    asked = kwargs.get("device")
    to_card = bool(there) if asked is None else torch.device(asked) == CARD
    kwargs = {name: value for name, value in kwargs.items() if name != "device" or value is None or not to_card}
    if func is aten._to_copy.default:
        kwargs["device"] = torch.device("cpu")
    out = func(*tree_map(_home, args), **tree_map(_home, kwargs))
    if func._schema.name.endswith("_") and isinstance(args[0], torch.Tensor):
        if torch.Tag.inplace_view in func.tags and isinstance(args[0], OnCard):
            with no_dispatch():  # its shape has changed in place, and what says so must know
                func(*args, **kwargs)
        return args[0]
    if func is aten._local_scalar_dense.default:
        return out
    return tree_map(lambda x: OnCard(x) if isinstance(x, torch.Tensor) else x, out) if to_card else out


class _Watching(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return done(func, args, kwargs or {})


@contextmanager
def pretended_card(monkeypatch):
    """Within, CARD is a device like any other."""
    for name in ("tensor", "as_tensor"):
        monkeypatch.setattr(torch, name, _moved(getattr(torch, name)))
    with _Watching():
        yield CARD
    monkeypatch.undo()


def _moved(make):
    """torch.tensor and torch.as_tensor, which fill a device's memory without being asked about it."""

    def made(data, *, device=None, **more):
        if isinstance(data, torch.Tensor):
            return data.to(device=device or data.device, **more)
        return make(data, **more).to(device or "cpu")

    return made


def _home(x):
    return x.own if isinstance(x, OnCard) else x
