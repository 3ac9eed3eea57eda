"""python -m core.training speech --data DIR: train the shipped speech model again from its sources."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..errors import CoreError
from ..speech.weights import SHIPPED
from .sources import Sources, find_sources

Say = Callable[[str], None]


def main(arguments: list[str]) -> int:
    """Train, write the weights and say how well they do on the clips set aside. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m core.training", description=__doc__)
    parser.add_argument("what", choices=("speech", "ablations"), help="the network to train, or its ablations")
    parser.add_argument("--data", type=Path, required=True, help="the data folder; docs/training.md says what it holds")
    parser.add_argument("-o", "--output", type=Path, default=SHIPPED, help="the weights file to write")
    parser.add_argument("--trunk-steps", type=int, help="optimiser steps of the trunk, else those of the recipe")
    parser.add_argument("--steps", type=int, help="optimiser steps of each generator, else those of the recipe")
    parser.add_argument("--threads", type=int, default=2, help="threads torch may use")
    options = parser.parse_args(arguments)
    started = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - started:6.0f} s] {text}\n")
        sys.stderr.flush()

    try:
        _run(find_sources(options.data), options, say)
    except CoreError as fault:
        sys.stderr.write(f"{fault}\n")
        return 4
    return 0


def _run(sources: Sources, options: argparse.Namespace, say: Say) -> None:
    import torch

    from .ablations import run_ablations
    from .film import filmed_clips
    from .ship import judge_model, write_model
    from .speech_packs import make_speech
    from .train import Plan, train
    from .version_one_training import keep_version_one

    torch.set_num_threads(options.threads)
    make_speech(options.data, sources, say)
    keep_version_one(sources, say)
    training, aside = filmed_clips(sources, say)
    plan = Plan()
    if options.trunk_steps:
        plan = replace(plan, trunk=replace(plan.trunk, steps=options.trunk_steps))
    if options.steps:
        recipes = {name: replace(getattr(plan, name), steps=options.steps) for name in ("generator", "stream")}
        plan = replace(plan, **recipes)
    if options.what == "ablations":
        rows = run_ablations(sources.work, training, aside, plan, say)
        (sources.work / "ablations.json").write_text(json.dumps(rows, indent=1))
        return
    write_model(train(sources.work, training, plan, say), options.output)
    scores = judge_model(options.output, aside)
    told = f"lip opening r {scores.r:.3f}, closure F1 {scores.closure_f1:.3f} on GRID set aside"
    sys.stdout.write(f"{options.output}: {told}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
