"""The ear for whole recordings: the lower blocks of Whisper's encoder, which know phones in any voice and room.

Source: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", §2.2; the layer names in the
weights file are ours. Twin of core.training.teacher.encode_window.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from . import mel
from .weights import SpeechModel

HEADS = 6
WINDOW_HOPS = 400
"""What is heard at once, 8 s: long enough for context, short enough that attention costs little."""
MARGIN_HOPS = 25  # half a second of context on either side, thrown away
STEP_HOPS = WINDOW_HOPS - 2 * MARGIN_HOPS
_GELU_SCALE = np.float32(np.sqrt(2 / np.pi))


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """An affine map of rows. weight: float32 [I, O]; bias: float32 [O]."""

    weight: np.ndarray
    bias: np.ndarray

    def of(self, x: np.ndarray) -> np.ndarray:
        """x: [n, I]. Returns [n, O]."""
        y = x @ self.weight
        y += self.bias
        return y


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """One pre-norm transformer block, the scales of its norms folded into the lines that follow them."""

    attention_in: _Line
    attention_out: _Line
    feed_in: _Line
    feed_out: _Line

    def of(self, x: np.ndarray) -> np.ndarray:
        """x: float32 [n, 384]. Returns the same shape."""
        x = x + self.attention_out.of(_attend(self.attention_in.of(_normed(x))))
        x += self.feed_out.of(_gelu(self.feed_in.of(_normed(x))))
        return x


class Encoder:
    """Hears a window as a whole: every frame of it depends on all of it, so windows must lie where they always lie."""

    def __init__(self, model: SpeechModel) -> None:
        tensors = model.tensors
        self._convolutions = [_convolution(tensors, name) for name in ("conv1", "conv2")]
        self._positions = tensors["encoder.positions"]
        self._blocks = [_block(tensors, f"encoder.blocks.{block}.") for block in range(block_count(tensors))]

    def hear(self, hops: np.ndarray) -> np.ndarray:
        """What is said in a window.

        hops: float32 [n + 1, 160] of mel.features, n at most WINDOW_HOPS; the last one only completes the one before.
        Returns float32 [n, 384].
        """
        rows = hops.reshape(-1, mel.BANDS)[1:-1]  # row m is centred 10 m ms after the window's start
        first, second = self._convolutions
        x = _gelu(first.of(_neighbours(rows, 1)))
        x = _gelu(second.of(_neighbours(x, 2)))
        x += self._positions[: len(x)]
        for block in self._blocks:
            x = block.of(x)
        return x


def windows(span: range, count: int) -> Iterator[tuple[range, range]]:
    """Where to listen for the hops of a span that begins at a multiple of STEP_HOPS.

    count: hops of the recording. Yields the hops to hear together and those of them to keep.
    """
    for start in range(span.start, span.stop, STEP_HOPS):
        kept = range(start, min(start + STEP_HOPS, span.stop))
        yield range(max(0, start - MARGIN_HOPS), min(start + STEP_HOPS + MARGIN_HOPS, count)), kept


def silent_frame(model: SpeechModel) -> np.ndarray:
    """What is heard amid lasting silence, float32 [384]."""
    return Encoder(model).hear(np.full((2 * MARGIN_HOPS + 1, mel.HOP_VALUES), mel.FLOOR, np.float32))[MARGIN_HOPS]


def block_count(tensors: dict[str, np.ndarray]) -> int:
    """How many transformer blocks the weights hold."""
    return len({name.split(".")[2] for name in tensors if name.startswith("encoder.blocks.")})


def _convolution(tensors: dict[str, np.ndarray], name: str) -> _Line:
    weight = tensors[f"encoder.{name}.weight"]  # [O, I, K]
    taps = weight.transpose(2, 1, 0).reshape(-1, len(weight))
    return _Line(np.ascontiguousarray(taps), tensors[f"encoder.{name}.bias"])


def _block(tensors: dict[str, np.ndarray], prefix: str) -> _Block:
    def line(name: str, norm: str | None = None) -> _Line:
        weight, bias = tensors[f"{prefix}{name}.weight"], tensors[f"{prefix}{name}.bias"]
        if norm:
            bias = bias + weight @ tensors[f"{prefix}{norm}.bias"]
            weight = weight * tensors[f"{prefix}{norm}.weight"]
        return _Line(weight.T, bias)

    attention_in = line("attention_in", "attention_norm")  # copies, as every line that follows a norm
    size = attention_in.weight.shape[0]
    for part in (attention_in.weight, attention_in.bias):
        part[..., :size] *= np.float32((size / HEADS) ** -0.5)  # the queries
    return _Block(attention_in, line("attention_out"), line("feed_in", "feed_norm"), line("feed_out"))


def _neighbours(x: np.ndarray, stride: int) -> np.ndarray:
    """Each stride-th row between the one before and the one after, zeros outside. [n, I] to [ceil(n / stride), 3 I]."""
    padded = np.pad(x, ((1, 1), (0, 0)))
    return np.concatenate([padded[tap : tap + len(x) : stride] for tap in range(3)], axis=1)


def _normed(x: np.ndarray) -> np.ndarray:
    """Each row to mean 0 and variance 1."""
    centred = x - x.mean(axis=1, keepdims=True)
    variance = np.einsum("ni,ni->n", centred, centred) / np.float32(x.shape[1])
    centred *= (1 / np.sqrt(variance + np.float32(1e-5)))[:, None]
    return centred


def _gelu(x: np.ndarray) -> np.ndarray:
    """Gaussian error linear unit. Source: Hendrycks & Gimpel 2016, the tanh form."""
    y = x * x  # in place from here on: the time goes into memory traffic, not into arithmetic
    y *= np.float32(0.044715)
    y += np.float32(1)
    y *= x
    y *= _GELU_SCALE
    np.tanh(y, out=y)
    y += np.float32(1)
    y *= x
    y *= np.float32(0.5)
    return y


def _attend(heard: np.ndarray) -> np.ndarray:
    """Scaled dot-product attention of a window on itself. heard: queries, keys, values [n, 3 I]. Returns [n, I]."""
    size = heard.shape[1] // 3
    share = size // HEADS
    attended = np.empty((len(heard), size), np.float32)
    for start in range(0, size, share):  # head by head, so that the scores stay in the cache
        queries, keys, values = (heard[:, part + start : part + start + share] for part in (0, size, 2 * size))
        scores = queries @ keys.T
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        np.divide(scores @ values, scores.sum(axis=1, keepdims=True), out=attended[:, start : start + share])
    return attended
