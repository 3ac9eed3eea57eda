"""The face of the speech network: frames of speech and an emotion to the control board.

Source: the decoder of CSTalk (arXiv 2404.18604, §3.2) with its emotion embedding, conditioned by feature-wise scale
and shift as in Perez et al. 2018 (FiLM). Twin of core.training.network.Generator.
"""

from __future__ import annotations

import numpy as np

from ..rig.board import BOARD, LOWS
from .convolution import Chain, blocks
from .weights import SpeechModel

OFFLINE, STREAM, ARTICULATOR = "generator.", "stream.", "articulator."
"""Three networks of one shape: from frames with a view ahead, from frames without, and from phones."""
SIGNED = np.append(LOWS < 0, False)
"""Which outputs run from -1 to 1, bool [186]: the signed controls; the last output is lipSeal."""
LEFT = np.array([control.side == "L" for control in BOARD] + [False])
RIGHT = np.array([control.side == "R" for control in BOARD] + [False])


class Generator:
    """One of the three, fed piece by piece; gives what it would give for the whole."""

    def __init__(self, model: SpeechModel, prefix: str) -> None:
        """prefix: OFFLINE, STREAM or ARTICULATOR."""
        parts = {name.removeprefix(prefix): x for name, x in model.tensors.items() if name.startswith(prefix)}
        self._enter = np.ascontiguousarray(parts["enter.weight"].T), parts["enter.bias"]
        self._emotion = np.ascontiguousarray(parts["emotion.weight"].T)
        # tanh(x) is 2 sigmoid(2 x) - 1, so that all outputs go one way.
        steep = np.where(SIGNED, 2, 1).astype(np.float32)
        self._leave = np.ascontiguousarray(parts["leave.weight"].T) * steep, parts["leave.bias"] * steep
        self._spans, self._lows = steep, np.where(SIGNED, -1, 0).astype(np.float32)
        self._chain = Chain(blocks(parts, "", model.generator_dilations, causal=prefix == STREAM))

    def feed(self, frames: np.ndarray, emotion: np.ndarray) -> np.ndarray:
        """Take the next rows: float32 [n, 256] (of phones [n, 40]) and float32 [n, 6], 0..1, columns EMOTIONS.

        Returns the rows that are ready, float32 [m, 186] in the ranges of the controls, lipSeal last.
        """
        return self._shown(self._chain.feed(self._entered(frames, emotion)))

    def finish(self) -> np.ndarray:
        """The rows that waited for what comes after the end, float32 [m, 186]."""
        return self._shown(self._chain.finish())

    def still(self, frames: np.ndarray, emotion: np.ndarray) -> np.ndarray:
        """What each row would give if it lasted. Shapes as feed."""
        return self._shown(self._chain.still(self._entered(frames, emotion)))

    def _entered(self, frames: np.ndarray, emotion: np.ndarray) -> np.ndarray:
        weight, bias = self._enter
        x = frames @ weight
        x += bias
        np.maximum(x, 0, out=x)
        if emotion.any():
            scale, shift = np.split(emotion @ self._emotion, 2, axis=1)
            x *= 1 + scale
            x += shift
        return x

    def _shown(self, x: np.ndarray) -> np.ndarray:
        weight, bias = self._leave
        y = x @ weight
        y += bias
        with np.errstate(over="ignore"):  # far below 0 it overflows to infinity, whose reciprocal is the right answer
            np.exp(np.negative(y, out=y), out=y)
        y += 1
        np.divide(self._spans, y, out=y)
        y += self._lows
        return y


class SidedGenerator:
    """A generator whose left and right half may feel differently: run twice then, each half from its own run."""

    def __init__(self, model: SpeechModel, prefix: str, even: bool) -> None:
        """even: whether both halves always feel the same."""
        self._left = Generator(model, prefix)
        self._right = None if even else Generator(model, prefix)

    def feed(self, frames: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """As Generator.feed, with the emotion of each half of the face."""
        one = self._left.feed(frames, left)
        return one if self._right is None else joined(one, self._right.feed(frames, right))

    def finish(self) -> np.ndarray:
        """As Generator.finish."""
        return self._left.finish() if self._right is None else joined(self._left.finish(), self._right.finish())

    def still(self, frames: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """As Generator.still."""
        one = self._left.still(frames, left)
        return one if self._right is None else joined(one, self._right.still(frames, right))


def joined(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The left half of one face and the right half of another; their mean in the middle. Both float32 [n, 186]."""
    return np.where(LEFT, left, np.where(RIGHT, right, 0.5 * (left + right)))
