"""Keeps a C library from writing to the terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send what C code writes to the standard error stream to nowhere, for as long as the block runs."""
    try:
        kept = os.dup(STDERR)
    except OSError:  # Blender on Windows may run without the stream.
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STDERR)
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
        os.close(nowhere)
