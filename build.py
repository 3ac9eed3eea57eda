"""The one door to everything a developer does: python build.py demo | test | build | templates | train | sheet."""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (the sentence is for older ones)
    sys.exit("Mouthpiece is built with Python 3.11 or newer; start build.py with such a Python.")

from tools.cli import main

if __name__ == "__main__":
    sys.exit(main())
