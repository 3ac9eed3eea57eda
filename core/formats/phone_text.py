"""The phones of a performance as members of its JSON object, spelt as a phone track's own file spells them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CoreError, FormatError
from ..paths import shown

if TYPE_CHECKING:
    from ..speech.phones import PhoneTrack

MEMBERS = ("duration_s", "phones")


def phones_text(track: PhoneTrack) -> str:
    """The two members that hold a track: its length, and a line for each phone."""
    # At the top it would go round in a circle: phone files are written by this room's atomic.
    from ..speech.phone_files import FORMATS

    return FORMATS[".json"].text(track).strip()[1:-1].strip()


def phones_of(path: Path, found: dict[str, Any]) -> PhoneTrack | None:
    """The track in a performance's object, None without one. Raises FormatError where it is of another kind."""
    from ..speech.phone_files import FORMATS

    if MEMBERS[-1] not in found:
        return None
    try:
        return FORMATS[".json"].read(json.dumps({name: found[name] for name in MEMBERS}))
    except (CoreError, ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{shown(path)} holds phones that cannot be ({error}); write it again.") from error
