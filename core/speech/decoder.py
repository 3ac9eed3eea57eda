"""Encoder frames to control values: the part of the network that we train on filmed faces."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from . import layers


def decode(hidden: np.ndarray, weights: Mapping[str, np.ndarray], dilations: tuple[int, ...]) -> np.ndarray:
    """Control values of one window.

    hidden: float32 [N, 384] at 50 Hz; weights: the "decoder." tensors; dilations: one residual block each.
    Returns float32 [N, C] in 0..1. Twin of core.training.network.Decoder.
    """
    x = (hidden - weights["decoder.mean"]) * weights["decoder.scale"]
    x = layers.gelu(layers.linear(x, weights["decoder.enter.weight"], weights["decoder.enter.bias"]))
    for block, dilation in enumerate(dilations):
        weight, bias = (weights[f"decoder.blocks.{block}.{part}"] for part in ("weight", "bias"))
        x = x + layers.gelu(layers.conv1d(x, weight, bias, dilation=dilation))
    x = layers.linear(x, weights["decoder.leave.weight"], weights["decoder.leave.bias"])
    return 1.0 / (1.0 + np.exp(-x))
