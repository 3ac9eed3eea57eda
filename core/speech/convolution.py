"""Dilated convolutions that are fed a recording piece by piece and give exactly what they would give for the whole."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


class Convolution:
    """relu(conv(x)), or x + relu(conv(x)) as a residual block, over time with zeros outside the recording.

    A causal convolution answers at once. A centred one waits for the rows that each answer looks ahead to, so feed
    gives rows late, and finish gives the last ones.
    """

    def __init__(
        self, weight: np.ndarray, bias: np.ndarray, dilation: int = 1, *, causal: bool, residual: bool = True
    ) -> None:
        """weight: float32 [O, I, K], the last tap the newest; bias: float32 [O]."""
        self._taps = np.ascontiguousarray(weight.transpose(2, 1, 0))  # [K, I, O]
        self._bias = bias
        self._dilation = dilation
        self._residual = residual
        self._reach = (weight.shape[2] - 1) * dilation
        self._ahead = 0 if causal else self._reach // 2
        self._held = np.zeros((self._reach - self._ahead, weight.shape[1]), np.float32)

    def feed(self, x: np.ndarray) -> np.ndarray:
        """Take the next rows, float32 [n, I]. Returns the rows that are ready, float32 [m, O]."""
        held = np.concatenate([self._held, x])
        count = max(0, len(held) - self._reach)
        self._held = held[count:]
        if not count:
            return np.zeros((0, len(self._bias)), np.float32)
        # One product a tap and a sum: gathering the taps for a single product would move three times the memory.
        y = held[:count] @ self._taps[0]
        for tap in range(1, len(self._taps)):
            start = tap * self._dilation
            y += held[start : start + count] @ self._taps[tap]
        y += self._bias
        np.maximum(y, 0, out=y)
        if self._residual:
            now = self._reach - self._ahead
            y += held[now : now + count]
        return y

    def finish(self) -> np.ndarray:
        """The rows that still waited for what comes after the end, float32 [m, O]."""
        return self.feed(np.zeros((self._ahead, self._taps.shape[1]), np.float32))

    def still(self, x: np.ndarray) -> np.ndarray:
        """What each row would give if it had always been there and always would be. x: [N, I]. Returns [N, O]."""
        y = np.maximum(x @ self._taps.sum(axis=0) + self._bias, 0)
        return y + x if self._residual else y


class Chain:
    """Convolutions one after another."""

    def __init__(self, links: list[Convolution]) -> None:
        self._links = links

    def feed(self, x: np.ndarray) -> np.ndarray:
        """Take the next rows, float32 [n, I]. Returns the rows that are ready."""
        for link in self._links:
            x = link.feed(x)
        return x

    def finish(self) -> np.ndarray:
        """The rows that still waited."""
        late = self._links[0].finish()
        for link in self._links[1:]:
            late = np.concatenate([link.feed(late), link.finish()])
        return late

    def still(self, x: np.ndarray) -> np.ndarray:
        """What each row would give if it had always been there and always would be."""
        for link in self._links:
            x = link.still(x)
        return x


def blocks(
    tensors: Mapping[str, np.ndarray], prefix: str, dilations: tuple[int, ...], causal: bool
) -> list[Convolution]:
    """The residual blocks "{prefix}blocks.{i}" of a network, one a dilation."""
    names = [f"{prefix}blocks.{i}" for i in range(len(dilations))]
    return [
        Convolution(tensors[f"{name}.weight"], tensors[f"{name}.bias"], dilation, causal=causal)
        for name, dilation in zip(names, dilations, strict=True)
    ]
