"""What is taken for a recording of speech, and what is refused as absurd."""

from __future__ import annotations

from pathlib import Path

from ..errors import AudioError
from ..paths import shown

LOWEST_RATE_HZ = 8_000
HIGHEST_RATE_HZ = 192_000
MOST_CHANNELS = 8
LONGEST_S = 4 * 3600
LOUDEST = 100.0
"""Full scale is 1; a float recording may peak above it, but 40 dB above it is another scale or damage."""


def check_layout(path: Path, rate_hz: int, channels: int) -> None:
    """Raise AudioError unless rate and channels are those of a recording."""
    if not LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ:
        expected = f"{LOWEST_RATE_HZ:,} to {HIGHEST_RATE_HZ:,}"
        raise AudioError(f"{shown(path)} says {rate_hz:,} samples a second, expected {expected}; export it again.")
    if not 1 <= channels <= MOST_CHANNELS:
        raise AudioError(f"{shown(path)} says {channels:,} channels, expected 1 to {MOST_CHANNELS}; export it again.")


def check_length(path: Path, frames: int, rate_hz: int) -> None:
    """Raise AudioError if a recording is longer than LONGEST_S."""
    if frames > LONGEST_S * rate_hz:
        raise AudioError(f"{shown(path)} is longer than {LONGEST_S // 3600} hours; cut it into shorter recordings.")
