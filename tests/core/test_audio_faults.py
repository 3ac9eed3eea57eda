"""What is no whole, sane recording is refused with one plain sentence."""

from __future__ import annotations

import os
import struct

import numpy as np
import pytest
import soundfile
from waves import SUBFORMAT, chunk, extensible_form, form, pcm, plain_wav, riff, tone

from core.audio import read_speech
from core.errors import AudioError

SOUND = chunk(b"data", pcm(tone(0.1, 16_000)))
WAV = plain_wav()


def floats(*values):
    """A float WAV that ends in these values."""
    sound = np.append(tone(0.1, 16_000), values).astype("<f4").tobytes()
    return riff(form(3, bits=32), chunk(b"data", sound))


def data_size(size):
    """A healthy WAV but for the size of its sound."""
    return WAV[:40] + struct.pack("<I", size) + WAV[44:]


def rf64(promised):
    """An RF64 whose long size is promised."""
    sizes = struct.pack("<QQQI", 0, promised, 0, 0)
    parts = chunk(b"ds64", sizes), form(), chunk(b"data", SOUND[8:], size=0xFFFFFFFF)
    return riff(*parts, mark=b"RF64", size=0xFFFFFFFF)


FAULTS = {
    "empty": b"",
    **{f"header cut at {at}": WAV[:at] for at in range(4, 45, 4)},
    "cut in the sound": WAV[:1000],
    "last byte missing": WAV[:-1],
    "data size 0": data_size(0),
    "data size small": data_size(100),
    "data size one frame short": data_size(len(SOUND) - 10 - 256),
    "data size negative": data_size(0xFFFFFFF0),
    "data size 4 GB": data_size(0xFFFFFFFF),
    "data size one more": data_size(len(SOUND) - 7),
    "rate 0": riff(form(rate_hz=0), SOUND),
    "rate 1": riff(form(rate_hz=1), SOUND),
    "rate 7999": riff(form(rate_hz=7_999), SOUND),
    "rate 192001": riff(form(rate_hz=192_001), SOUND),
    "rate 4e9": riff(form(rate_hz=4_000_000_000), SOUND),
    "channels 0": riff(form(channels=0), SOUND),
    "channels 9": riff(form(channels=9), SOUND),
    "channels 65535": riff(form(channels=65_535), SOUND),
    **{f"bits {bits}": riff(form(bits=bits), SOUND) for bits in (0, 1, 4, 12, 17, 64, 65_535)},
    **{f"float bits {bits}": riff(form(3, bits=bits), SOUND) for bits in (8, 16, 24)},
    "frame size 0": riff(form(frame_bytes=0), SOUND),
    "frame size lies": riff(form(frame_bytes=16), SOUND),
    "NaN": floats(np.nan),
    "inf": floats(np.inf),
    "minus inf": floats(-np.inf),
    "1e30": floats(1e30),
    "float scaled as integer": floats(32_767.0),
    "double beyond float": riff(form(3, bits=64), chunk(b"data", struct.pack("<dd", 0.1, 1e300))),
    "unknown code": riff(form(0x1234), SOUND),
    "ADPCM": riff(form(0x11, bits=4, frame_bytes=256), SOUND),
    "MP3 inside": riff(form(0x55), SOUND),
    "extensible cut": riff(form(0xFFFE), SOUND),
    "extensible of unknown kind": riff(extensible_form(tail=bytes(14)), SOUND),
    "extensible of unknown code": riff(extensible_form(code=9, tail=SUBFORMAT), SOUND),
    "no fmt": riff(SOUND),
    "fmt after the sound": riff(SOUND, form()),
    "fmt of 4 bytes": riff(chunk(b"fmt ", bytes(4)), SOUND),
    "fmt size lies": riff(b"fmt " + struct.pack("<I", 10_000) + form()[8:], SOUND),
    "no data": riff(form()),
    "zero frames": riff(form(), chunk(b"data", b"")),
    "half a frame": riff(form(), chunk(b"data", b"\1")),
    "LIST bomb": riff(form(), chunk(b"LIST", b"") * 5_000, SOUND),
    "LIST size lies": riff(form(), chunk(b"LIST", b"abcd", size=0xFFFFFFF0), SOUND),
    "RF64 lies": rf64(10**12),
    "RF64 without sizes": riff(form(), chunk(b"data", SOUND[8:], size=0xFFFFFFFF), mark=b"RF64"),
    "BW64": b"BW64" + WAV[4:],
    "RIFF but not WAVE": b"RIFF" + WAV[4:8] + b"AVI " + WAV[12:],
    "text": b"This is not a recording.\n" * 10,
    "short text": b"hello",
    "text of another tongue": "Grüße aus Köln, 口パク\n".encode() * 20,
    "UTF-16 text": "not a recording".encode("utf-16"),
    "noise": bytes(range(256)) * 8,
    "zeros": bytes(4096),
    "html": b"<!DOCTYPE html><html></html>",
    "MP4": b"\0\0\0\x20ftypM4A " + bytes(100),
    "Matroska": b"\x1a\x45\xdf\xa3" + bytes(100),
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "zip": b"PK\x03\x04" + bytes(100),
    "one byte": b"R",
    "ID3 and nothing": b"ID3\x04\0\0\x7f\x7f\x7f\x7f",
    "MP3 sync and nothing": b"\xff\xfb\x90\xc4",
    "FLAC mark and nothing": b"fLaC",
    "Ogg mark and nothing": b"OggS",
    "AIFF mark and nothing": b"FORM\0\0\0\x04AIFF",
}


def assert_sentence(text, name):
    """One plain sentence that names the file: no traceback, no line break, no library's own words."""
    assert text.startswith(f'"{name}"')
    assert text.endswith(".")
    assert text.count(". ") == 0
    assert "\n" not in text
    assert len(text) < 200


def test_there_are_enough_faults():
    assert len(FAULTS) >= 60


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_refused(tmp_path, fault):
    path = tmp_path / "fault.wav"
    path.write_bytes(FAULTS[fault])
    with pytest.raises(AudioError) as caught:
        read_speech(path)
    assert_sentence(str(caught.value), "fault.wav")


@pytest.mark.parametrize("share", [0.999, 0.9, 0.5, 0.1])
@pytest.mark.parametrize(
    ("ending", "subtype"),
    [("flac", "PCM_16"), ("ogg", "VORBIS"), ("ogg", "OPUS"), ("mp3", "MPEG_LAYER_III"), ("aiff", "PCM_16")],
)
def test_cut_file_is_refused(tmp_path, ending, subtype, share):
    path = tmp_path / f"fault.{ending}"
    soundfile.write(path, tone(2.0, 48_000), 48_000, subtype=subtype)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(AudioError) as caught:
        read_speech(path)
    assert_sentence(str(caught.value), path.name)


@pytest.mark.parametrize("ending", ["flac", "ogg"])
def test_damaged_file_is_refused(tmp_path, ending):
    path = tmp_path / f"fault.{ending}"
    soundfile.write(path, tone(2.0, 48_000) + 0.01 * np.random.default_rng(0).standard_normal(96_000), 48_000)
    content = bytearray(path.read_bytes())
    middle = slice(len(content) // 2, len(content) // 2 + 500)
    content[middle] = bytes(value ^ 0x5A for value in content[middle])
    path.write_bytes(content)
    with pytest.raises(AudioError):
        read_speech(path)


def test_flac_that_promises_days_is_refused(tmp_path):
    path = tmp_path / "fault.flac"
    soundfile.write(path, tone(0.5, 16_000), 16_000)
    content = bytearray(path.read_bytes())
    content[21] |= 0x0F
    path.write_bytes(content)
    with pytest.raises(AudioError, match="longer than 4 hours"):
        read_speech(path)


def test_five_hours_are_refused_before_they_are_read(tmp_path):
    path = tmp_path / "fault.wav"
    size = 5 * 3600 * 16_000
    path.write_bytes(riff(form(bits=8), b"data" + struct.pack("<I", size)))
    os.truncate(path, path.stat().st_size + size)  # a hole, which takes no room on disk
    with pytest.raises(AudioError, match="longer than 4 hours"):
        read_speech(path)


def test_places_that_hold_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    for name in ("missing.wav", "folder.wav", "pipe.wav", "loop.wav", "n" * 300 + ".wav"):
        with pytest.raises(AudioError) as caught:
            read_speech(tmp_path / name)
        assert str(caught.value).startswith(f'"{name}"')
    with pytest.raises(AudioError):
        read_speech(tmp_path / "nul\0.wav")


def test_file_in_place_of_a_folder(tmp_path):
    (tmp_path / "file").write_bytes(WAV)
    with pytest.raises(AudioError):
        read_speech(tmp_path / "file" / "a.wav")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path):
    path = tmp_path / "secret.wav"
    path.write_bytes(WAV)
    path.chmod(0)
    with pytest.raises(AudioError, match="permission"):
        read_speech(path)


def test_name_with_a_line_break_stays_one_line(tmp_path):
    path = tmp_path / "two\nlines.wav"
    path.write_bytes(b"")
    with pytest.raises(AudioError) as caught:
        read_speech(path)
    assert "\n" not in str(caught.value)


def test_headerless_ending_is_refused(tmp_path):
    path = tmp_path / "tone.raw"
    path.write_bytes(WAV)
    with pytest.raises(AudioError, match="headerless"):
        read_speech(path)
