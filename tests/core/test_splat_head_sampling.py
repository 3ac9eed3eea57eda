"""Meshes as heads of splats: where splats lie, how large they are, what colour they have; and clips as components."""

from __future__ import annotations

import numpy as np
import pytest
from splat_heads import small_head

from core.errors import SettingError
from core.quats import matrices
from core.splat.clips import fitted_clip
from core.splat.deltas import COLUMNS
from core.splat.head import Template
from core.splat.light import Lit, baked, displayed, linear_light, unshadowed
from core.splat.pose import pose
from core.splat.pose_twin import pose_slowly
from core.splat.relight import lit_head, normals
from core.splat.render import look_at, render
from core.splat.sample_mesh import Surface, Texture, sampled, splat_head, surface_colors
from core.splat.types import SH_DC

BONES = (("head",), np.zeros((1, 3), np.float32), (1.0,))


def sheet(cells=6, side=0.2, height=None, **changed):
    """A square of side metres at z = 0 that looks towards +z, red to the right and green upwards."""
    place = np.linspace(-side / 2, side / 2, cells + 1)
    x, y = np.meshgrid(place, place)
    points = np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], 1).astype(np.float32)
    corner = np.array([r * (cells + 1) + c for r in range(cells) for c in range(cells)])
    a, b, c, d = corner, corner + 1, corner + cells + 2, corner + cells + 1
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)
    bulge = np.array([0, 0, 0.05], np.float32) * (1 - (points[:, :1] / side * 2) ** 2)
    moved = np.arange(len(points), dtype=np.int32)
    colors = np.clip(points / side + 0.5, 0, 1) * np.array([1, 1, 0])
    count = len(triangles)
    fields = {
        "template": Template(points, triangles, {"jawOpen": (moved, bulge.astype(np.float32))}),
        "colors": colors.astype(np.float32),
        "detail": np.ones(count, np.float32),
        "opacity": np.full(count, 0.95, np.float32),
        "strands": np.zeros(count, bool),
        "bones": BONES,
        "weights": np.ones((len(points), 1), np.float32),
    }
    return Surface(**(fields | changed))


@pytest.mark.parametrize(("cells", "count"), [(2, 500), (6, 300), (20, 300), (6, 7)])
def test_a_sheet_is_covered_without_holes(cells, count):
    """Coarse triangles of many splats, and fine ones of less than one."""
    splats = pose(splat_head(sheet(cells), count), {})
    assert len(splats) == count
    inside = render(splats, look_at(np.array([0, 0, 0.5]), np.zeros(3), (60, 60), 20)).alpha[5:-5, 5:-5]
    assert inside.mean() > 0.9 and (count < 50 or inside.min() > 0.6)


def test_splats_lie_flat_on_the_surface_and_have_its_colour():
    head = splat_head(sheet(), 400)
    splats = pose(head, {})
    assert np.abs(splats.means[:, 2]).max() < 1e-6
    assert np.abs(matrices(splats.quats)[:, 2, 2]).min() > 0.9999
    thick = np.exp(splats.log_scales)
    assert (thick[:, 2] < 0.2 * thick[:, :2].min(1)).all()
    expected = np.clip(splats.means / 0.2 + 0.5, 0, 1) * [1, 1, 0]
    assert np.abs(0.5 + SH_DC * splats.sh[:, 0] - expected).max() < 1e-5


def test_the_same_mesh_gives_the_same_head():
    one, two = (pose(splat_head(sheet(), 333), {}) for _ in range(2))
    assert (one.means == two.means).all() and (one.quats == two.quats).all()


def test_area_and_detail_decide_where_splats_lie():
    surface = sheet(4)
    right = surface.template.points[surface.template.triangles].mean(1)[:, 0] > 0
    samples = sampled(sheet(4, detail=np.where(right, 3, 1).astype(np.float32)), 1000)
    assert abs(right[samples.triangles].mean() - 0.75) < 0.01
    none = sampled(sheet(4, detail=right.astype(np.float32)), 100)
    assert right[none.triangles].all()


def test_half_as_many_splats_are_twice_as_large_each():
    few, many = (np.exp(2 * splat_head(sheet(3), n).binding.log_scales[:, :2]).prod(1).mean() for n in (90, 180))
    assert np.sqrt(few / many) == pytest.approx(2, rel=0.15)


def test_strands_are_not_outgrown():
    whole = splat_head(sheet(20), 100).binding.log_scales
    thin = splat_head(sheet(20, strands=np.ones(800, bool)), 100).binding.log_scales
    assert np.exp(thin[:, 1]).max() < 0.5 * np.exp(whole[:, 1]).min()


def test_long_triangles_have_long_splats():
    surface = sheet(6)
    points = (surface.template.points * [6, 1, 1]).astype(np.float32)
    long = sheet(6, template=Template(points, surface.template.triangles, {}))
    splats = pose(splat_head(long, 72), {})
    axes = matrices(splats.quats)[:, :, 0]
    assert np.abs(axes[:, 0]).min() > 0.9
    assert (splats.log_scales[:, 0] - splats.log_scales[:, 1]).min() > 1


def test_a_texture_is_read_between_its_pixels():
    image = np.zeros((4, 4, 3), np.float32)
    image[:2, :, 0], image[:, 2:, 1] = 1, 0.5
    surface = sheet(4)
    uvs = (surface.template.points[surface.template.triangles][..., :2] / 0.2 + 0.5).astype(np.float32)
    textured = sheet(4, colors=Texture(image, uvs))
    samples = sampled(textured, 300)
    colors = surface_colors(textured, samples)
    u, v = np.einsum("nk,nkd->dn", samples.corners, uvs[samples.triangles].astype(float))
    middle = (np.abs(u - 0.5) < 0.25) & (np.abs(v - 0.5) < 0.25)
    expected = np.clip((v[middle] - 0.5) * 4 + 0.5, 0, 1)
    assert np.abs(colors[middle, 0] - expected).max() < 1e-5
    inner = (np.abs(u - 0.625) < 0.1) & (np.abs(v - 0.75) < 0.1)
    assert np.allclose(colors[inner][u[inner] > 0.625], [1, 0.5, 0], atol=1e-5)


def test_a_sampled_head_moves_with_its_mesh():
    head = splat_head(sheet(), 200)
    rest, bulged = pose(head, {}), pose(head, {"jawOpen": 1.0})
    expected = 0.05 * (1 - (rest.means[:, 0] / 0.1) ** 2)
    assert np.abs(bulged.means[:, 2] - expected).max() < 0.0025  # the mesh is straight between its points
    slow = pose_slowly(head, {"jawOpen": 1.0})
    assert np.abs(bulged.means - slow.means).max() < 1e-6


def test_a_surface_with_nothing_on_it_is_refused():
    with pytest.raises(SettingError, match="an area"):
        splat_head(sheet(detail=np.zeros(72, np.float32)), 10)
    with pytest.raises(SettingError, match="at least one"):
        splat_head(sheet(), 0)
    with pytest.raises(SettingError, match="between 0 and 1"):
        sheet(opacity=np.ones(72, np.float32))


def test_shadows_fall_on_what_lies_behind():
    place = np.linspace(-0.05, 0.05, 60)
    x, y = (grid.ravel() for grid in np.meshgrid(place, place))
    low = np.stack([x, y, 0 * x], 1)
    high = low[np.abs(x) < 0.02] + [0, 0, 0.03]
    light = unshadowed(np.concatenate([low, high]), np.array([0.0, 0, 1]))
    assert (light[len(low) :] == 1).all()
    assert light[: len(low)][np.abs(x) < 0.015].max() == 0 and light[: len(low)][np.abs(x) > 0.03].min() == 1


def test_what_faces_the_key_is_brighter_and_display_values_go_back():
    points = np.array([[0, 0, 0], [1.0, 0, 0]])
    facing = np.array([[-0.55, 0.43, 0.72], [0.55, -0.43, -0.72]])
    colors = baked(Lit(points, facing, np.full((2, 3), 0.4), np.zeros(2)))
    assert (colors[0] > colors[1] + 0.2).all()
    values = np.linspace(0, 0.79, 50)
    assert np.allclose(linear_light(displayed(values)), values, atol=1e-4)
    assert displayed(np.array([1e6]))[0] <= 1


def test_shading_follows_the_shapes():
    head = splat_head(sheet(), 400)
    lit = lit_head(head, np.full((400, 3), 0.4), np.zeros(400), rays=12)
    assert lit.correctives.names == ("jawOpen",) and lit.correctives.groups == ("color",)
    bulged = pose(lit, {"jawOpen": 1.0})
    # Bulged out, the side towards the key gets brighter than the side away from it.
    color = bulged.sh[:, 0].mean(1) - pose(lit, {}).sh[:, 0].mean(1)
    left, right = (color[side * bulged.means[:, 0] > 0.05].mean() for side in (-1, 1))
    assert left > right + 0.05
    turned = normals(head, {"jawOpen": 1.0})
    assert (turned[bulged.means[:, 0] > 0.05, 0] > 0.2).all()


def test_a_clip_of_all_components_is_what_was_recorded():
    head = small_head()
    random = np.random.default_rng(2)
    courses, parts = random.normal(size=(12, 3)), random.normal(size=(3, len(head), 6))
    parts[..., :3] *= 0.01  # metres beside colours
    recorded = np.einsum("tk,kna->tna", courses, parts).astype(np.float32)
    clip = fitted_clip(recorded, ("offset", "color"), 25.0, 3)
    again = np.zeros_like(recorded)
    for k in range(3):
        splats, numbers = clip.changes.rows(k)
        again[:, splats] += clip.coefficients[:, k, None, None] * numbers
    spread = np.abs(recorded).max((0, 1))
    assert (np.abs(again - recorded).max((0, 1)) < 2e-3 * spread).all()
    one = fitted_clip(recorded, ("offset", "color"), 25.0, 1)
    assert one.changes.names == ("component 1",)
    with pytest.raises(SettingError, match="1 to 12 components"):
        fitted_clip(recorded, ("offset", "color"), 25.0, 13)


def test_columns_of_changes_are_thirteen():
    assert sum(COLUMNS.values()) == 13
