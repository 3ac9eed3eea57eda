"""Recordings for the tests: tones with a closed form, and WAV files put together by hand."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import soundfile

LINE = Path(__file__).parents[2] / "samples" / "line.wav"
TONE_HZ = 440.0
LEVEL = 0.5
SUBFORMAT = bytes.fromhex("000000001000800000aa00389b71")


def tone(seconds, rate_hz, hz=TONE_HZ, level=LEVEL):
    """float64 [S] of level * sin(2 pi hz t)."""
    return level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)


def fit_tone(samples, rate_hz, hz=TONE_HZ, start=0):
    """Amplitude, phase in radians and the RMS of what remains when the best sine is taken out.

    start: sample at which time is zero, so that a late stretch still has phase 0.
    """
    angle = 2 * np.pi * hz * (start + np.arange(len(samples))) / rate_hz
    basis = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    (a, b), *_ = np.linalg.lstsq(basis, samples.astype(np.float64), rcond=None)
    rest = samples - basis @ [a, b]
    return float(np.hypot(a, b)), float(np.arctan2(b, a)), float(np.sqrt(np.mean(rest**2)))


def chunk(name, content, size=None, order="<"):
    """A RIFF chunk, padded to even length; size lies if given."""
    promised = len(content) if size is None else size
    return name + struct.pack(order + "I", promised) + content + b"\0" * (len(content) % 2)


def form(code=1, channels=1, rate_hz=16_000, bits=16, frame_bytes=None, order="<"):
    """A plain fmt chunk."""
    frame_bytes = channels * bits // 8 if frame_bytes is None else frame_bytes
    rate = rate_hz * frame_bytes & 0xFFFFFFFF
    return chunk(
        b"fmt ", struct.pack(order + "HHIIHH", code, channels, rate_hz, rate, frame_bytes & 0xFFFF, bits), order=order
    )


def extensible_form(code=1, channels=1, rate_hz=16_000, bits=16, mask=0, tail=SUBFORMAT):
    """A fmt chunk of WAVE_FORMAT_EXTENSIBLE."""
    plain = form(0xFFFE, channels, rate_hz, bits)[8:]
    return chunk(b"fmt ", plain + struct.pack("<HHI", 22, bits, mask) + struct.pack("<H", code) + tail)


def riff(*chunks, mark=b"RIFF", size=None, order="<"):
    """A file of these chunks."""
    body = b"WAVE" + b"".join(chunks)
    return mark + struct.pack(order + "I", len(body) if size is None else size) + body


def pcm(samples, bits=16, order="<"):
    """float64 [S] as integers of 8, 16, 24 or 32 bits; 8 bits are unsigned, as WAV has them."""
    whole = np.round(samples * (2 ** (bits - 1) - 1)).astype(np.int64)
    if bits == 8:
        return (whole + 128).astype(np.uint8).tobytes()
    if bits == 24:
        parts = (whole << 8).astype(order + "i4").view(np.uint8).reshape(-1, 4)
        return (parts[:, 1:] if order == "<" else parts[:, :3]).tobytes()
    return whole.astype(f"{order}i{bits // 8}").tobytes()


def spoken_wav(seconds=0.5, rate_hz=16_000):
    """The first words of the sample line, up to 8 s of them, which no judge of recordings minds."""
    spoken, own_hz = soundfile.read(LINE, dtype="float64")
    start = int(0.45 * own_hz)
    times = np.arange(round(seconds * rate_hz)) / rate_hz * own_hz
    samples = np.interp(times, np.arange(len(spoken) - start), spoken[start:])
    return riff(form(rate_hz=rate_hz), chunk(b"data", pcm(samples)))


def plain_wav(seconds=0.1, rate_hz=16_000):
    """A healthy mono 16-bit WAV of a tone: 44 bytes of header, then sound."""
    return riff(form(rate_hz=rate_hz), chunk(b"data", pcm(tone(seconds, rate_hz))))
