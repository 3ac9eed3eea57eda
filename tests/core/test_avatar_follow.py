"""A torso that goes along with the head by learned shares, in the learned head and in the baked one."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
for _name in ("numba", "cv2", "yaml"):
    pytest.importorskip(_name)

from talking_ball import ball_video  # noqa: E402
from test_avatar_train import RASTER, silent, tiny  # noqa: E402

from core.avatar.bound import Posed, carry  # noqa: E402
from core.avatar.drive import head_affine, moments_of  # noqa: E402
from core.avatar.follow import LEAST, SHIFTED, Follow, Shares, followed  # noqa: E402
from core.avatar.runs import BakeWish, bake_run, open_run  # noqa: E402
from core.avatar.train import Training  # noqa: E402
from core.avatar.voice import Part  # noqa: E402
from core.splat.pose import pose  # noqa: E402

PIVOT = torch.tensor([0.0, -0.05, 0.01])


def some_splats(count=50):
    random = torch.Generator().manual_seed(0)
    rows = (torch.randn(count, width, generator=random) for width in (3, 4, 3))
    return Posed(*rows, torch.zeros(count), torch.zeros(count, 3))


def a_motion(yaw=0.3, shift=(0.02, -0.01, 0.03)):
    cos, sin = np.cos(yaw), np.sin(yaw)
    return torch.tensor([[cos, 0, sin, shift[0]], [0, 1, 0, shift[1]], [-sin, 0, cos, shift[2]]], dtype=torch.float32)


def test_shares_of_one_are_the_head_and_of_nothing_stand_still():
    posed, affine = some_splats(), a_motion()
    whole, none = torch.ones(50), torch.zeros(50)
    wanted = carry(posed, whole, affine)
    got = followed(posed, Shares(whole, whole), affine, PIVOT)
    torch.testing.assert_close(got.means, wanted.means, atol=1e-6, rtol=0)
    torch.testing.assert_close(got.quats, wanted.quats, atol=1e-6, rtol=0)
    torch.testing.assert_close(followed(posed, Shares(none, none), affine, PIVOT).means, posed.means)


def test_a_share_of_the_shift_moves_without_turning():
    posed, affine = some_splats(), a_motion()
    got = followed(posed, Shares(torch.zeros(50), torch.full((50,), 0.5)), affine, PIVOT)
    gone = affine[:, :3] @ PIVOT + affine[:, 3] - PIVOT
    torch.testing.assert_close(got.means - posed.means, (0.5 * gone).expand(50, 3), atol=1e-6, rtol=0)


def test_shares_and_the_pivot_are_found_from_where_splats_went():
    torch.manual_seed(0)
    posed, model = some_splats(), Follow()
    places, carried = posed.means.clamp(-1, 1), torch.zeros(50)
    first = model(places, carried)
    assert torch.allclose(first.turn, torch.tensor(LEAST)) and torch.allclose(first.shift, torch.tensor(SHIFTED))
    truth, base = Shares(0.1 + 0.05 * places[:, 1], 0.6 + 0.2 * places[:, 1]), PIVOT + torch.tensor([0.01, -0.04, 0.02])
    motions = [a_motion(yaw, tuple(0.03 * torch.randn(3).numpy())) for yaw in (0.3, -0.2, 0.1, 0.4, -0.4, 0.25)]
    wanted = [followed(posed, truth, motion, base).means for motion in motions]
    adam = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(250):
        adam.zero_grad()
        made, pivot = model(places, carried), model.pivot(PIVOT)
        rows = [followed(posed, made, motion, pivot).means for motion in motions]
        sum((row - want).square().mean() for row, want in zip(rows, wanted, strict=True)).backward()
        adam.step()
    away = torch.stack(rows) - torch.stack(wanted)
    still = torch.stack(wanted) - posed.means
    assert away.square().mean() < 0.01 * still.square().mean()


def test_a_baked_torso_turns_as_the_learned_one(tmp_path):
    torch.set_num_threads(1)
    Training(ball_video(tmp_path / "ball"), tiny("mouthpiece"), tmp_path / "run", RASTER, silent).run()
    run = open_run(tmp_path / "run")
    avatar = run.avatar
    with torch.no_grad():
        avatar.follow.leave.bias += torch.tensor([2.5, 3.0])
        avatar.follow.away += 0.2
    head, loss = bake_run(run, run.lesson(), RASTER, BakeWish(), {})
    assert loss.to_learned > 45
    np.testing.assert_allclose(
        head.bones.pivots[1], avatar.sitter.pivot + 0.1 * avatar.follow.away.detach().numpy(), atol=1e-6
    )
    shares, torso = avatar.shares().turn.detach().numpy(), avatar.is_torso.numpy()
    assert shares[torso].mean() > 0.1
    np.testing.assert_allclose(head.bones.weights[:, 1], shares, atol=1e-6)
    turn = np.array([0.3, 0.1, 0.05], np.float32)
    still = (np.zeros((1, 52)), turn[None], np.zeros((1, 8, 384)), np.zeros((1, 0)))
    moment = moments_of(avatar, Part(25.0, *(rows.astype(np.float32) for rows in still)))[0]
    assert np.allclose(moment.affine.numpy(), head_affine(avatar, turn))
    learned = avatar(moment).means.detach().numpy() + avatar.mesh.center
    means, rest = pose(head, {}, turn).means, pose(head, {}).means
    assert np.abs(means - rest)[torso].max() > 0.005
    assert np.abs(means - learned).max() < 5e-4
