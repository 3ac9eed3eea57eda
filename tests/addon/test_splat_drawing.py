"""Splats on the graphics card are the judge's picture: degrees, cameras, objects, depths, and what is kept."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from mouthpiece.addon.drawing.canvas import Painter, Wish, draw, mesh_depth
from mouthpiece.addon.drawing.parts import part_of
from mouthpiece.addon.drawing.projecting import project
from mouthpiece.addon.drawing.stock import Stock, uploaded_colors
from mouthpiece.core.errors import SettingError
from mouthpiece.core.quats import matrices
from mouthpiece.core.splat.render import render
from mouthpiece.core.splat.types import Splats
from on_card import on_card
from splat_views import camera, cloud, decibels, placed, shown, turned_quat, view_of

LEAST_DB = 60.0
SIZE = 72, 56
PLACES = (0.3, 0.2, 0.6), (-0.5, -0.1, 0.2), (0.05, 0.6, -0.2)


def same(splats, seen, wish=None, objects=None):
    """The card's picture and the judge's, which agree in colour, alpha and both depths."""
    wish = wish or Wish(median=True)
    got = on_card(lambda: draw(objects or [shown(splats)], view_of(seen), wish).read())
    wanted = render(splats, seen)
    assert decibels(got.color, wanted.color) > LEAST_DB
    assert decibels(got.alpha, wanted.alpha) > LEAST_DB
    covered = wanted.alpha > 0.01
    assert np.abs(got.depth[covered] - wanted.depth[covered]).max() < 1e-4
    assert np.isinf(got.depth[wanted.alpha == 0]).all()
    clear = np.abs(wanted.alpha - 0.5) > 1e-4
    found = np.isfinite(wanted.median)
    assert (np.isfinite(got.median) == found)[clear].all()
    assert np.mean(np.abs(got.median[found & clear] - wanted.median[found & clear]) < 1e-5) > 0.999
    return got, wanted


@pytest.mark.parametrize("degree", range(4))
@pytest.mark.parametrize("place", PLACES)
def test_every_degree_from_every_side(degree, place):
    same(cloud(700, degree, degree), camera(place, SIZE))


@pytest.mark.parametrize("degree", (0, 3))
def test_orthographic(degree):
    same(cloud(700, degree), camera(PLACES[0], SIZE, orthographic=True))


def test_thin_splats_may_fade():
    splats = replace(cloud(700, 0), log_scales=np.full((700, 3), -5.0, np.float32))
    seen = camera(PLACES[0], SIZE, smooth=True)
    got, _ = same(splats, seen, Wish(median=True, smooth=True))
    plain = on_card(lambda: draw([shown(splats)], view_of(seen)).read())
    assert got.alpha.sum() < 0.8 * plain.alpha.sum()


def test_from_within():
    """Splats beside, behind and far outside what the camera sees."""
    same(cloud(700, 1), camera((0.0, 0.02, 0.05), SIZE))


def test_sixteen_bits_are_enough():
    same(cloud(3000, 0), camera(PLACES[0], SIZE), Wish(median=True, exact=False))


def test_half_precision_is_nearly_enough():
    splats, seen = cloud(3000, 0), camera(PLACES[0], SIZE)
    got = on_card(lambda: draw([shown(splats)], view_of(seen), Wish(half=True)).read())
    assert decibels(got.color, render(splats, seen).color) > 45


@pytest.mark.parametrize("stretch", ((1.0, 1.0, 1.0), (2.0, 2.0, 2.0), (0.5, 1.7, 1.1)))
def test_objects_are_moved_turned_and_stretched(stretch):
    splats = cloud(700, 3)
    matrix = np.eye(4)
    matrix[:3, :3] = matrices(turned_quat(1, 50)) @ matrices(turned_quat(0, -20)) @ np.diag(stretch)
    matrix[:3, 3] = 0.04, -0.03, 0.02
    same(placed(splats, matrix), camera((0.4, 0.3, 0.9), SIZE), objects=[shown(splats, matrix)])


def test_a_mirrored_object_is_the_mirrored_picture():
    splats, seen = cloud(700, 3), camera((0.0, 0.0, 0.7), SIZE)
    mirror = np.diag([-1.0, 1, 1, 1])
    got, plain = (
        on_card(lambda matrix=matrix: draw([shown(splats, matrix)], view_of(seen)).read())
        for matrix in (mirror, np.eye(4))
    )
    assert decibels(got.color[:, ::-1], plain.color) > LEAST_DB


def test_far_from_the_origin():
    """A kilometre away a head is as sharp as here."""
    splats, seen = cloud(700, 0), camera(PLACES[0], SIZE)
    away = np.eye(4)
    away[:3, 3] = 1000.0, -700.0, 300.0
    far = replace(seen, to_camera=seen.to_camera @ np.linalg.inv(away))
    got = on_card(lambda: draw([shown(splats, away)], view_of(far)).read())
    assert decibels(got.color, render(splats, seen).color) > LEAST_DB


def test_objects_that_reach_into_each_other():
    first, second = cloud(500, 0, 1), cloud(400, 3, 2)
    both = Splats(
        *(
            np.concatenate([getattr(first, name), getattr(second, name)])
            for name in ("means", "quats", "log_scales", "logits")
        ),
        np.concatenate([np.pad(first.sh, ((0, 0), (0, 15), (0, 0))), second.sh]),
    )
    got, _ = same(both, camera(PLACES[0], SIZE), objects=[shown(first, key="a"), shown(second, key="b", selected=True)])
    assert set(np.unique(got.owner)) == {-1, 0, 1}
    chosen = got.facts[..., 1] / np.maximum(got.facts[..., 3], 1e-6)
    assert chosen[got.owner == 1].mean() > chosen[got.owner == 0].mean() + 0.3


def test_more_than_a_row_and_a_bracket_of_splats():
    same(cloud(5000, 1), camera(PLACES[1], (40, 40)))


def test_nothing_to_draw():
    got = on_card(lambda: draw([], view_of(camera(PLACES[0], SIZE))).read())
    assert got.color.shape == (SIZE[1], SIZE[0], 3)
    assert not got.alpha.any()
    assert np.isinf(got.median).all()
    assert (got.owner == -1).all()


def test_parts_of_a_picture_are_the_picture():
    splats, seen = cloud(700, 2), camera((0.0, 0.1, 0.15), SIZE)
    whole = on_card(lambda: draw([shown(splats)], view_of(seen)).read())
    part = part_of(view_of(seen), (slice(10, 40), slice(20, 60)))
    got = on_card(lambda: draw([shown(splats)], part).read())
    assert decibels(got.color, whole.color[SIZE[1] - 40 : SIZE[1] - 10, 20:60]) > LEAST_DB


def test_a_painter_keeps_what_did_not_change():
    """Another view, another pose and another place each change the picture; the same scene does not."""
    splats, painted = cloud(500, 0), []
    moved = replace(splats, means=splats.means + np.float32(0.05))
    away = np.eye(4)
    away[0, 3] = 0.1

    def work():
        painter = Painter(Stock())
        first, second = view_of(camera(PLACES[0], SIZE)), view_of(camera(PLACES[1], SIZE))
        posed = replace(shown(moved), version=2)
        for one, view in (
            (shown(splats), first),
            (shown(splats), second),
            (posed, second),
            (replace(posed, matrix=away), second),
            (shown(splats), first),
        ):
            painted.append(painter.paint([one], view, Wish()).read().color)
            assert decibels(painted[-1], draw([one], view).read().color) > LEAST_DB

    on_card(work)
    assert (painted[0] == painted[-1]).all()
    for before, after in pairwise(painted):
        assert decibels(before, after) < 40


@pytest.mark.parametrize("distance", (0.3, 0.62, 2.0))
def test_a_wall_hides_what_is_behind_it(distance):
    """A wall across the camera's axis before, through and behind the splats."""
    splats, seen = cloud(900, 0), camera(PLACES[0], SIZE)
    depth = -(splats.means @ seen.to_camera[2, :3] + seen.to_camera[2, 3])
    front = Splats(*(getattr(splats, name)[depth <= distance] for name in Splats.__slots__))
    view = view_of(seen)
    wall = np.full((SIZE[1], SIZE[0]), distance)
    got = on_card(lambda: draw([shown(splats)], view, Wish(mesh=mesh_depth(wall, view))).read())
    wanted = render(front, seen)
    assert decibels(got.color, wanted.color) > LEAST_DB
    assert decibels(got.alpha, wanted.alpha) > LEAST_DB


def test_half_a_wall_hides_half():
    splats, seen = cloud(900, 0), camera(PLACES[0], SIZE)
    view = view_of(seen)
    wall = np.full((SIZE[1], SIZE[0]), np.inf)
    wall[: SIZE[1] // 2, : SIZE[0] // 3] = 0.1
    got = on_card(lambda: draw([shown(splats)], view, Wish(mesh=mesh_depth(wall, view))).read())
    wanted = render(splats, seen).color * np.isinf(wall)[..., None]
    assert decibels(got.color, wanted) > LEAST_DB


def test_more_than_a_card_holds_is_refused_in_one_sentence():
    """Before anything is allocated."""
    seen = view_of(camera(PLACES[0], SIZE))
    many = np.broadcast_to(np.float32(0), (10**9, 16, 3))
    with pytest.raises(SettingError, match=r"1,000,000,000 splats .* do not fit .* import fewer\."):
        on_card(lambda: uploaded_colors(many, True))
    with pytest.raises(SettingError, match="hide some"):
        on_card(lambda: project([], [SimpleNamespace(rows=10**6)], seen, False))
