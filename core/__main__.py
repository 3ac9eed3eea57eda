"""Starts the command line: python -m core."""

from __future__ import annotations

import signal
import sys

from .threads import pin_threads

pin_threads()

from .cli import main, report_bug  # noqa: E402  (NumPy must not be imported before the threads are pinned)

# A farm that stops a job ends it as Ctrl-C does, so that what was begun is removed.
signal.signal(signal.SIGTERM, signal.default_int_handler)
sys.excepthook = report_bug
sys.exit(main())
