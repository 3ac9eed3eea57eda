"""How many processor cores the number libraries may take; set before NumPy is imported, or it has no effect."""

from __future__ import annotations

import os

DEFAULT_THREADS = 2
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def pin_threads(count: int = DEFAULT_THREADS) -> None:
    """Limit the threads of each library that the user's own environment does not limit already."""
    for name in VARIABLES:
        os.environ.setdefault(name, str(count))
