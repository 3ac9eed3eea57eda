"""The reference renderer against closed forms, and spherical harmonics against their own definition."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import SettingError, ShapeError
from core.quats import from_axes, matrices, multiply, unit
from core.splat.render import DILATION, LEAST_ALPHA, MOST_ALPHA, Camera, look_at, render
from core.splat.rotate_sh import seen_colors, sh_basis, turned_sh, turned_splats
from core.splat.types import SH_DC, Splats

SIZE = (41, 33)
AHEAD = look_at(np.array([0.0, 0, 1]), np.zeros(3), SIZE, 40)


def splats(places, sigma=0.02, colors=None, opacity=0.8, sh=None):
    places = np.atleast_2d(np.array(places, np.float32))
    count = len(places)
    quats = np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1))
    scales = np.log(np.broadcast_to(np.asarray(sigma, np.float32), (count, 3)))
    logits = np.full(count, np.log(opacity / (1 - opacity)), np.float32)
    if sh is None:
        colors = np.ones((count, 3)) if colors is None else np.atleast_2d(colors)
        sh = ((colors - 0.5) / SH_DC)[:, None].astype(np.float32)
    return Splats(places, quats, scales.astype(np.float32), logits, sh)


def random_splats(count, degree, seed=3):
    random = np.random.default_rng(seed)
    return Splats(
        random.normal(0, 0.1, (count, 3)).astype(np.float32),
        unit(random.normal(size=(count, 4))).astype(np.float32),
        random.uniform(-5, -3, (count, 3)).astype(np.float32),
        random.normal(1, 1, count).astype(np.float32),
        random.normal(0, 0.3, (count, (degree + 1) ** 2, 3)).astype(np.float32),
    )


def pixels(size=SIZE):
    return np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)


def test_one_gaussian_is_its_closed_form():
    color = np.array([0.9, 0.5, 0.2])
    picture = render(splats([0.1, 0.05, 0], colors=color), AHEAD)
    focal = AHEAD.focal[0]
    x, y = pixels()
    # Distance 1, so the Jacobian at (0.1, 0.05) is focal * [[1, 0, -0.1], [0, 1, -0.05]] up to signs.
    jacobian = focal * np.array([[1, 0, -0.1], [0, 1, 0.05]])
    cov = 0.02**2 * jacobian @ jacobian.T + DILATION * np.eye(2)
    away = np.stack([x - SIZE[0] / 2 - 0.1 * focal, y - SIZE[1] / 2 + 0.05 * focal], -1)
    alpha = 0.8 * np.exp(-0.5 * np.einsum("hwi,ij,hwj->hw", away, np.linalg.inv(cov), away))
    alpha[alpha < LEAST_ALPHA] = 0
    assert np.abs(picture.alpha - alpha).max() < 1e-6
    assert np.abs(picture.color - alpha[..., None] * color).max() < 1e-6
    assert np.allclose(picture.depth[alpha > 0], 1) and np.isinf(picture.depth[alpha == 0]).all()
    assert np.allclose(picture.median[alpha > 0.5], 1) and np.isinf(picture.median[alpha < 0.5]).all()


def test_a_gaussian_turned_in_the_picture_is_as_long_as_it_is():
    flat = splats([0, 0, 0], sigma=(0.06, 0.01, 0.01))
    turned = Splats(flat.means, unit(np.array([[1, 0, 0, 1]], np.float32)), flat.log_scales, flat.logits, flat.sh)
    wide, high = render(flat, AHEAD).alpha, render(turned, AHEAD).alpha
    assert wide[16].sum() > 2.5 * wide[:, 20].sum() and high[:, 20].sum() > 2.5 * high[16].sum()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_gaussians_blend_from_front_to_back_whatever_their_order(order):
    red, green = np.eye(3)[0], np.eye(3)[1]
    near_far = splats([[0, 0, 0.2], [0, 0, -0.2]], sigma=0.2, colors=np.stack([red, green]))
    mixed = Splats(*(getattr(near_far, name)[list(order)] for name in Splats.__dataclass_fields__))
    picture = render(mixed, AHEAD)
    one, two = (render(splats([0, 0, z], sigma=0.2), AHEAD).alpha for z in (0.2, -0.2))
    expected = one[..., None] * red + ((1 - one) * two)[..., None] * green
    assert np.abs(picture.color - expected).max() < 1e-6
    assert np.abs(picture.alpha - (1 - (1 - one) * (1 - two))).max() < 1e-9
    middle = (16, 20)
    weights = one[middle], (1 - one[middle]) * two[middle]
    assert picture.depth[middle] == pytest.approx((weights[0] * 0.8 + weights[1] * 1.2) / sum(weights), rel=1e-5)
    assert picture.median[middle] == pytest.approx(0.8)


def test_many_blocks_blend_like_one(monkeypatch):
    cloud = random_splats(300, 1)
    whole = render(cloud, AHEAD)
    monkeypatch.setattr("core.splat.render.BLOCK", 7)
    pieces = render(cloud, AHEAD)
    for name in ("color", "alpha", "depth", "median"):
        assert np.allclose(getattr(pieces, name), getattr(whole, name), atol=1e-12)


def test_picture_is_the_plain_loop_over_splats_and_pixels():
    cloud = random_splats(60, 2)
    picture, color, left = render(cloud, AHEAD), np.zeros((SIZE[1], SIZE[0], 3)), np.ones((SIZE[1], SIZE[0]))
    x, y = pixels()
    for n in np.argsort(-cloud.means[:, 2], kind="stable"):
        px, py, pz = cloud.means[n].astype(float)
        z, f = 1 - pz, AHEAD.focal[0]
        axes = matrices(cloud.quats[n].astype(float)) * np.exp(cloud.log_scales[n].astype(float))
        u, v = (np.clip(p / z, -0.65 * s / f, 0.65 * s / f) for p, s in ((px, SIZE[0]), (py, SIZE[1])))
        jacobian = f / z * np.array([[1, 0, u], [0, -1, -v]])
        cov = jacobian @ axes @ axes.T @ jacobian.T + DILATION * np.eye(2)
        away = np.stack([x - SIZE[0] / 2 - f * px / z, y - SIZE[1] / 2 + f * py / z], -1)
        power = np.einsum("hwi,ij,hwj->hw", away, np.linalg.inv(cov), away)
        alpha = np.minimum(np.exp(-0.5 * power) / (1 + np.exp(-float(cloud.logits[n]))), MOST_ALPHA)
        alpha[alpha < LEAST_ALPHA] = 0
        toward = np.array([px, py, pz - 1])
        basis = sh_basis(toward / np.linalg.norm(toward), 2)
        color += (left * alpha)[..., None] * np.maximum(0.5 + basis @ cloud.sh[n], 0)
        left *= 1 - alpha
    assert np.abs(picture.color - color).max() < 1e-6
    assert np.abs(picture.alpha - (1 - left)).max() < 1e-6


def test_what_is_behind_or_too_near_is_not_seen():
    assert render(splats([[0, 0, 1.5], [0, 0, 0.995]]), AHEAD).alpha.max() == 0


def test_orthographic_size_does_not_depend_on_distance():
    flat = Camera(AHEAD.to_camera, (200.0, 200.0), AHEAD.center, SIZE, orthographic=True)
    near, far = (render(splats([0.02, 0.01, z]), flat) for z in (0.4, -0.6))
    assert np.allclose(near.alpha, far.alpha)
    x, y = pixels()
    power = ((x - 20.5 - 4) ** 2 + (y - 16.5 + 2) ** 2) / (4**2 + DILATION)
    expected = 0.8 * np.exp(-0.5 * power)
    assert np.abs(near.alpha - np.where(expected < LEAST_ALPHA, 0, expected)).max() < 1e-6


def test_smooth_keeps_the_light_of_a_gaussian_thinner_than_a_pixel():
    fine = splats([0.0, 0, 0], sigma=0.004, opacity=0.6)
    plain = render(fine, AHEAD).alpha.sum()
    smooth = render(fine, Camera(AHEAD.to_camera, AHEAD.focal, AHEAD.center, SIZE, smooth=True)).alpha.sum()
    whole = 0.6 * 2 * np.pi * (0.004 * AHEAD.focal[0]) ** 2
    assert abs(smooth - whole) < 0.1 * whole < abs(plain - whole)


def test_turning_the_scene_is_turning_the_camera():
    cloud = random_splats(80, 3)
    quat, pivot = unit(np.array([0.9, 0.1, -0.3, 0.2])), np.array([0.02, -0.01, 0.03])
    turn = np.eye(4)
    turn[:3, :3] = matrices(quat)
    turn[:3, 3] = pivot - turn[:3, :3] @ pivot
    moved = Camera(AHEAD.to_camera @ turn, AHEAD.focal, AHEAD.center, SIZE)
    one, two = render(turned_splats(cloud, quat, pivot), AHEAD), render(cloud, moved)
    assert np.abs(one.color - two.color).max() < 1e-4


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_turned_harmonics_show_each_side_where_it_now_faces(degree):
    cloud, random = random_splats(50, degree), np.random.default_rng(8)
    turns = matrices(unit(random.normal(size=(50, 4))))
    away = random.normal(size=(50, 3))
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    turned = Splats(cloud.means, cloud.quats, cloud.log_scales, cloud.logits, turned_sh(cloud.sh, turns))
    after = seen_colors(turned, np.einsum("nij,nj->ni", turns, away))
    assert np.abs(after - seen_colors(cloud, away)).max() < 2e-6


def test_harmonics_are_orthonormal():
    k = np.arange(40000) + 0.5
    z, around = 1 - 2 * k / len(k), k * np.pi * (3 - np.sqrt(5))
    places = np.stack([np.sqrt(1 - z * z) * np.cos(around), np.sqrt(1 - z * z) * np.sin(around), z], 1)
    basis = sh_basis(places, 3)
    assert np.abs(4 * np.pi * basis.T @ basis / len(k) - np.eye(16)).max() < 1e-3


def test_quaternions_and_matrices_agree():
    random = np.random.default_rng(1)
    a, b = unit(random.normal(size=(200, 4))), unit(random.normal(size=(200, 4)))
    assert np.allclose(matrices(multiply(a, b)), matrices(a) @ matrices(b))
    halves = np.concatenate([a, np.eye(4)])
    again = from_axes(*np.moveaxis(matrices(halves), 2, 0).transpose(0, 2, 1)).T
    assert np.allclose(matrices(again), matrices(halves)) and np.allclose(np.linalg.norm(again, axis=1), 1)
    assert unit(np.zeros((1, 4))).tolist() == [[1, 0, 0, 0]]


def test_camera_refuses_what_is_none():
    with pytest.raises(SettingError, match="above 0"):
        Camera(np.eye(4), (0.0, 1.0), (0.0, 0.0), SIZE)
    with pytest.raises(ShapeError, match="to_camera"):
        Camera(np.eye(3), (1.0, 1.0), (0.0, 0.0), SIZE)
