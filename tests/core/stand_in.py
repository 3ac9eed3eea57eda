"""Runs Mouthpiece's doors with a perform() that behaves as a test asks: python stand_in.py MODE DOOR ARGUMENTS...

MODE: rest, bug, slow, noisy, memory, nan. DOOR: cli or worker.
"""

from __future__ import annotations

import math
import os
import runpy
import sys
import time
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import models
import numpy as np

from core.rig.arkit import ARKIT_52
from core.speech import weights
from core.speech.phones import Phone, PhoneTrack
from core.types import Performance, RigCurves

MODE, DOOR, *ARGUMENTS = sys.argv[1:]


def perform(speech, brief, *, progress):
    if MODE == "bug":
        raise RuntimeError("the network fell over")
    if MODE == "memory":
        raise MemoryError
    if MODE == "noisy":
        sys.stdout.write("python prints\n" * 1000)
        sys.stdout.flush()
        os.write(1, b"C prints\n" * 20_000)
    if "STAND_IN_STARTED" in os.environ:
        Path(os.environ["STAND_IN_STARTED"]).touch()
    for step in range(600 if MODE == "slow" else 20):
        time.sleep(0.1 if MODE == "slow" else 0)
        progress(step / 20 % 1)
    if "STAND_IN_BRIEF" in os.environ:
        Path(os.environ["STAND_IN_BRIEF"]).write_text(repr(brief))
    frames = max(1, math.ceil(speech.duration_s * brief.fps))
    values = np.full((frames, 52), np.nan if MODE == "nan" else 0, np.float32)
    phones = PhoneTrack((Phone("M", 0.0, speech.duration_s, 0.9),), speech.duration_s)
    return Performance(RigCurves(ARKIT_52, values, brief.fps), np.zeros((frames, 3), np.float32), phones)


def main():
    module = types.ModuleType("core.speech.perform")
    module.perform = perform
    module.listen = perform
    module.play = lambda heard, brief, *, progress: heard
    sys.modules[module.__name__] = module
    weights.load_model = models.random_model
    if DOOR == "worker":
        from core.worker import serve

        sys.exit(serve())
    sys.argv = ["core", *ARGUMENTS]
    runpy.run_module("core", run_name="__main__")


if __name__ == "__main__":
    main()
