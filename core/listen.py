"""What can be told of a recording without moving a face: its phones, its level, its mood, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .animate import Reporter, listen_to

if TYPE_CHECKING:
    from .speech.heard_emotion import HeardEmotion
    from .speech.phones import PhoneTrack
    from .speech.script import Script
    from .types import Speech

LOOKED_S = 240.0
"""How much of a long recording is searched for a second voice."""
LISTENED = 0.25
NOBODY = "No speech is heard; the face will rest."
LEAST_SPEECH_S = 0.1


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard.

    level_db: level of the loud tenth of the recording, dB below full scale.
    warnings: what makes a performance of it doubtful, one sentence each.
    """

    phones: PhoneTrack
    level_db: float
    suggestion: HeardEmotion
    warnings: tuple[str, ...]

    def members(self) -> dict[str, Any]:
        """The same as members of a JSON object."""
        spoken = [phone for phone in self.phones.phones if phone.symbol != "sil"]
        sure = sum(phone.confidence for phone in spoken) / len(spoken) if spoken else 0.0
        mood = self.suggestion
        return {
            "duration_s": round(self.phones.duration_s, 4),
            "speech_s": round(sum(phone.length_s for phone in spoken), 4),
            "level_db": round(self.level_db, 1),
            "phones": len(spoken),
            "phone_confidence": round(sure, 3),
            "emotion": {
                "likeliest": mood.name,
                "suggested": mood.mixture(),
                "weights": {name: round(float(weight), 3) for name, weight in mood.weights.items()},
                "arousal": round(float(mood.arousal), 3),
                "valence": round(float(mood.valence), 3),
                "confidence": round(float(mood.confidence), 3),
            },
            "warnings": list(self.warnings),
        }


class _Notes:
    """A reporter that keeps the warnings and passes the progress on."""

    def __init__(self, reporter: Reporter) -> None:
        self.warnings: list[str] = []
        self._reporter = reporter

    def progress(self, value: float, text: str) -> None:
        """Pass it on."""
        self._reporter.progress(value, text)

    def warn(self, text: str) -> None:
        """Keep it for the answer."""
        self.warnings.append(text)


def listen(source: Path, reporter: Reporter) -> Heard:
    """Hear a recording. Raises a CoreError for one that cannot be read."""
    from .audio.doubts import is_silent, spread
    from .speech import level
    from .speech.heard_emotion import hear_emotion
    from .speech.voices import TWO_VOICES, sounds_like_two

    notes = _Notes(reporter)
    speech = listen_to(source, notes, 0.0, LISTENED)
    phones = hear_phones(speech, None, reporter)
    spoken_s = sum(phone.length_s for phone in phones.phones if phone.symbol != "sil")
    if spoken_s < LEAST_SPEECH_S and not is_silent(speech):
        notes.warn(NOBODY)
    elif sounds_like_two(spread(speech, LOOKED_S)):
        notes.warn(TWO_VOICES)
    level_db = level.speech_level(level.frame_levels(speech.samples))
    return Heard(phones, level_db, hear_emotion(speech.samples), tuple(notes.warnings))


def hear_phones(speech: Speech, script: Script | None, reporter: Reporter) -> PhoneTrack:
    """The phones of a recording, aligned to the words where they are given."""
    from .speech.brief import Brief
    from .speech.perform import perform

    def progress(part: float) -> None:
        reporter.progress(LISTENED + (1 - LISTENED) * part, "Performing")

    brief = Brief(fps=1.0, script=script)
    return perform(speech, brief, progress=progress).phones
