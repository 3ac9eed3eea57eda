"""The CC0 template that learned heads and portraits stand on."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import FormatError
from core.rig.arkit import ARKIT_52
from core.template.files import FILE, head_template, read_template, write_template
from core.template.types import REGIONS


def test_ships_small_and_in_metres():
    template = head_template()
    assert FILE.stat().st_size < 20e6
    assert 5000 <= len(template.points) <= 9000
    height = np.ptp(template.points[:, 1])
    assert 0.3 < height < 0.6
    assert (np.bincount(template.regions, minlength=len(REGIONS)) > 0).all()
    np.testing.assert_allclose(template.weights.sum(1), 1, atol=1e-3)


def test_every_shape_moves_its_side():
    template = head_template()
    left = template.points[:, 0] > 0
    for name in ARKIT_52:
        size = np.abs(template.shapes[ARKIT_52.index(name)]).max(1)
        assert size.max() > 5e-4, name
        if name.startswith("eyeBlink"):
            own, other = (left, ~left) if name.endswith("Left") else (~left, left)
            assert size[own].max() > 4 * size[other].max()


def test_jaw_takes_lower_teeth_and_leaves_upper():
    template = head_template()
    drop = template.shapes[ARKIT_52.index("jawOpen")][:, 1]
    assert drop[template.region("lower teeth")].mean() < -0.005
    assert np.abs(drop[template.region("upper teeth")]).max() < 1e-4


def test_landmarks_lie_where_mediapipe_has_them():
    template = head_template()
    assert len(template.landmarks) == 478
    places = dict(zip(template.landmarks.tolist(), template.at_landmarks(template.points), strict=True))
    assert places[263][0] > 0.03 > -0.03 > places[33][0]  # outer corners, the person's left at +x
    assert places[4][2] > places[168][2]  # the tip of the nose is in front of its root
    assert places[13][1] - places[14][1] == pytest.approx(0, abs=2e-3)  # lips are closed
    assert places[473][0] > 0.02 and places[474][0] > places[473][0] > places[476][0]


def test_basis_is_ordered_and_of_faces():
    template = head_template()
    face = np.abs(template.points[:, 2]) > 0.03
    spread = np.sqrt(np.square(template.basis[:, face]).sum(2).mean(1))
    assert spread[0] > 3 * spread[-1] > 0
    assert spread[:8].mean() > 8e-4
    np.testing.assert_allclose(template.shaped(np.zeros(3)), template.points)


def test_uvs_do_not_overlap_much():
    uvs = head_template().uvs
    a, b = uvs[:, 1] - uvs[:, 0], uvs[:, 2] - uvs[:, 0]
    area = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2
    assert uvs.min() >= 0 and uvs.max() <= 1
    assert 0.3 < np.abs(area).sum() < 0.9


def test_mesh_carries_splats():
    mesh = head_template().mesh(growth=2.0)
    vertices, offsets = mesh.shapes["jawOpen"]
    row = head_template().shapes[ARKIT_52.index("jawOpen")]
    np.testing.assert_allclose(offsets, 2 * row[vertices], atol=1e-6)


def test_round_trip_and_wrong_files(tmp_path):
    write_template(head_template(), tmp_path / "t.safetensors")
    again = read_template(tmp_path / "t.safetensors")
    np.testing.assert_array_equal(again.shapes, head_template().shapes)
    (tmp_path / "bad.safetensors").write_bytes(b"nothing of the kind")
    for name, words in (("bad.safetensors", "cannot be read"), ("none.safetensors", "missing")):
        with pytest.raises(FormatError, match=words):
            read_template(tmp_path / name)
