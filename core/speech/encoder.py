"""The speech encoder: the lower blocks of Whisper tiny.en, which hear phones whatever the voice or the room.

Source: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", §2.2; the
layer names in the weights file are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from . import layers

HEADS = 6
FRAME_RATE_HZ = 50
WINDOW_FRAMES = 600  # 12 s: long enough for context, short enough that attention costs little
MARGIN_FRAMES = 50  # one second of context on either side, thrown away


def encode(mel: np.ndarray, weights: Mapping[str, np.ndarray]) -> Iterator[tuple[np.ndarray, slice]]:
    """Encode a recording of any length, window by window.

    mel: float32 [N, 80] at 100 Hz, as mel.log_mel gives it.
    weights: the "encoder." tensors of the model.
    Yields float32 [n, 384] windows at 50 Hz and the rows to keep of each; the rest is context shared with the
    neighbours. The kept rows together are ceil(N / 2).
    """
    total = -(-len(mel) // 2)
    step = WINDOW_FRAMES - 2 * MARGIN_FRAMES
    for start in range(0, total, step):
        first, stop = max(0, start - MARGIN_FRAMES), min(total, start + step)
        last = min(total, stop + MARGIN_FRAMES)
        yield encode_window(mel[2 * first : 2 * last], weights), slice(start - first, stop - first)


def encode_window(mel: np.ndarray, weights: Mapping[str, np.ndarray]) -> np.ndarray:
    """Encode one window as a whole. mel: float32 [N, 80], N <= 3000. Returns float32 [ceil(N / 2), 384]."""
    x = layers.gelu(layers.conv1d(mel, weights["encoder.conv1.weight"], weights["encoder.conv1.bias"]))
    x = layers.gelu(layers.conv1d(x, weights["encoder.conv2.weight"], weights["encoder.conv2.bias"], stride=2))
    x = x + weights["encoder.positions"][: len(x)]
    for block in range(block_count(weights)):
        x = _block(x, weights, f"encoder.blocks.{block}.")
    return x


def block_count(weights: Mapping[str, np.ndarray]) -> int:
    """How many transformer blocks the weights hold."""
    return len({name.split(".")[2] for name in weights if name.startswith("encoder.blocks.")})


def _block(x: np.ndarray, weights: Mapping[str, np.ndarray], prefix: str) -> np.ndarray:
    """One pre-norm transformer block. x: [N, 384]."""

    def part(name: str) -> tuple[np.ndarray, np.ndarray]:
        return weights[f"{prefix}{name}.weight"], weights[f"{prefix}{name}.bias"]

    normed = layers.layer_norm(x, *part("attention_norm"))
    queries, keys, values = np.split(layers.linear(normed, *part("attention_in")), 3, axis=1)
    x = x + layers.linear(layers.self_attention(queries, keys, values, HEADS), *part("attention_out"))
    normed = layers.layer_norm(x, *part("feed_norm"))
    return x + layers.linear(layers.gelu(layers.linear(normed, *part("feed_in"))), *part("feed_out"))
