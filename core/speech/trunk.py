"""The ear of the stream: log-mel hops in, what is being said out, 72.5 ms behind the sound.

Source: the TCN encoder of CSTalk (arXiv 2404.18604, §3.2); causal residual blocks as in Bai, Kolter & Koltun 2018.
Twin of core.training.network.Trunk.
"""

from __future__ import annotations

import numpy as np

from . import mel
from .convolution import Chain, Convolution, blocks
from .weights import SpeechModel

SETTLED_HOPS = 80
"""Hops after which nothing from before them is heard any more."""


class Trunk:
    """Fed piece by piece; gives what it would give for the whole."""

    def __init__(self, model: SpeechModel) -> None:
        tensors = model.tensors
        enter = Convolution(tensors["trunk.enter.weight"], tensors["trunk.enter.bias"], causal=True, residual=False)
        self._chain = Chain([enter, *blocks(tensors, "trunk.", model.trunk_dilations, causal=True)])
        self._delay = model.delay
        self._early = model.delay

    def feed(self, hops: np.ndarray) -> np.ndarray:
        """Take the next rows of mel.features, float32 [n, 160].

        Returns the frames that are ready, float32 [m, 256]: that of hop n comes with hop n + model.delay.
        """
        x = self._chain.feed(hops)
        early = min(self._early, len(x))
        self._early -= early
        return x[early:]

    def finish(self) -> np.ndarray:
        """The frames that waited for what comes after the end, float32 [m, 256]."""
        return self.feed(np.full((self._delay, mel.HOP_VALUES), mel.FLOOR, np.float32))


def silent_frame(model: SpeechModel) -> np.ndarray:
    """What the trunk says of lasting silence, float32 [256]."""
    return Trunk(model).feed(np.full((SETTLED_HOPS, mel.HOP_VALUES), mel.FLOOR, np.float32))[-1]
