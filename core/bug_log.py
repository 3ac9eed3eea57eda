"""Where a fault of our own leaves its traces, so that the user sees one sentence and we see everything."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
import traceback
from pathlib import Path

from .version import version


def write_bug_log(error: BaseException, folder: Path | None = None) -> Path:
    """Write the traceback of an error and what it ran on to a new file, and return its path.

    folder: where to; the system's temporary folder if it is None or cannot be written.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    name = f"mouthpiece-{stamp}-{os.getpid()}.log"
    text = "".join((*_circumstances(), *traceback.format_exception(error)))
    for place in filter(None, (folder, Path(tempfile.gettempdir()))):
        try:
            (place / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return place / name
    return Path(os.devnull)


def _circumstances() -> tuple[str, ...]:
    return (
        f"Mouthpiece {version()}, Python {platform.python_version()}, {platform.platform()}\n",
        f"Command: {sys.argv}\n\n",
    )
