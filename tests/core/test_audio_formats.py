"""Every kind of recording is heard as the tone it holds."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from waves import LEVEL, TONE_HZ, chunk, extensible_form, fit_tone, form, pcm, plain_wav, riff, tone

from core.audio import read_speech
from core.audio.mix import mix_weights

SECONDS = 0.5
RATES_HZ = (8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
FINENESS = {"PCM_U8": 8e-3, "ULAW": 2e-2, "ALAW": 2e-2}
LOSSY = 0.03


def assert_tone(speech, seconds=SECONDS, level=LEVEL, noise=2e-4):
    """The middle of a recording (the ends ring) must be the sine of the closed form."""
    assert speech.rate_hz == 16_000
    assert speech.samples.dtype == np.float32
    assert abs(len(speech.samples) - seconds * 16_000) <= 1
    edge = 1600
    amplitude, phase, rest = fit_tone(speech.samples[edge:-edge], 16_000, start=edge)
    assert amplitude == pytest.approx(level, abs=max(1e-3, noise))
    assert phase == pytest.approx(0, abs=max(1e-3, noise))
    assert rest < noise


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"])
@pytest.mark.parametrize("container", ["WAV", "WAVEX", "RF64"])
def test_wav_of_every_depth(tmp_path, container, subtype):
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(SECONDS, 44_100), 44_100, format=container, subtype=subtype)
    assert_tone(read_speech(path), noise=FINENESS.get(subtype, 2e-4))


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_wav_of_every_rate(tmp_path, rate_hz):
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(SECONDS, rate_hz), rate_hz, subtype="PCM_24")
    assert_tone(read_speech(path))


@pytest.mark.parametrize("channels", range(1, 9))
@pytest.mark.parametrize("ending", ["wav", "flac", "aiff"])
def test_equal_channels_mix_to_themselves(tmp_path, ending, channels):
    path = tmp_path / f"tone.{ending}"
    voices = np.repeat(tone(SECONDS, 48_000)[:, None], channels, axis=1)
    soundfile.write(path, voices, 48_000)
    assert_tone(read_speech(path))


@pytest.mark.parametrize(
    ("ending", "container", "subtype", "noise"),
    [
        ("flac", "FLAC", "PCM_16", 2e-4),
        ("flac", "FLAC", "PCM_24", 2e-4),
        ("ogg", "OGG", "VORBIS", LOSSY),
        ("ogg", "OGG", "OPUS", LOSSY),
        ("opus", "OGG", "OPUS", LOSSY),
        ("mp3", "MP3", "MPEG_LAYER_III", LOSSY),
        ("aiff", "AIFF", "PCM_16", 2e-4),
        ("aifc", "AIFF", "FLOAT", 2e-4),
    ],
)
@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_other_containers(tmp_path, ending, container, subtype, noise, rate_hz, channels):
    path = tmp_path / f"tone.{ending}"
    voices = np.repeat(tone(SECONDS, rate_hz)[:, None], channels, axis=1)
    soundfile.write(path, voices, rate_hz, format=container, subtype=subtype)
    speech = read_speech(path)
    assert len(speech.samples) == pytest.approx(SECONDS * 16_000, abs=2)
    amplitude, _, rest = fit_tone(speech.samples[1600:-1600], 16_000)
    assert amplitude == pytest.approx(LEVEL, rel=0.05)
    assert rest < noise


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
@pytest.mark.parametrize("order", ["<", ">"])
def test_wav_by_hand(tmp_path, bits, order):
    path = tmp_path / "tone.wav"
    sound = pcm(tone(SECONDS, 16_000), bits, order)
    parts = form(bits=bits, order=order), chunk(b"data", sound, order=order)
    path.write_bytes(riff(*parts, mark=b"RIFF" if order == "<" else b"RIFX", order=order))
    assert_tone(read_speech(path), noise=8e-3 if bits == 8 else 2e-4)


@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_float_wav_by_hand(tmp_path, kind):
    path = tmp_path / "tone.wav"
    sound = tone(SECONDS, 16_000).astype("<" + kind).tobytes()
    path.write_bytes(riff(extensible_form(3, bits=8 * int(kind[1])), chunk(b"data", sound)))
    assert_tone(read_speech(path))


def test_chunks_before_and_after_the_sound(tmp_path):
    path = tmp_path / "tone.wav"
    listed = chunk(b"LIST", b"INFOISFT" + struct.pack("<I", 5) + b"tool\0\0")
    odd = chunk(b"odd ", b"12345")
    sound = chunk(b"data", pcm(tone(SECONDS, 16_000)))
    path.write_bytes(riff(chunk(b"JUNK", bytes(28)), listed, form(), odd, odd, sound, listed, odd))
    assert_tone(read_speech(path))


@pytest.mark.parametrize("rest", [b"", b"\0", bytes(100), b"id3 \x04\0\0\0abcd", b"TAG" + bytes(125)])
def test_what_follows_the_sound_is_left_alone(tmp_path, rest):
    path = tmp_path / "tone.wav"
    path.write_bytes(plain_wav(SECONDS) + rest)
    assert_tone(read_speech(path))


def test_odd_sound_without_padding(tmp_path):
    path = tmp_path / "tone.wav"
    sound = pcm(tone(SECONDS, 16_000), 8)[:-1]
    path.write_bytes(riff(form(bits=8), b"data" + struct.pack("<I", len(sound)) + sound))
    assert len(read_speech(path).samples) == len(sound)


@pytest.mark.parametrize("ending", ["mp3", "ogg", "txt", "wave", ""])
def test_content_counts_and_not_the_ending(tmp_path, ending):
    path = tmp_path / f"tone.{ending}".rstrip(".")
    path.write_bytes(plain_wav(SECONDS))
    assert_tone(read_speech(path))


def test_flac_behind_an_id3_tag(tmp_path):
    path = tmp_path / "tone.flac"
    soundfile.write(path, tone(SECONDS, 16_000), 16_000)
    path.write_bytes(b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + path.read_bytes())
    assert_tone(read_speech(path))


def test_flac_that_does_not_state_its_length(tmp_path):
    path = tmp_path / "tone.flac"
    soundfile.write(path, tone(SECONDS, 16_000), 16_000)
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path.write_bytes(content)
    assert_tone(read_speech(path))


NAMES = ("té st ü.wav", "口パク 🎤.wav", "a%20b #1.wav", "-o.wav", "שלום.wav", "n" * 250 + ".wav")


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(plain_wav(SECONDS))
    assert_tone(read_speech(path))


@pytest.mark.parametrize(("speaking", "share"), [(2, 0.5), (0, 0.2), (3, 0.0), (5, 0.05)])
@pytest.mark.parametrize("mask", [0, 0x3F, 0x60F])
def test_surround_listens_to_the_centre(tmp_path, mask, speaking, share):
    path = tmp_path / "tone.wav"
    voices = np.zeros((round(SECONDS * 16_000), 6))
    voices[:, speaking] = tone(SECONDS, 16_000)
    sound = voices.astype("<f4").tobytes()
    path.write_bytes(riff(extensible_form(3, 6, bits=32, mask=mask), chunk(b"data", sound)))
    amplitude, *_ = fit_tone(read_speech(path).samples, 16_000)
    assert amplitude == pytest.approx(share * LEVEL, abs=1e-4)


def test_one_sided_stereo_is_halved(tmp_path):
    path = tmp_path / "tone.wav"
    left = tone(SECONDS, 16_000)
    soundfile.write(path, np.stack([left, 0 * left], axis=1), 16_000)
    assert_tone(read_speech(path), level=LEVEL / 2)


@pytest.mark.parametrize("kind", ["wav", "ogg"])
@pytest.mark.parametrize("channels", range(1, 9))
def test_mix_keeps_the_level_and_drops_the_bass(kind, channels):
    weights = mix_weights(kind, channels)
    assert weights.shape == (channels,)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    assert (weights == 0).sum() == (1 if channels >= 6 else 0)
    if channels in (3, 5, 6, 7, 8):
        assert weights.argmax() == (1 if kind == "ogg" else 2)


def test_mask_moves_the_centre():
    assert mix_weights("wav", 3, 0b1011).tolist() == [0.5, 0.5, 0.0]
    assert mix_weights("wav", 2, 0b1100).tolist() == [1.0, 0.0]
    assert mix_weights("wav", 1, 0b1000).tolist() == [1.0]
    assert mix_weights("wav", 2, 0b1).tolist() == [0.5, 0.5]


def test_tone_frequency_is_kept(tmp_path):
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(1.0, 44_100, hz=1000.0), 44_100)
    spectrum = np.abs(np.fft.rfft(read_speech(path).samples))
    assert spectrum.argmax() == 1000
    assert TONE_HZ != 1000


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_is_read(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/x\xff.wav"))
    try:
        path.write_bytes(plain_wav())
    except OSError:
        pytest.skip("this file system takes no such name")
    assert len(read_speech(path).samples)
