"""Films of every kind come out upright, at a constant rate, or are refused in a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import FormatError, SettingError
from core.video.film import Damage, open_film, pictures, read_sound

pytest.importorskip("av")
from filmed_faces import turn_film, write_film


def corner_frames(count, height=48, width=64):
    """Pictures with a bright upper left corner whose level tells their number."""
    frames = []
    for k in range(count):
        picture = np.zeros((height, width, 3), np.uint8)
        picture[: height // 2, : width // 2] = 60 + 4 * k
        frames.append(picture)
    return frames


def corners(picture):
    """Mean level of the four quarters, upper left first, row by row."""
    height, width = (n // 2 for n in picture.shape[:2])
    return [picture[r : r + height, c : c + width].mean() for r in (0, height) for c in (0, width)]


def test_plain_film_is_given_as_it_is(tmp_path):
    film = open_film(write_film(tmp_path / "plain.mp4", corner_frames(12)))
    assert (film.size, film.fps, film.turn, film.sound) == ((64, 48), 25.0, 0, False)
    made = list(pictures(film))
    assert len(made) == 12 and made[0].shape == (48, 64, 3)
    levels = [corners(picture)[0] for picture in made]
    np.testing.assert_allclose(levels, 60 + 4 * np.arange(12), atol=4)


@pytest.mark.parametrize(("degrees", "brightest"), [(90, 1), (180, 3), (270, 2)])
def test_turned_film_is_upright(tmp_path, degrees, brightest):
    film = open_film(turn_film(write_film(tmp_path / "turned.mp4", corner_frames(6)), degrees))
    assert film.size == ((48, 64) if degrees != 180 else (64, 48))
    picture = next(pictures(film))
    assert picture.shape[:2] == film.size[::-1]
    assert int(np.argmax(corners(picture))) == brightest


def test_changing_rate_becomes_constant(tmp_path):
    times = [0, 1, 2, 6, 7, 8, 9, 12, 13, 14]  # holes of three and two pictures
    film = open_film(write_film(tmp_path / "changing.mkv", corner_frames(10), times=times))
    levels = np.array([corners(picture)[0] for picture in pictures(film)])
    assert abs(len(levels) / film.fps - 0.6) < 0.06
    at = np.round((levels - 60) / 4).astype(int)
    expected = [max(k for k, t in enumerate(times) if t <= n / film.fps * 25 + 0.51) for n in range(len(at))]
    np.testing.assert_allclose(at, expected, atol=1)


def test_fast_film_is_thinned(tmp_path):
    film = open_film(write_film(tmp_path / "fast.mp4", corner_frames(24), fps=120))
    assert (film.filmed_fps, film.fps) == (120.0, 60.0)
    assert len(list(pictures(film))) == 12


def test_sixteen_bits_are_read(tmp_path):
    path = write_film(tmp_path / "deep.mkv", corner_frames(4), codec="ffv1", pix_fmt="gbrp16le")
    picture = next(pictures(open_film(path)))
    assert picture.dtype == np.uint8 and corners(picture)[0] == pytest.approx(60, abs=2)


def test_sound_is_16_khz_mono_and_may_be_missing(tmp_path):
    frames = corner_frames(25)
    sound = read_sound(open_film(write_film(tmp_path / "heard.mp4", frames, sound=True)))
    assert sound.rate_hz == 16_000 and sound.duration_s == pytest.approx(1, abs=0.15)
    assert np.abs(sound.samples).max() > 0.2
    assert read_sound(open_film(write_film(tmp_path / "silent.mp4", frames))) is None


def test_damaged_film_gives_what_it_has(tmp_path):
    path = write_film(tmp_path / "whole.mkv", corner_frames(60))
    data = path.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) * 2 // 3])
    film, damage = open_film(tmp_path / "cut.mkv"), Damage()
    assert 5 < len(list(pictures(film, damage))) < 60
    spoiled = bytearray(data)
    spoiled[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    (tmp_path / "spoiled.mkv").write_bytes(bytes(spoiled))
    assert len(list(pictures(open_film(tmp_path / "spoiled.mkv"), Damage()))) > 5


def test_what_is_no_film_is_refused(tmp_path):
    import soundfile

    (tmp_path / "text.mp4").write_text("no film")
    (tmp_path / "empty.mp4").write_bytes(b"")
    soundfile.write(tmp_path / "sound.wav", np.zeros(1600), 16_000)
    for name, words in (
        ("text.mp4", "no film"),
        ("empty.mp4", "no film"),
        ("none.mp4", "no such"),
        ("sound.wav", "no picture"),
    ):
        with pytest.raises(FormatError, match=words):
            open_film(tmp_path / name)


def test_too_few_pictures_a_second_are_refused(tmp_path):
    with pytest.raises(FormatError, match="at least"):
        open_film(write_film(tmp_path / "slow.mp4", corner_frames(6), fps=2))


def test_long_film_is_streamed(tmp_path):
    """Pictures come one at a time: the first of a long film is there before the last was decoded."""
    stream = pictures(open_film(write_film(tmp_path / "long.mp4", corner_frames(500, 32, 32))))
    first = next(stream)
    assert first.shape == (32, 32, 3) and sum(1 for _ in stream) == 499


def test_settings_are_checked():
    from core.video.track import TrackOptions

    for wrong in ({"face": "third"}, {"focal": -2.0}):
        with pytest.raises(SettingError):
            TrackOptions(**wrong)
