"""The only door to libsndfile; import it inside functions, because it loads a compiled library."""

from __future__ import annotations

import soundfile


class ForwardFile(soundfile.SoundFile):
    """A recording read from start to end.

    soundfile seeks after each block of a file that can seek. That is inexact in MP3, and fails at the end
    of a FLAC that does not state its length.
    """

    def seekable(self) -> bool:
        return False
