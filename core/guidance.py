"""What is asked of a performance beyond its recording, in values that travel as JSON from Blender to the worker."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import SettingError
from .speech import phone_files
from .speech.direction import Direction, direct
from .speech.emotion import EmotionTrack
from .speech.phones import PhoneTrack

HEARD = "heard"
"""Stands for an emotion: the one that the voice suggests."""
ENGLISH = "en"


@dataclass(frozen=True, slots=True, eq=False)
class Guidance:
    """How a recording shall be performed.

    emotion:  what the face feels; not looked at when as_heard.
    as_heard: take the emotion that the voice suggests.
    text:     the words that are said, "" if unknown.
    language: of the words.
    phones:   an edited phone track to speak instead of what is heard.
    Raises SettingError when both words and phones are given.
    """

    emotion: EmotionTrack = dataclasses.field(default_factory=EmotionTrack.neutral)
    as_heard: bool = False
    direction: Direction = dataclasses.field(default_factory=Direction)
    text: str = ""
    language: str = ENGLISH
    phones: PhoneTrack | None = None

    def __post_init__(self) -> None:
        if self.text and self.phones:
            raise SettingError("A phone track already tells what is said; give the words or the phones, not both.")

    def members(self) -> dict[str, Any]:
        """What differs from a plain performance, as members of a JSON object."""
        wishes = dataclasses.asdict(self.direction)
        plain = dataclasses.asdict(Direction())
        found: dict[str, Any] = {
            "emotion": HEARD if self.as_heard else _emotion_member(self.emotion),
            "direction": {name: value for name, value in wishes.items() if value != plain[name]},
            "text": self.text,
            "language": self.language if self.text else "",
            "phones": json.loads(phone_files.FORMATS[".json"].text(self.phones)) if self.phones else None,
        }
        return {name: member for name, member in found.items() if member}


def guidance_from(members: Mapping[str, Any]) -> Guidance:
    """Read what Guidance.members() gave; other members are passed over.

    Raises SettingError for values out of their ranges, ValueError, KeyError or TypeError for ones of another kind.
    """
    emotion = members.get("emotion")
    phones = members.get("phones")
    text, language = members.get("text", ""), members.get("language", ENGLISH)
    if not isinstance(text, str) or not isinstance(language, str):
        raise TypeError("text and language are texts")
    return Guidance(
        emotion=EmotionTrack.neutral() if emotion in (None, HEARD) else _emotion_from(emotion),
        as_heard=emotion == HEARD,
        direction=direct(members.get("direction", {})),
        text=text,
        language=language,
        phones=phone_files.FORMATS[".json"].read(json.dumps(phones)) if phones else None,
    )


def _emotion_member(track: EmotionTrack) -> dict[str, Any] | None:
    """Keys of the track: seconds [K], and the intensities of both sides [K][6], the right only where it differs."""
    if track.is_neutral:
        return None
    member = {"times": track.times.tolist(), "left": _rows(track.left)}
    return member if track.is_even else member | {"right": _rows(track.right)}


def _rows(values: np.ndarray) -> list[list[float]]:
    return [[round(value, 4) for value in row] for row in values.tolist()]


def _emotion_from(member: Mapping[str, Any]) -> EmotionTrack:
    left = np.array(member["left"], np.float32)
    right = np.array(member["right"], np.float32) if "right" in member else left
    return EmotionTrack(np.array(member["times"], np.float32), left, right)
