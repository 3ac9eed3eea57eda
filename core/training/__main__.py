"""python -m core.training speech --data DIR: train the shipped speech model again from its sources."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ..errors import CoreError
from ..speech.weights import SHIPPED
from .fit import Recipe
from .sources import find_sources


def main(arguments: list[str]) -> int:
    """Train, write the weights and say how well they do on the clips set aside. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m core.training", description=__doc__)
    parser.add_argument("what", choices=("speech",), help="the network to train")
    parser.add_argument("--data", type=Path, required=True, help="the data folder; docs/training.md says what it holds")
    parser.add_argument("-o", "--output", type=Path, default=SHIPPED, help="the weights file to write")
    parser.add_argument("--steps", type=int, default=Recipe().steps, help="optimiser steps of each network")
    parser.add_argument("--threads", type=int, default=2, help="threads torch may use")
    options = parser.parse_args(arguments)
    started = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - started:6.0f} s] {text}\n")
        sys.stderr.flush()

    try:
        sources = find_sources(options.data)
        _run(sources, options, say)
    except CoreError as fault:
        sys.stderr.write(f"{fault}\n")
        return 4
    return 0


def _run(sources, options: argparse.Namespace, say) -> None:  # noqa: ANN001
    import torch

    from .train import judge_model, train, write_model

    torch.set_num_threads(options.threads)
    trained = train(sources, Recipe(steps=options.steps), say)
    write_model(trained, options.output)
    scores = judge_model(options.output, sources)
    told = f"lip opening r {scores.r:.3f}, closure F1 {scores.closure_f1:.3f} on GRID set aside"
    sys.stdout.write(f"{options.output}: {told}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
