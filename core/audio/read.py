"""Reads a recording block by block, so that an hour of 192 kHz surround sound needs little memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import AudioError
from ..paths import reason, shown
from ..types import Speech
from .aiff_header import check_aiff
from .content import sniff
from .limits import LOUDEST, check_layout, check_length
from .mix import mix_weights
from .ogg_pages import check_ogg
from .quiet import quiet_stderr
from .wav_header import read_wav_header
from .xing import has_xing_header

if TYPE_CHECKING:
    import soundfile

BLOCK_FRAMES = 1 << 16
UNKNOWN_FRAMES = 1 << 62
FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Layout:
    """How a recording is to be decoded.

    kind:    wav, flac, ogg, mp3 or aiff.
    mask:    loudspeaker positions of a WAV, 0 if unknown.
    certain: whether the length it states is binding.
    """

    kind: str
    mask: int = 0
    certain: bool = True


def read_speech(path: Path, rate_hz: int = 16_000, progress: Callable[[float], None] | None = None) -> Speech:
    """Read, mix down and resample a recording.

    path:     WAV, RF64, FLAC, Ogg (Vorbis, Opus, FLAC), MP3 or AIFF, whatever its ending says; 8-192 kHz,
              1-8 channels, up to 4 hours.
    rate_hz:  samples per second of the result.
    progress: called with 0..1 now and then; may raise to stop.

    Returns a Speech of round(seconds * rate_hz) samples, at least one.
    Raises AudioError for anything that is not a whole, sane recording.
    """
    path = Path(path)
    layout = _inspect(path)
    with quiet_stderr() if layout.kind == "mp3" else nullcontext(), _opened(path) as source:
        check_layout(path, source.samplerate, source.channels)
        if source.frames < UNKNOWN_FRAMES:
            check_length(path, source.frames, source.samplerate)
        samples = _resampled(path, _mono_blocks(path, source, layout), source, rate_hz, progress)
    return Speech(samples, rate_hz)


def _inspect(path: Path) -> Layout:
    """Check the container before any decoder sees it."""
    kind = sniff(path)
    try:
        if kind == "wav":
            return Layout(kind, mask=read_wav_header(path).mask)
        if kind == "aiff":
            check_aiff(path)
        if kind == "ogg":
            check_ogg(path)
        return Layout(kind, certain=kind != "mp3" or has_xing_header(path))
    except OSError as error:
        raise AudioError(f"{shown(path)} cannot be read ({reason(error)}); copy it to another disk.") from error


@contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    """The decoder of a recording; what it cannot do becomes an AudioError."""
    try:
        from .decoder import ForwardFile, soundfile
    except (ImportError, OSError) as error:
        raise AudioError(f"The sound library cannot be loaded ({error}); install Mouthpiece again.") from error
    if path.suffix.lower() == ".raw":  # soundfile takes the ending for a promise of headerless samples.
        raise AudioError(f"{shown(path)} ends in .raw, which means headerless; rename it to what it is.")
    try:
        # The library takes text on Windows; elsewhere a name may hold bytes that are no text.
        with ForwardFile(str(path) if os.name == "nt" else os.fsencode(path)) as source:
            yield source
    except soundfile.LibsndfileError as error:
        raise AudioError(f"{shown(path)} is damaged and cannot be decoded; export or copy it again.") from error


def _mono_blocks(path: Path, source: soundfile.SoundFile, layout: Layout) -> Iterator[np.ndarray]:
    """The mix, float32 [n] a block; raises AudioError where the recording breaks a promise."""
    weights = mix_weights(layout.kind, source.channels, layout.mask)
    block = np.empty((BLOCK_FRAMES, source.channels), np.float32)
    done = 0
    while len(part := source.read(out=block)):
        with np.errstate(invalid="ignore", over="ignore"):
            mono = part @ weights  # [n, K] -> [n]
        _check_values(path, mono)
        done += len(mono)
        check_length(path, done, source.samplerate)
        yield mono
    if done == 0:
        raise AudioError(f"{shown(path)} holds no sound: it is zero seconds long.")
    if layout.certain and done < source.frames < UNKNOWN_FRAMES:
        promise = f"{done:,} of the {source.frames:,} promised samples can be read"
        raise AudioError(f"{shown(path)} is cut off or damaged: only {promise}; export or copy it again.")


def _check_values(path: Path, mono: np.ndarray) -> None:
    peak = float(np.max(np.abs(mono)))
    if not np.isfinite(peak):
        raise AudioError(f"{shown(path)} holds samples that are not numbers (NaN or infinite); export it again.")
    if peak > LOUDEST:
        raise AudioError(f"{shown(path)} reaches {peak:.3g} where full scale is 1; export it again at a normal level.")


def _resampled(
    path: Path,
    blocks: Iterator[np.ndarray],
    source: soundfile.SoundFile,
    rate_hz: int,
    progress: Callable[[float], None] | None,
) -> np.ndarray:
    """The whole mix at the new rate, float32 [S]; its length is exact, whatever the resampler rounds."""
    convert = _converter(source.samplerate, rate_hz)
    total = source.frames if 0 < source.frames < UNKNOWN_FRAMES else 0
    grown, done = bytearray(), 0
    for mono in blocks:
        grown += convert(mono, False).tobytes()
        done += len(mono)
        if progress and total:
            progress(min(1.0, done / total))
    grown += convert(np.zeros(0, np.float32), True).tobytes()
    size = FLOAT_BYTES * max(1, round(done * rate_hz / source.samplerate))
    del grown[size:]
    grown += bytes(size - len(grown))
    return np.frombuffer(grown, np.float32)


def _converter(from_hz: int, to_hz: int) -> Callable[[np.ndarray, bool], np.ndarray]:
    """A function of a block and of whether it is the last, giving the block at the new rate."""
    if from_hz == to_hz:
        return lambda mono, last: mono
    import soxr

    stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="HQ")
    return lambda mono, last: stream.resample_chunk(mono, last=last)
