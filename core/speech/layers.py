"""The few neural-network layers the speech model is made of, on float32 NumPy arrays, time first."""

from __future__ import annotations

import numpy as np

_GELU_SCALE = np.float32(np.sqrt(2 / np.pi))


def linear(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Affine map of each row. x: [N, I]; weight: [O, I]; bias: [O]. Returns [N, O]."""
    y = x @ weight.T
    y += bias
    return y


def conv1d(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int = 1, dilation: int = 1) -> np.ndarray:
    """Centred convolution over time, zeros outside. x: [N, I]; weight: [O, I, K], K odd; bias: [O].

    Returns [ceil(N / stride), O].
    """
    outputs, inputs, width = weight.shape
    reach = width // 2 * dilation
    padded = np.pad(x, ((reach, reach), (0, 0)))
    taps = [padded[k * dilation : k * dilation + len(x) : stride] for k in range(width)]
    return np.concatenate(taps, axis=1) @ weight.transpose(2, 1, 0).reshape(width * inputs, outputs) + bias


def gelu(x: np.ndarray) -> np.ndarray:
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


def layer_norm(x: np.ndarray, scale: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Normalise each row to mean 0 and variance 1, then scale and shift. x: [N, I]."""
    centred = x - x.mean(axis=1, keepdims=True)
    variance = np.mean(centred * centred, axis=1, keepdims=True)
    centred *= 1 / np.sqrt(variance + np.float32(1e-5))
    centred *= scale
    centred += shift
    return centred


def self_attention(queries: np.ndarray, keys: np.ndarray, values: np.ndarray, heads: int) -> np.ndarray:
    """Scaled dot-product attention of a sequence on itself. All three: [N, I], I a multiple of heads."""
    q, k, v = (x.reshape(len(x), heads, -1).transpose(1, 0, 2) for x in (queries, keys, values))
    scores = (q * np.float32(1 / np.sqrt(q.shape[2]))) @ k.transpose(0, 2, 1)
    scores -= scores.max(axis=2, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=2, keepdims=True)
    return (scores @ v).transpose(1, 0, 2).reshape(queries.shape)
