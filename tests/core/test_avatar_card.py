"""The benchmark of a card, run whole on a card that is pretended: nothing forgets to travel there, or to come home."""

from __future__ import annotations

import json

import pytest

torch = pytest.importorskip("torch")
for _name in ("numba", "cv2", "yaml", "av"):
    pytest.importorskip(_name)

from pretend_card import CARD, OnCard, pretended_card  # noqa: E402
from talking_ball import ball_video  # noqa: E402

import core.avatar.measures  # noqa: E402
from benchmarks.heads import main  # noqa: E402
from core.avatar.raster.cpu import CpuRasteriser  # noqa: E402
from core.avatar.raster.protocol import Drawn, Gaussians  # noqa: E402

SMALL = (
    ("size", "24"),
    ("splats.count", "80"),
    ("splats.most", "100"),
    ("splats.degree", "1"),
    ("density.start", "1"),
    ("density.every", "2"),
    ("density.end", "6"),
)
SMALLER = {
    "mouthpiece": ("translator.steps", "2"),
    "gaussiantalker_alibaba": ("translator.steps", "2"),
}


class CardRasteriser:
    """Draws on the pretended card as CudaRasteriser does on a real one: takes Gaussians there, brings pictures home."""

    device = CARD

    def render(self, gaussians, camera, background=None):
        rows = Gaussians(*(getattr(gaussians, name).to(CARD).to("cpu") for name in Gaussians.__slots__))
        drawn = CpuRasteriser(1).render(rows, camera)
        home = gaussians.means.device
        color, alpha, depth, middles, seen = (getattr(drawn, name).to(home) for name in Drawn.__slots__)
        if middles.requires_grad:
            middles.retain_grad()
        if background is not None:
            color = color + (1 - alpha[..., None]) * background.to(color)
        return Drawn(color, alpha, depth, middles, seen)


@pytest.fixture
def card(monkeypatch):
    monkeypatch.setattr("benchmarks.heads.run.device_for", lambda wish: "cuda")
    monkeypatch.setattr("benchmarks.heads.run.rasteriser_for", lambda device, threads: CardRasteriser())
    monkeypatch.setattr("benchmarks.heads.one.perceptual", lambda: None)
    monkeypatch.setattr(core.avatar.measures, "mouth_landmarks", lambda picture: None)  # a ball has none
    monkeypatch.setattr(core.avatar.start, "TURNED", 0.0)
    torch.set_num_threads(1)


@pytest.mark.parametrize("way", SMALLER)
def test_configurations_on_the_mesh_learn_and_are_judged_on_a_card(card, tmp_path, monkeypatch, way):
    monkeypatch.setattr("benchmarks.heads.run._changes", lambda options, device: (*SMALL, SMALLER[way]))
    video, page = ball_video(tmp_path / "ball", 12).folder, tmp_path / "page.md"
    words = ["--work", str(tmp_path), "--prepared", str(video), "--share", "0.002", "--device", "cuda"]
    with pretended_card(pytest.MonkeyPatch()):
        assert main([*words, "--ways", way, "--out", str(page)]) == 0
    row = json.loads((tmp_path / "ball" / way / "row.json").read_text(encoding="utf-8"))
    assert row["device"] == CARD.type and row["baked_fps"] > 0 and row["tracked"]["psnr"] > 5
    assert f"| {way} |" in page.read_text(encoding="utf-8")


def test_a_pretended_card_refuses_what_a_card_refuses():
    with pretended_card(pytest.MonkeyPatch()):
        there = torch.arange(3.0).to(CARD)
        assert isinstance(there, OnCard) and isinstance(there * 2, OnCard)
        assert (there + 1).cpu().tolist() == [1, 2, 3]
        with pytest.raises(RuntimeError, match="same device"):
            there + torch.ones(3)
        with pytest.raises(TypeError, match="bring it home"):
            there.numpy()
