"""How many processor cores the work may take; set before NumPy is imported, or it has no effect."""

from __future__ import annotations

import os

DEFAULT_THREADS = 2
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
OURS = "MOUTHPIECE_THREADS"


def pin_threads(count: int = DEFAULT_THREADS) -> None:
    """Take at most `count` cores, and no more than the user's own environment grants any number library.

    The libraries themselves get one each: two cores on one small matrix product mostly wait for each other, and for
    ever where other programs want them too, so the work is shared out by us instead.
    """
    granted = [int(os.environ[name]) for name in VARIABLES if os.environ.get(name, "").isdecimal()]
    os.environ[OURS] = str(max(1, min([count, *granted])))
    for name in VARIABLES:
        os.environ[name] = "1"


def thread_count() -> int:
    """Cores that the work may be shared out to: one where nobody pinned any, as the libraries then share it out."""
    return int(os.environ.get(OURS, "1"))
