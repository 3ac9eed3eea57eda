"""python -m benchmarks.twin SECONDS: time the network's torch twin on CUDA, features to curves, and tell it as JSON.

Says nothing where torch or a CUDA device is missing. The weights are the shipped ones, the sound is noise: the network
works as hard for it as for speech.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from typing import Any

import numpy as np

from core.speech import mel
from core.speech.weights import SHIPPED


def main(arguments: list[str]) -> int:
    """Print device, audio_s and seconds. Returns 0, or 1 where there is no twin to time."""
    if importlib.util.find_spec("torch") is None:
        return 1
    import torch

    if not torch.cuda.is_available():
        return 1
    seconds = float(arguments[0])
    trunk, generator = load_twin()
    samples = np.random.default_rng(0).standard_normal(int(seconds * mel.RATE_HZ)).astype(np.float32) * 0.1
    features = torch.from_numpy(mel.features(samples))[None]
    best = min([_time((trunk, generator), features) for _ in range(4)][1:])  # the first wakes the device
    found = {"device": torch.cuda.get_device_name(), "audio_s": seconds, "seconds": best}
    sys.stdout.write(json.dumps(found))
    return 0


def load_twin() -> tuple[Any, Any]:
    """The shipped trunk and generator as torch modules on the CPU, in evaluation mode."""
    import torch
    from safetensors.torch import load_file

    from core.training.network import Generator, GeneratorShape, Trunk

    tensors = {name: tensor.float() for name, tensor in load_file(str(SHIPPED)).items()}
    outputs = len(tensors["generator.leave.bias"])
    trunk, generator = Trunk(), Generator(GeneratorShape(outputs), torch.zeros(outputs, dtype=torch.bool))
    for module, prefix in ((trunk, "trunk."), (generator, "generator.")):
        parts = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
        module.load_state_dict(parts)
    return trunk.eval(), generator.eval()


def _time(twin: tuple[Any, Any], features: Any) -> float:
    """Seconds from features on the host to curves on the host."""
    import torch

    trunk, generator = twin
    started = time.perf_counter()
    with torch.inference_mode():
        heard = trunk.cuda()(features.cuda())
        emotion = torch.zeros(1, heard.shape[1], 6, device="cuda")
        generator.cuda()(heard, emotion).cpu()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
