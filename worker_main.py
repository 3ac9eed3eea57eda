"""Starts Mouthpiece's worker in a fresh interpreter, outside Blender's own process.

python worker_main.py [--threads N] [--site FOLDER]...
FOLDER is added to where modules are looked for; Blender keeps an extension's wheels in such a place.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main() -> int:
    """Prepare the interpreter, then serve one job."""
    parser = argparse.ArgumentParser(description="Mouthpiece's worker; started by the add-on, not by people.")
    parser.add_argument("--threads", type=int, default=2, help="processor cores to use (default: %(default)s)")
    parser.add_argument("--site", action="append", default=[], metavar="FOLDER", help="where more modules lie")
    chosen = parser.parse_args()
    sys.path[:0] = [str(Path(__file__).resolve().parent), *chosen.site]

    from core.threads import pin_threads

    pin_threads(chosen.threads)

    from core.worker import serve

    return serve()


if __name__ == "__main__":
    sys.exit(main())
