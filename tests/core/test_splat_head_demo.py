"""The demo characters as heads of splats: they look like their meshes and move like them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from core.errors import FormatError
from core.head.looks import LOOKS
from core.head.makehuman import find_data_folder
from core.head.model import build_character
from core.head.surface import triangles
from core.rig.arkit import ARKIT_52
from core.splat.demo import BUDGET, _covered, demo_head, demo_surface, outward
from core.splat.head_files import read_head, write_head
from core.splat.ordering import moves, together
from core.splat.pose import pose
from core.splat.pose_twin import pose_slowly
from core.splat.render import look_at, render

COUNT = 4000


@pytest.fixture(scope="module")
def character():
    try:
        return build_character(find_data_folder(), LOOKS["Woman"], {})
    except FormatError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def head(character):
    return demo_head(character, LOOKS["Woman"], "Woman", COUNT, rays=6)


def test_every_part_has_its_share_and_none_is_empty(character):
    surface, gloss = demo_surface(character, LOOKS["Woman"])
    assert len(gloss) == len(surface.template.points)
    assert set(BUDGET) == {part.name for part in character.parts} - {"Corneas"}
    assert abs(sum(BUDGET.values()) - 1) < 1e-6
    assert set(ARKIT_52) == set(surface.template.shapes)


def test_what_is_inside_out_is_turned_piece_by_piece():
    corner = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    out = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    points = np.concatenate([corner, corner + 5])
    turned = outward(points, np.concatenate([out, out[:, ::-1] + 4]))
    assert (turned == np.concatenate([out, out + 4])).all()


def test_the_head_stands_in_metres_on_the_floor_and_looks_towards_z(head):
    rest = pose(head, {})
    assert len(rest) == COUNT
    assert 1.4 < rest.means[:, 1].mean() < 1.8 and np.ptp(rest.means[:, 1]) < 0.6
    eyes = head.template.shapes["eyeLookUpLeft"][0]
    assert head.template.points[eyes, 2].mean() > rest.means[:, 2].mean() + 0.02
    assert head.template.points[eyes, 0].mean() > 0.02  # the character's left is +x


def test_the_fast_path_is_its_slow_twin(head):
    weights = np.random.default_rng(3).uniform(0, 1, 52).astype(np.float32)
    one, two = (way(head, weights, np.array([0.3, -0.1, 0.1])) for way in (pose, pose_slowly))
    assert np.abs(one.means - two.means).max() < 2e-6
    assert np.abs(one.log_scales - two.log_scales).max() < 0.02  # lashes' triangles are a tenth of a millimetre
    assert np.quantile(np.abs((one.quats * two.quats).sum(1)), 0.001) > 0.9999
    assert np.abs(one.sh - two.sh).max() < 1e-5


def test_the_jaw_opens_the_mouth_and_light_falls_in(head):
    rest, opened = pose(head, {}), pose(head, {"jawOpen": 1.0})
    moved = np.linalg.norm(opened.means - rest.means, axis=1)
    assert 0.015 < moved.max() < 0.06 and (moved == 0).mean() > 0.3
    brighter = (opened.sh - rest.sh)[:, 0].mean(1)
    assert brighter.max() > 0.2


def test_lips_never_close_further_than_the_jaw_is_open(head):
    assert (pose(head, {"mouthClose": 1.0}).means == pose(head, {}).means).all()


def test_the_picture_is_a_face_in_its_own_colours(head):
    middle = head.bones.pivots[2] + np.array([0, 0.05, 0.08])
    camera = look_at(middle + np.array([0.05, 0.02, 0.8]), middle, (64, 72), 20)
    picture = render(pose(head, {}), camera)
    assert picture.alpha[20:50, 20:44].min() > 0.8 and picture.alpha[0, 0] == 0
    forehead, hair = picture.color[22:27, 28:36].mean((0, 1)), picture.color[8:12, 28:36].mean((0, 1))
    assert forehead[0] > forehead[1] > forehead[2] > 0.3 and hair.max() < 0.4
    assert 0.6 < np.median(picture.depth[30:40, 28:36]) < 0.8


def test_lips_that_close_over_an_open_jaw_are_lit_as_lips_at_rest(head):
    """Closing lips undoes what opening did; a change of colour baked with a shut jaw would be a dark moustache."""
    rest = pose(head, {})
    shut = pose(head, {"jawOpen": 0.5, "mouthClose": 0.5})
    eyes, mouth = (head.template.points[head.template.shapes[name][0]] for name in ("eyeLookUpLeft", "mouthClose"))
    middle = mouth[:, 1].mean()
    skin = (rest.means[:, 2] > eyes[:, 2].max() - 0.02) & (np.abs(rest.means[:, 1] - middle) < 0.03)
    assert skin.sum() > 50
    change = (shut.sh - rest.sh)[skin, 0].mean(1) * 0.282
    assert np.quantile(change, 0.05) > -0.1 and change.max() < 0.4


def test_no_skin_lies_close_below_the_cloth(character):
    top = next(part for part in character.parts if part.name == "Top")
    faces = triangles(top.faces)
    corners = top.points[faces].astype(np.float64)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    cloth = np.repeat(np.array(top.face_materials), [len(face) - 2 for face in top.faces]) == 0
    middle = corners.mean(1)
    assert _covered(middle - 0.05 * normal, top, faces)[cloth].mean() > 0.9
    assert not _covered(middle + 0.05 * normal, top, faces)[cloth].mean() > 0.1
    assert not _covered(middle - 0.05 * normal, top, faces)[~cloth].mean() > 0.3


def test_what_moves_lies_together_and_stays_the_same_head(head):
    last = moves(head)
    assert not np.diff(last.astype(int)).min() < 0
    shuffled = together(head)
    assert (shuffled.binding.triangles == head.binding.triangles).all()


def test_it_is_a_file_of_a_few_megabytes(head, tmp_path):
    path = tmp_path / "woman.splathead"
    write_head(head, path)
    assert path.stat().st_size < 6e6
    assert (pose(read_head(path), {}).means == pose(head, {}).means).all()


def test_the_layout_survives_being_copied(head):
    again = pickle.loads(pickle.dumps(head))
    assert (pose(again, {"jawOpen": 0.5}).means == pose(head, {"jawOpen": 0.5}).means).all()
