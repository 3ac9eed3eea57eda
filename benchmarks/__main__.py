"""python -m benchmarks NAME: run one benchmark and write its page under docs/."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent
# A benchmark is a module (or package) here with a function main(arguments) that returns an exit code.
NAMES = {
    "speed": "real-time factor, memory and keys per second, with Rhubarb as the rival",
    "stream": "work and delay of a 20 ms hop of live speech on one core",
    "splat_files": "splat files read and written on one core, with gsply as the rival",
    "raster": "Gaussians drawn with gradients on processors, with plain torch as the rival",
    "heads": "heads learned from video against frames they never saw",
    "portrait": "curves from films, heads from one picture, voice and film on one face",
    "splat_frames": "a head of splats frame by frame on one core, with uploads through lists as the rival",
    "lipsync": "lips against filmed mouths that training never saw, with rivals",
}


def main(arguments: list[str]) -> int:
    """Run the benchmark named first; the rest goes to it.

    Returns its exit code, or 2 when there is no such benchmark.
    """
    there = {name: what for name, what in NAMES.items() if (HERE / f"{name}.py").is_file() or (HERE / name).is_dir()}
    if not arguments or arguments[0] not in there:
        asked_for_help = arguments[:1] in (["-h"], ["--help"])
        stream = sys.stdout if asked_for_help else sys.stderr
        stream.write("python -m benchmarks NAME, where NAME is one of\n")
        stream.writelines(f"  {name:10}{what}\n" for name, what in there.items())
        return 0 if asked_for_help else 2
    return importlib.import_module(f"benchmarks.{arguments[0]}").main(arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
