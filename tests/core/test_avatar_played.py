"""A baked head posed in torch is the baked head posed by core.splat.pose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from raster_sets import a_camera  # noqa: E402
from splat_heads import small_head  # noqa: E402

from core.avatar.played import Played  # noqa: E402
from core.errors import SettingError  # noqa: E402
from core.quats import matrices, unit  # noqa: E402
from core.rig.arkit import ARKIT_52  # noqa: E402
from core.splat.head import Bones  # noqa: E402
from core.splat.pose import pose  # noqa: E402
from core.splat.rotate_sh import seen_colors  # noqa: E402


def two_boned(degree):
    head = small_head(count=90, degree=degree, seed=3)
    share = np.random.default_rng(3).random(len(head)).astype(np.float32)
    bones = Bones(("chest", "head"), head.bones.pivots[1:], (0.0, 1.0), np.stack([1 - share, share], 1))
    return replace(head, bones=bones, clips={})


@pytest.mark.parametrize("degree", [0, 1])
@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (0.4, -0.2, 0.1)])
def test_it_is_posed_as_by_the_fast_path(degree, turn):
    head, camera = two_boned(degree), a_camera()
    weights = np.random.default_rng(1).random(52).astype(np.float32)
    weights[ARKIT_52.index("mouthClose")] = 0.9
    assert len(head.correctives.names) and head.ceilings
    got = Played(head)(torch.from_numpy(weights), np.array(turn), camera)
    want = pose(head, weights, np.array(turn))
    np.testing.assert_allclose(got.means.numpy(), want.means, atol=2e-5)
    np.testing.assert_allclose(got.scales.numpy(), np.exp(want.log_scales), rtol=3e-4)
    np.testing.assert_allclose(matrices(unit(got.quats.numpy())), matrices(want.quats), atol=3e-4)
    np.testing.assert_allclose(got.opacities.numpy(), 1 / (1 + np.exp(-want.logits)), atol=1e-5)
    away = want.means - camera.place
    colors = seen_colors(want, away / np.linalg.norm(away, axis=1, keepdims=True))
    if degree:
        np.testing.assert_allclose(got.colors.numpy(), colors, atol=1e-3)
    else:
        np.testing.assert_allclose(np.maximum(got.colors.numpy(), 0), colors, atol=1e-5)


def test_other_bones_are_refused():
    with pytest.raises(SettingError, match="still chest"):
        Played(small_head(count=20, degree=0, seed=0))
