"""Posing a head in torch is posing it with core.splat.pose, and it has gradients."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from splat_heads import small_head  # noqa: E402

from core.avatar.bound import Mesh, Rest, carry, from_matrices, held_down, place  # noqa: E402
from core.quats import matrices, unit  # noqa: E402
from core.rig.arkit import ARKIT_52  # noqa: E402
from core.splat.dials import dialled, turned_bones  # noqa: E402
from core.splat.head import Bones, SplatHead  # noqa: E402
from core.splat.pose import pose  # noqa: E402
from core.splat.pose_twin import summed_changes  # noqa: E402


def two_boned(seed=4):
    """A random head of degree 0 with a still chest and a head, and no clip."""
    head = small_head(count=120, degree=0, seed=seed)
    share = np.random.default_rng(seed).random(len(head)).astype(np.float32)
    bones = Bones(("chest", "head"), head.bones.pivots[1:], (0.0, 1.0), np.stack([1 - share, share], 1))
    own = (head.logits, head.sh, head.correctives, head.mix, head.ceilings, {}, {})
    return SplatHead(head.template, head.binding, bones, *own)


def rest_of(head):
    rows = (head.binding.places, head.binding.offsets, head.binding.quats, head.binding.log_scales)
    return Rest(*(torch.from_numpy(row) for row in (*rows, head.logits, head.sh[:, 0], head.bones.weights[:, 1])))


@pytest.mark.parametrize("turn", [np.zeros(3), np.array([0.4, -0.2, 0.1])])
def test_torch_poses_what_the_fast_path_poses(turn):
    head = two_boned()
    weights = np.random.default_rng(1).random(52).astype(np.float32)
    weights[ARKIT_52.index("mouthClose")] = 0.9
    wanted = pose(head, weights, turn)
    mesh = Mesh(head.template, head.binding.triangles)
    held = held_down(torch.from_numpy(weights), head.ceilings)
    own = dict(zip(ARKIT_52, held.tolist(), strict=True))
    change = np.concatenate(list(summed_changes(head, dialled(head, own)).values()), 1).astype(np.float32)
    affine = turned_bones(head.bones, turn).affines[-1].copy()
    affine[:, 3] += affine[:, :3] @ mesh.center - mesh.center
    placed = place(mesh, rest_of(head), held, torch.from_numpy(change))
    got = carry(placed, torch.from_numpy(head.bones.weights[:, 1]), torch.from_numpy(affine.astype(np.float32)))
    np.testing.assert_allclose(got.means.numpy() + mesh.center, wanted.means, atol=2e-5)
    np.testing.assert_allclose(got.log_scales.numpy(), wanted.log_scales, atol=2e-4)
    np.testing.assert_allclose(matrices(got.quats.numpy()), matrices(wanted.quats), atol=2e-4)
    np.testing.assert_allclose(got.logits.numpy(), wanted.logits, atol=1e-5)
    np.testing.assert_allclose(got.colors.numpy(), wanted.sh[:, 0], atol=1e-5)


def test_everything_that_is_learned_has_a_finite_gradient():
    head = two_boned()
    mesh, rest = Mesh(head.template, head.binding.triangles), rest_of(head)
    weights = torch.full((52,), 0.3, requires_grad=True)
    change = torch.zeros(len(head), 13, requires_grad=True)
    got = carry(place(mesh, rest, weights, change), rest.carried, torch.eye(3, 4))
    sum(part.square().sum() for part in (got.means, got.quats[:, 0], got.log_scales, got.logits, got.colors)).backward()
    assert torch.isfinite(weights.grad).all() and weights.grad.abs().max() > 0
    assert torch.isfinite(change.grad).all() and (change.grad.abs().max(0).values > 0).all()


def test_rotations_become_quaternions_whichever_number_is_largest():
    quats = unit(np.random.default_rng(0).normal(size=(400, 4)).astype(np.float32))
    quats[:4] = np.eye(4)
    back = from_matrices(torch.from_numpy(matrices(quats))).numpy()
    np.testing.assert_allclose(np.abs((back * quats).sum(1)), 1, atol=1e-5)
