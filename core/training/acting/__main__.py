"""Learn to read shapes off landmarks: python -m core.training.acting --voice samples/line.wav --work DIR [-o FILE].

People drawn from the template act, are tracked, and a small network learns what they did. Engine environment.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from ...errors import CoreError
from ...video.reading import FILE, write_reader
from .acts import spoken_curves
from .footage import Footage, film_person, read_footage, write_footage

PEOPLE = 240
ASIDE = 8
"""Every eighth person is never learned from: half of them tell share, spill and gain, half how well people are read."""


def main(words: list[str] | None = None) -> int:
    """Draw, track, learn, write, and say how well people set aside are read. Returns the exit code."""
    options = argparse.ArgumentParser(prog="python -m core.training.acting", description=__doc__)
    options.add_argument("--voice", type=Path, required=True, help="a recording whose curves people speak with")
    options.add_argument(
        "--work", type=Path, required=True, help="where footage is kept, so that a stopped run goes on"
    )
    options.add_argument("--people", type=int, default=PEOPLE, help="how many people act (default: %(default)s)")
    options.add_argument("-o", "--output", type=Path, default=FILE, help="the weights to write (default: what ships)")
    chosen = options.parse_args(words)
    try:
        _learn(chosen)
    except CoreError as fault:
        sys.stderr.write(f"{fault}\n")
        return 4
    return 0


def _learn(chosen: argparse.Namespace) -> None:
    import torch

    from .fit import calibrated, fitted_reader, scores_of

    torch.set_num_threads(1)
    footage = dict(_footage(chosen))
    seen = [one for number, one in footage.items() if number % ASIDE]
    aside = {number: one for number, one in footage.items() if not number % ASIDE}
    reader = calibrated(fitted_reader(seen, _say), [one for number, one in aside.items() if not number % 16])
    write_reader(reader, chosen.output)
    for line in scores_of(reader, [one for number, one in aside.items() if number % 16]):
        _say(line)


def _footage(chosen: argparse.Namespace) -> Iterator[tuple[int, Footage]]:
    chosen.work.mkdir(parents=True, exist_ok=True)
    speech = spoken_curves(chosen.voice)
    for number in range(chosen.people):
        path = chosen.work / f"{number:04d}.npz"
        if not path.is_file():
            made = film_person(number, speech)
            if made is None:
                _say(f"person {number} was not taken for a face")
                continue
            write_footage(path, made)
        yield number, read_footage(path)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main())
