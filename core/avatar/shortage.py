"""What runs out in the middle of long work, said in one sentence; what was finished before stays where it is."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from ..errors import FormatError, ModelError
from ..paths import shown

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""The system's numbers for a disk, a user's share of it, or a file, that takes no more."""


@contextmanager
def kept_when_short(what: str, place: Path) -> Iterator[None]:
    """Turn what memory, card or disk raise when they are full into one sentence.

    what: for whom there was not enough, such as "this training". place: what was being written.
    Raises ModelError for memory, FormatError for the disk.
    """
    try:
        yield
    except MemoryError:
        raise ModelError(_short_of("memory", what)) from None
    except torch.OutOfMemoryError:
        raise ModelError(_short_of("the graphics card's memory", what)) from None
    except FormatError as error:
        if not is_full(error.__cause__):
            raise
        raise FormatError(_no_room(place)) from None
    except OSError as error:
        if not is_full(error):
            raise
        raise FormatError(_no_room(place)) from None


def is_full(error: BaseException | None) -> bool:
    """Whether an error says that a disk takes no more."""
    return isinstance(error, OSError) and error.errno in FULL


def _short_of(kind: str, what: str) -> str:
    return f"There is not enough of {kind} for {what}; take fewer splats or a smaller size. Work so far is kept."


def _no_room(place: Path) -> str:
    return f"The disk of {shown(place)} is full; make room and start again, it goes on from what is kept."
