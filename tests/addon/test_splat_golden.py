"""The demo head on the graphics card is the golden picture that the judge drew, in several poses and views."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from mouthpiece.addon.drawing.canvas import Wish, draw
from mouthpiece.core.splat.head_files import read_head
from mouthpiece.core.splat.pose import pose
from mouthpiece.core.splat.render import Camera, look_at
from on_card import on_card
from splat_views import decibels, shown, view_of

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
sys.path.insert(0, str(GOLDEN))
from demo_head import HEAD, SIZE, TARGET, VIEWS  # noqa: E402

LEAST_DB = 60.0


@pytest.fixture(scope="module")
def head():
    if not HEAD.is_file():
        pytest.skip(f"{HEAD.name} is not built; run 'python build.py templates'.")
    return read_head(HEAD)


@pytest.mark.parametrize("name", VIEWS)
def test_the_demo_head_is_the_golden_picture(head, name):
    place, weights, turn, orthographic = VIEWS[name]
    seen = look_at(np.array(place), np.array(TARGET), SIZE, 28)
    if orthographic:
        seen = Camera(seen.to_camera, (190.0, 190.0), seen.center, SIZE, orthographic=True)
    splats = pose(head, weights, np.array(turn, np.float64))
    wanted = np.load(GOLDEN / "demo_head.npz")[name].astype(np.float64)
    for exact in (True, False):
        got = on_card(lambda exact=exact: draw([shown(splats)], view_of(seen), Wish(median=True, exact=exact)).read())
        assert decibels(got.color, wanted[..., :3]) > LEAST_DB
        assert decibels(got.alpha, wanted[..., 3]) > LEAST_DB
        known = (wanted[..., 4] > 0) & np.isfinite(got.median)
        assert np.mean((wanted[..., 4] > 0) == np.isfinite(got.median)) > 0.999
        assert np.mean(np.abs(got.median - wanted[..., 4])[known] < 1e-3) > 0.99
