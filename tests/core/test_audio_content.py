"""What a recording holds, how long it is, and what reading it costs."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from waves import chunk, extensible_form, fit_tone, form, pcm, plain_wav, riff, tone

from core.audio import read_speech
from core.errors import AudioError, Cancelled

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("rate_hz", [11_025, 22_050, 44_100, 48_000])
def test_time_does_not_drift(tmp_path, rate_hz):
    """A millisecond an hour is 17 microseconds a minute: 0.1 radians of a tone of 1 kHz."""
    path = tmp_path / "minute.wav"
    seconds = 60
    soundfile.write(path, tone(seconds, rate_hz, hz=1000.0), rate_hz)
    speech = read_speech(path)
    assert len(speech.samples) == seconds * 16_000
    phases = [fit_tone(speech.samples[a : a + 8000], 16_000, 1000.0, a)[1] for a in (8_000, seconds * 16_000 - 16_000)]
    assert phases[0] == pytest.approx(0, abs=1e-3)
    assert phases[1] == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 44_100, 48_000, 192_000])
@pytest.mark.parametrize("frames", [1, 2, 7, 80, 441, 65_535, 65_536, 65_537, 131_072])
def test_length_is_exact(tmp_path, rate_hz, frames):
    path = tmp_path / "short.wav"
    soundfile.write(path, np.zeros(frames), rate_hz)
    speech = read_speech(path)
    assert len(speech.samples) == max(1, round(frames * 16_000 / rate_hz))
    assert not speech.samples.any()


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100])
def test_click_stays_in_place(tmp_path, rate_hz):
    path = tmp_path / "click.wav"
    sound = np.zeros(5 * rate_hz)
    sound[4 * rate_hz] = 1.0
    soundfile.write(path, sound, rate_hz)
    assert np.abs(read_speech(path).samples).argmax() == 4 * 16_000


def test_other_target_rate(tmp_path):
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(1.0, 48_000), 48_000)
    speech = read_speech(path, rate_hz=24_000)
    assert (speech.rate_hz, len(speech.samples)) == (24_000, 24_000)
    assert fit_tone(speech.samples[2400:-2400], 24_000, start=2400)[0] == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(16_000),
        np.full(16_000, 0.25),
        np.sign(tone(1.0, 16_000)),
        tone(1.0, 16_000, level=1e-3),
        tone(1.0, 16_000) * np.linspace(1, 0, 16_000),
        0.3 * np.random.default_rng(0).standard_normal(16_000).clip(-3, 3),
        tone(0.01, 16_000),
    ],
    ids=["silence", "offset", "clipping", "-60 dB", "fade", "noise", "10 ms"],
)
def test_content_passes_unchanged(tmp_path, sound):
    path = tmp_path / "content.wav"
    soundfile.write(path, sound, 16_000, subtype="FLOAT")
    np.testing.assert_array_equal(read_speech(path).samples, sound.astype(np.float32))


def test_float_above_full_scale_is_kept(tmp_path):
    path = tmp_path / "hot.wav"
    path.write_bytes(riff(form(3, bits=32), chunk(b"data", np.array([4.0, -4.0], "<f4").tobytes())))
    assert read_speech(path).samples.tolist() == [4.0, -4.0]


def test_same_file_gives_the_same_samples(tmp_path):
    path = tmp_path / "noise.flac"
    soundfile.write(path, 0.1 * np.random.default_rng(0).standard_normal((200_000, 2)), 44_100)
    assert read_speech(path).samples.tobytes() == read_speech(path).samples.tobytes()


def test_progress_rises_to_one(tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros(500_000), 48_000)
    seen = []
    read_speech(path, progress=seen.append)
    assert seen == sorted(seen)
    assert len(seen) == 8
    assert seen[-1] == 1.0


def test_progress_may_stop_the_reading(tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros(500_000), 48_000)

    def stop(value):
        raise Cancelled(f"stopped at {value}")

    with pytest.raises(Cancelled):
        read_speech(path, progress=stop)


def test_decoder_prints_nothing(tmp_path, capfd):
    path = tmp_path / "cut.mp3"
    soundfile.write(path, tone(3.0, 48_000), 48_000)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)
    with pytest.raises(AudioError):
        read_speech(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_surround_at_192_khz_needs_little_memory(tmp_path):
    """Four minutes (1.1 GB in the file) may not cost more than an hour's result plus blocks."""
    path = tmp_path / "hole.wav"
    size = 240 * 192_000 * 24
    path.write_bytes(riff(extensible_form(3, 6, 192_000, 32, 0x3F), b"data" + struct.pack("<I", size)))
    os.truncate(path, path.stat().st_size + size)
    program = (
        "import resource, sys; from pathlib import Path; from core.audio import read_speech\n"
        "assert len(read_speech(Path(sys.argv[1])).samples) == 240 * 16_000\n"
        "sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
    )
    # A process starts out with its parent's peak memory on its account, so a small parent stands between.
    between = [sys.executable, "-S", "-c", "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"]
    command = [*between, sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 200_000  # kilobytes


def test_tone_of_the_hand_made_wav_matches_the_library(tmp_path):
    ours, theirs = tmp_path / "ours.wav", tmp_path / "theirs.wav"
    ours.write_bytes(plain_wav(0.2))
    soundfile.write(theirs, np.frombuffer(pcm(tone(0.2, 16_000)), "<i2"), 16_000)
    assert ours.read_bytes() == theirs.read_bytes()
