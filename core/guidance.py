"""What is asked of a performance beyond its recording, in values that travel as JSON from Blender to the worker."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import SettingError
from .speech.direction import Direction, direct
from .speech.emotion import EmotionTrack
from .speech.phone_files import FORMATS
from .speech.phones import PhoneTrack
from .speech.script import Script
from .speech.wishes import STEADY, WishTrack, wishes_from

if TYPE_CHECKING:
    from .speech.heard_emotion import HeardEmotion

HEARD = "heard"
"""Stands for an emotion: the one that the voice suggests."""
ENGLISH = "en"
SLACK_S = 0.02
"""How much longer than its recording a phone track may be: editors round."""


@dataclass(frozen=True, slots=True, eq=False)
class Guidance:
    """How a recording shall be performed.

    emotion:  what the face feels; not looked at when as_heard.
    as_heard: take the emotion that the voice suggests.
    script:   what is said, where it is known: words or an edited phone track.
    wishes:   which numbers of the direction change over time, and how.
    """

    emotion: EmotionTrack = dataclasses.field(default_factory=EmotionTrack.neutral)
    as_heard: bool = False
    direction: Direction = dataclasses.field(default_factory=Direction)
    script: Script | None = None
    wishes: WishTrack = STEADY

    def members(self) -> dict[str, Any]:
        """What differs from a plain performance, as members of a JSON object."""
        wishes = dataclasses.asdict(self.direction)
        plain = dataclasses.asdict(Direction())
        found: dict[str, Any] = {
            "emotion": HEARD if self.as_heard else _emotion_member(self.emotion),
            "direction": {name: value for name, value in wishes.items() if value != plain[name]},
            "wishes": self.wishes.members(),
        }
        if self.script:
            track = self.script.track
            found["text"] = self.script.text
            found["language"] = self.script.language if self.script.text else ""
            found["phones"] = json.loads(FORMATS[".json"].text(track)) if track else None
        return {name: member for name, member in found.items() if member}

    def script_for(self, duration_s: float) -> Script | None:
        """The script, its track cut to a recording's length. Raises SettingError for the track of a longer one."""
        if self.script is None or self.script.track is None:
            return self.script
        phones = self.script.track.phones
        if phones and max(phones[-1].end_s - SLACK_S, phones[-1].start_s) >= duration_s:
            raise SettingError(
                f"The phone track goes on to {phones[-1].end_s:.2f} s, but the recording lasts {duration_s:.2f} s; "
                "give the track of this recording."
            )
        if phones and phones[-1].end_s > duration_s:
            phones = (*phones[:-1], dataclasses.replace(phones[-1], end_s=duration_s))
        return Script.from_track(PhoneTrack(phones, duration_s))


def guidance_from(members: Mapping[str, Any]) -> Guidance:
    """Read what Guidance.members() gave; other members are passed over.

    Raises a CoreError for values that cannot be, ValueError, KeyError or TypeError for ones of another kind.
    """
    emotion, direction = members.get("emotion"), members.get("direction", {})
    if not isinstance(direction, Mapping):
        raise TypeError("a direction is an object")
    return Guidance(
        emotion=EmotionTrack.neutral() if emotion in (None, HEARD) else _emotion_from(emotion),
        as_heard=emotion == HEARD,
        direction=direct(direction),
        script=_script_from(members),
        wishes=wishes_from(members.get("wishes", {})),
    )


def heard_text(heard: HeardEmotion) -> str:
    """What the voice suggests, as one would ask for it: "happy=0.40,surprised=0.10 (62% sure)"."""
    named = [f"{name}={weight:.2f}" for name, weight in heard.mixture().items() if weight >= 0.005]
    return f"{','.join(named) or 'neutral'} ({heard.confidence:.0%} sure)"


def _script_from(members: Mapping[str, Any]) -> Script | None:
    text, language = members.get("text", ""), members.get("language", ENGLISH)
    if not isinstance(text, str) or not isinstance(language, str):
        raise TypeError("words and their language are texts")
    if "phones" in members:
        return Script.from_track(FORMATS[".json"].read(json.dumps(members["phones"])))
    return Script.from_text(text, language) if text else None


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
