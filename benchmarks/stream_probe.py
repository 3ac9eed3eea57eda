"""Times each 20 ms hop of the streaming face on one core; prints one JSON object. Run by benchmarks.stream."""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from core.audio.read import read_speech
from core.speech.mel import HOP_SAMPLES
from core.speech.stream import LOOK_AHEAD_S, SpeechStream

from .speed import SAMPLE


def main(seconds: float) -> int:
    """Feed the sample line over and over, hop by hop. Returns 0."""
    line = read_speech(SAMPLE).samples
    wanted = round(seconds * 16_000)
    speech = np.tile(line, -(-wanted // len(line)))[:wanted]
    stream = SpeechStream()
    for start in range(0, HOP_SAMPLES * 50, HOP_SAMPLES):  # the first second warms caches up
        stream.feed(speech[start : start + HOP_SAMPLES])
    walls, works = [], []
    for start in range(0, len(speech) - HOP_SAMPLES, HOP_SAMPLES):
        wall, work = time.perf_counter(), time.thread_time()
        stream.feed(speech[start : start + HOP_SAMPLES])
        walls.append(time.perf_counter() - wall)
        works.append(time.thread_time() - work)
    found = {"hops": len(walls), "look_ahead_s": LOOK_AHEAD_S, "work_mean": float(np.mean(works))}
    found |= {f"wall_{name}": float(np.quantile(walls, q)) for name, q in (("median", 0.5), ("p99", 0.99), ("most", 1))}
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
