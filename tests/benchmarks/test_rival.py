"""The benchmarks' own parts, and a smoke run of the speed harness."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks import headaudio, machine, rhubarb, speed

ROOT = Path(__file__).resolve().parents[2]


def test_cues_are_made_contiguous():
    rows = [{"start": 0, "end": 0.4, "value": "X"}, {"start": 0.3, "end": 0.5, "value": "A"}]
    rows += [{"start": 0.3, "end": 0.6, "value": "B"}]
    assert rhubarb.tidy(rows, 1.0) == ((0.0, 0.3, "X"), (0.3, 1.0, "B"))


def test_a_missing_rival_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(rhubarb, "CACHE", tmp_path)
    monkeypatch.setattr(rhubarb.shutil, "which", lambda name: None)
    timings, remark = speed.time_rival(speed.SAMPLE)
    assert timings == []
    assert remark == "Rhubarb was not run: node and npm are not installed."


def test_long_speech_is_as_long_as_asked(tmp_path):
    path = speed.write_speech(tmp_path / "long.wav", 25.0)
    assert soundfile.info(path).duration == 25.0
    assert np.abs(soundfile.read(path)[0]).max() <= 1.0


def test_memory_and_time_of_a_process_are_seen():
    cost = speed.run_measured([sys.executable, "-c", "x = bytearray(b'x' * 60_000_000)"])
    assert cost.seconds > 0
    assert cost.peak_mb is None or 60 < cost.peak_mb < 300
    assert cost.cpu_s is None or 0 < cost.cpu_s < 60


def test_ours_is_measured(tmp_path):
    path = speed.write_speech(tmp_path / "short.wav", 2.0)
    timing = speed.time_ours(path, rounds=1)
    assert timing.audio_s == 2.0
    assert timing.factor > 0.5
    assert timing.row.count("|") == 7


def test_the_page_names_the_machine():
    page = speed.compose([speed.Timing("Mouthpiece", 600, 6, 123, 5)], "", ["| 5.2 | 1 | 1 us | 1 million |"])
    assert machine.describe() in page
    assert "| Mouthpiece | 600 s | 6.00 s | 100.0x | 5.00 s | 123 MB |" in page


def test_an_unknown_benchmark_is_wrong_usage():
    command = [sys.executable, "-m", "benchmarks", "beauty"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert "speed" in said.stderr


def test_growth_is_told_in_times():
    shorter, longer = speed.Timing("Mouthpiece", 600, 5.0), speed.Timing("Mouthpiece", 3600, 33.0)
    assert speed.growth(shorter, longer) == "6.0 times the length takes Mouthpiece 6.6 times as long."


def test_the_same_recording_gives_the_ratio():
    said = speed.ratio(speed.Timing("Mouthpiece", 600, 2.0), [speed.Timing("Rhubarb", 600, 250.0)])
    assert said == "On the same 600 s Mouthpiece is 125.0 times as fast as this build of Rhubarb."


def test_a_twin_that_cannot_run_is_left_out(monkeypatch):
    fails = subprocess.CompletedProcess([], 1, "", "")
    monkeypatch.setattr(speed.subprocess, "run", lambda *_, **__: fails)
    assert speed.time_twin(10.0) == []


def test_headaudio_without_node_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(headaudio, "CACHE", tmp_path)
    monkeypatch.setattr(headaudio.shutil, "which", lambda name: None)
    with pytest.raises(rhubarb.RivalMissing, match="node and npm are not installed"):
        headaudio.fetch()


@pytest.mark.skipif(not (headaudio.CACHE / "package").is_dir(), reason="HeadAudio has not been fetched")
def test_headaudio_hears_a_vowel_and_rests_in_silence():
    samples, rate_hz = soundfile.read(speed.SAMPLE, dtype="float32")
    weights = headaudio.viseme_weights(samples, rate_hz)
    assert len(weights) == pytest.approx(len(samples) / rate_hz * headaudio.RATE_HZ, abs=2)
    assert 0.3 < weights.max() <= 0.75
    assert not headaudio.viseme_weights(np.zeros(rate_hz, np.float32), rate_hz).any()
