"""Colours that change with the side: told only where the head turns, learned, baked, and the same in every pose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
for _name in ("numba", "cv2", "yaml"):
    pytest.importorskip(_name)

from talking_ball import JAW, ball_video  # noqa: E402
from test_avatar_train import RASTER, silent, tiny  # noqa: E402

import core.avatar.start  # noqa: E402
from core.avatar.checkpoint import read_checkpoint  # noqa: E402
from core.avatar.drive import Scene, head_pictures, learned_pictures  # noqa: E402
from core.avatar.reel import Reel  # noqa: E402
from core.avatar.runs import BakeWish, bake_run, open_run  # noqa: E402
from core.avatar.start import degree_told  # noqa: E402
from core.avatar.train import Training  # noqa: E402
from core.avatar.voice import Part  # noqa: E402
from core.errors import SettingError  # noqa: E402
from core.splat.files import read_splats, write_splats  # noqa: E402
from core.splat.head_files import read_head, write_head  # noqa: E402
from core.splat.pose import pose  # noqa: E402


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    torch.set_num_threads(1)
    return ball_video(tmp_path_factory.mktemp("ball"))


@pytest.fixture
def run(video, tmp_path, monkeypatch):
    """A head with harmonics of degree 1, learned a little and then made strong enough to be seen."""
    monkeypatch.setattr(core.avatar.start, "TURNED", 0.0)
    Training(video, tiny("mouthpiece", splats__degree="1"), tmp_path / "run", RASTER, silent).run()
    return open_run(tmp_path / "run")


def turned(prepared, degrees):
    """The same video with its head said to turn from side to side."""
    poses = prepared.track.pose.copy()
    for frame, angle in enumerate(np.radians(degrees) * np.sin(np.arange(len(poses)))):
        turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
        poses[frame, :3, :3] = turn
    return replace(prepared, track=replace(prepared.track, pose=poses.astype(np.float32)))


def test_a_head_that_hardly_turns_tells_none(video):
    assert degree_told(Reel(turned(video, 3), 0), 2) == 0
    assert degree_told(Reel(turned(video, 12), 0), 2) == 2
    assert degree_told(Reel(turned(video, 12), 0), 0) == 0


def test_harmonics_are_learned_kept_and_grow_with_the_splats(run):
    own = run.avatar.harmonics.detach()
    assert own.shape == (len(run.avatar.offsets), 3, 3)
    assert own.abs().max() > 1e-4
    assert torch.equal(read_checkpoint(run.folder).avatar.harmonics, own)


def test_a_baked_head_shows_the_same_side_in_the_same_colour(run, tmp_path):
    with torch.no_grad():
        run.avatar.harmonics.normal_(std=0.3, generator=torch.Generator().manual_seed(0))
    head, _ = bake_run(run, run.lesson(), RASTER, BakeWish(), {})
    write_head(head, tmp_path / "ball.splathead")
    head = read_head(tmp_path / "ball.splathead")
    assert head.sh.shape[1] == 4
    weights, turns = np.zeros((3, 52), np.float32), np.array([[0, 0, 0], [0.5, 0, 0], [0, 0.3, 0.3]], np.float32)
    weights[:, JAW] = 0, 0.6, 0.2
    part = Part(25.0, weights, turns, np.zeros((3, 8, 384), np.float32), np.zeros((3, 0), np.float32))
    scene = Scene(RASTER, run.kept.camera)
    for one, other in zip(head_pictures(head, part, scene), learned_pictures(run.avatar, part, scene), strict=True):
        assert np.abs(one - other).mean() < 3e-3
    plain = replace(head, sh=np.ascontiguousarray(head.sh[:, :1]))
    shown = [next(head_pictures(rows, part, scene)) for rows in (head, plain)]
    assert np.abs(shown[0] - shown[1]).mean() > 0.01
    splats = pose(head, weights[1], turns[1])
    write_splats(tmp_path / "posed.ply", splats)
    np.testing.assert_allclose(read_splats(tmp_path / "posed.ply")[0].sh, splats.sh, atol=1e-6)


def test_a_training_from_before_there_were_harmonics_still_opens(run):
    from safetensors import safe_open
    from safetensors.torch import save_file

    path = run.folder / "checkpoint.safetensors"
    with safe_open(str(path), framework="pt") as file:
        words, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    old = {name: value for name, value in tensors.items() if "harmonics" not in name}
    assert len(old) < len(tensors)
    save_file(old, str(path), words)
    assert open_run(run.folder).avatar.harmonics.shape[1] == 0


def test_a_degree_that_does_not_exist_is_refused():
    with pytest.raises(SettingError, match=r"splats\.degree must be 0 to 3, but is 4"):
        tiny("mouthpiece", splats__degree="4")
