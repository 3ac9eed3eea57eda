"""The log-mel front end against closed forms and, where it is installed, librosa."""

from __future__ import annotations

import numpy as np
import pytest

from core.speech import mel


def test_cells_over_the_fixed_floor_equal_the_plain_spectrum():
    """A tone far above the floor, then noise about it, then nothing; the plain way is NumPy's FFT in double."""
    tone = np.sin(2 * np.pi * 200 * np.arange(16_000) / 16_000)
    noise = np.random.default_rng(1).standard_normal(16_000) * 1e-3
    samples = np.concatenate([tone, noise, np.zeros(1_600)]).astype(np.float32)
    rows = len(samples) // 160
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples.astype(float), 200), 400)[::160][:rows]
    spectrum = np.fft.rfft(frames * (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)), axis=1)
    power = np.abs(spectrum) ** 2 @ mel.mel_filters().T
    expected = (np.log10(np.maximum(power, mel.LEAST_POWER)) + 4) / 4
    np.testing.assert_allclose(mel.log_power(samples), expected, atol=2e-5)
    assert mel.log_power(samples)[-5:].max() == pytest.approx(mel.FLOOR)


@pytest.mark.parametrize("count", [0, 1, 160, 319, 320, 321, 640, 641, 5_000])
def test_a_hop_holds_its_two_rows(count):
    samples = np.random.default_rng(count).standard_normal(count).astype(np.float32)
    hops, rows = mel.features(samples), mel.log_power(samples)
    assert hops.shape == (max(1, -(-count // 320)), 160) and hops.dtype == np.float32
    np.testing.assert_array_equal(hops[0, :80], mel.FLOOR)
    np.testing.assert_allclose(hops[:, 80:], rows[::2], atol=1e-5)
    np.testing.assert_allclose(hops[1:, :80], rows[1::2][: len(hops) - 1], atol=1e-5)


def test_the_past_is_heard_the_same_whatever_follows():
    noise = np.random.default_rng(2).standard_normal(16_000).astype(np.float32)
    loud = np.concatenate([noise, 30 * noise])
    np.testing.assert_allclose(mel.features(loud)[:49], mel.features(noise)[:49], atol=1e-5)


def test_one_row_every_ten_milliseconds():
    assert mel.log_mel(np.zeros(16_000, np.float32)).shape == (100, 80)
    assert mel.log_mel(np.zeros(1, np.float32)).shape == (1, 80)


@pytest.mark.parametrize("hz", [220.0, 1_000.0, 3_500.0])
def test_a_tone_peaks_in_the_band_that_holds_it(hz):
    tone = np.sin(2 * np.pi * hz * np.arange(16_000) / 16_000).astype(np.float32)
    band = mel.log_mel(tone)[50].argmax()
    centres_hz = mel.mel_filters() @ np.fft.rfftfreq(400, 1 / 16_000) / mel.mel_filters().sum(axis=1)
    assert abs(centres_hz[band] - hz) < 90


def test_quiet_cells_are_floored_eight_decades_below_the_loudest():
    tone = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000).astype(np.float32)
    cells = mel.log_mel(np.concatenate([tone, np.zeros(16_000, np.float32)]))
    assert cells.max() - cells.min() == pytest.approx(2.0, abs=1e-5)


def test_long_recordings_are_read_in_blocks_without_a_seam(monkeypatch):
    noise = np.random.default_rng(0).standard_normal(48_000).astype(np.float32)
    whole = mel.log_mel(noise)
    monkeypatch.setattr(mel, "BLOCK_FRAMES", 37)
    np.testing.assert_allclose(mel.log_mel(noise), whole, atol=1e-5)


def test_equal_to_librosa():
    librosa = pytest.importorskip("librosa")
    np.testing.assert_allclose(mel.mel_filters(), librosa.filters.mel(sr=16_000, n_fft=400, n_mels=80), atol=1e-7)
