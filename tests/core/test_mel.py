"""The log-mel front end against closed forms and, where it is installed, librosa."""

from __future__ import annotations

import numpy as np
import pytest

from core.speech import mel


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
