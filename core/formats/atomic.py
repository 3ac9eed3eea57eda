"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import FormatError
from ..paths import reason, shown

MARK = ".mouthpiece-"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside path that takes its place when the block ends well, and is removed if not.

    Raises FormatError if the system refuses to write.
    """
    temporary = _temporary(path)
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise FormatError(f"{shown(path)} cannot be written ({reason(error)}); choose another place.") from error
    finally:
        temporary.unlink(missing_ok=True)


def check_place(path: Path) -> None:
    """Raise FormatError unless a file of this path can be written now."""
    folder = path.parent
    try:
        if not folder.is_dir():
            raise FormatError(f"The folder {shown(folder)} does not exist; create it first or choose another.")
        with suppress(FileNotFoundError):
            if stat.S_ISDIR(path.stat().st_mode):
                raise FormatError(f"{shown(path)} is a folder; name a file inside it.")
            if not os.access(path, os.W_OK):
                raise FormatError(f"{shown(path)} is write-protected; choose another name.")
        # Permission bits do not tell the truth on every system, so the folder is tried.
        probe = _temporary(path)
        probe.touch()
        probe.unlink()
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise FormatError(f"{shown(path)} cannot be written ({why}); choose another place.") from error


def discard_unfinished(folder: Path) -> None:
    """Remove what replacing() of this very process has begun in a folder; for a process about to stop dead."""
    for temporary in folder.glob(f"{MARK}{os.getpid()}-*.part"):
        temporary.unlink(missing_ok=True)


def _temporary(path: Path) -> Path:
    """A free name in the same folder, short, because path itself may be as long as the system allows."""
    return path.with_name(f"{MARK}{os.getpid()}-{secrets.token_hex(4)}.part")
