"""Write any recording that Mouthpiece reads as a 16-bit WAV: python -m tools.scripts.convert_sound IN OUT.wav."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import soundfile

from core.audio.read import read_speech
from core.errors import CoreError

RATE_HZ = 48_000  # what the film's sound has


def main() -> int:
    """Write the mono mix that Mouthpiece hears."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args()
    try:
        speech = read_speech(chosen.source, RATE_HZ)
    except CoreError as error:
        sys.exit(str(error))
    soundfile.write(chosen.target, speech.samples.clip(-1, 1), speech.rate_hz, "PCM_16")
    return 0


if __name__ == "__main__":
    sys.exit(main())
