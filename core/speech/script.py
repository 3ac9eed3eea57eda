"""What the user knows about what is said: its text, or the phones he has put right by hand."""

from __future__ import annotations

from dataclasses import dataclass

from .align import Pronunciation, TranscriptError
from .phones import PhoneTrack
from .transcript import Word, check_language, pronounce


@dataclass(frozen=True, slots=True)
class Script:
    """Either a transcript or a track of phones.

    text:     what is said; empty where a track is given.
    language: its code, such as "en".
    track:    phones edited by hand, or None.
    """

    text: str = ""
    language: str = "en"
    track: PhoneTrack | None = None

    @classmethod
    def from_text(cls, text: str, language: str = "en") -> Script:
        """A transcript. Raises TranscriptError for an empty text, or a language that cannot be spoken here."""
        if not text.strip():
            raise TranscriptError("The transcript is empty; give the words that are said, or leave it out.")
        check_language(language)
        return cls(text, language)

    @classmethod
    def from_track(cls, track: PhoneTrack) -> Script:
        """An edited phone track."""
        return cls(track=track)

    def words(self) -> tuple[Word, ...]:
        """The words of the text with the ways to say them. Raises TranscriptError if there are none."""
        return pronounce(self.text, self.language)

    def ways(self) -> tuple[tuple[Pronunciation, ...], ...]:
        """The ways to say each word, as align() takes them."""
        return tuple(word.ways for word in self.words())
