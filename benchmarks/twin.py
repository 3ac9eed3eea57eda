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
from core.speech.encoder import windows
from core.speech.weights import SHIPPED


def main(arguments: list[str]) -> int:
    """Print device, audio_s and seconds. Returns 0, or 1 where there is no twin to time."""
    if importlib.util.find_spec("torch") is None:
        return 1
    import torch

    if not torch.cuda.is_available():
        return 1
    seconds = float(arguments[0])
    twin = load_twin()
    samples = np.random.default_rng(0).standard_normal(int(seconds * mel.RATE_HZ)).astype(np.float32) * 0.1
    features = torch.from_numpy(mel.features(samples))
    best = min([_time(twin, features) for _ in range(4)][1:])  # the first wakes the device
    found = {"device": torch.cuda.get_device_name(), "audio_s": seconds, "seconds": best}
    sys.stdout.write(json.dumps(found))
    return 0


def load_twin() -> tuple[Any, Any]:
    """The shipped encoder's tensors and the generator as a torch module on the CPU, in evaluation mode."""
    import torch
    from safetensors.torch import load_file

    from core.training.network import Generator, GeneratorShape

    tensors = {name: tensor.float() for name, tensor in load_file(str(SHIPPED)).items()}
    parts = {name.removeprefix("generator."): t for name, t in tensors.items() if name.startswith("generator.")}
    outputs, (width, inputs) = len(parts["leave.bias"]), parts["enter.weight"].shape
    generator = Generator(GeneratorShape(outputs, inputs, width), torch.zeros(outputs, dtype=torch.bool))
    generator.load_state_dict(parts)
    return {name: t for name, t in tensors.items() if name.startswith("encoder.")}, generator.eval()


def _time(twin: tuple[Any, Any], features: Any) -> float:
    """Seconds from features on the host to curves on the host. features: float32 [N, 160]."""
    import torch

    from core.training.teacher import encode_window

    encoder, generator = twin
    encoder, generator = {name: tensor.cuda() for name, tensor in encoder.items()}, generator.cuda()
    started = time.perf_counter()
    with torch.inference_mode():
        rows = features.cuda().reshape(-1, mel.BANDS)
        heard = []
        for window, kept in windows(range(len(features)), len(features)):
            frames = encode_window(rows[2 * window.start : 2 * window.stop], encoder)
            heard.append(frames[kept.start - window.start : kept.stop - window.start])
        frames = torch.cat(heard)[None]
        generator(frames, torch.zeros(1, frames.shape[1], 6, device="cuda")).cpu()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
