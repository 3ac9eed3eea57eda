"""One picture to a head: it looks like the picture, is neutral, moves, and what cannot be one is told in a sentence."""

from __future__ import annotations

import numpy as np
import pytest

for package in ("mediapipe", "cv2", "torch", "numba", "PIL"):
    pytest.importorskip(package)

from drawn_faces import drawn_face, face_camera  # noqa: E402
from PIL import Image  # noqa: E402

from core.cli import main  # noqa: E402
from core.errors import FormatError  # noqa: E402
from core.portrait.face import find_face, find_faces  # noqa: E402
from core.portrait.photo import Photo, read_photo  # noqa: E402
from core.portrait.portrait import PortraitBrief, make_portrait  # noqa: E402
from core.portrait.seeing import project, unproject  # noqa: E402
from core.rig.arkit import ARKIT_52  # noqa: E402
from core.splat.head_files import read_head  # noqa: E402
from core.splat.pose import pose  # noqa: E402
from core.splat.render import render  # noqa: E402
from core.template.fit import fit_identity  # noqa: E402

BRIEF = PortraitBrief(splats=14_000, rounds=3)
SIZE = 288


def as_photo(picture):
    pixels = picture.astype(np.float32) / 255
    return Photo(pixels, np.ones(pixels.shape[:2], np.float32))


@pytest.fixture(scope="module")
def front():
    return drawn_face(face_camera(SIZE))


@pytest.fixture(scope="module")
def made(front):
    """A portrait of the demo woman, who looks straight ahead with a slightly open mouth."""
    return make_portrait(as_photo(drawn_face(face_camera(SIZE), jawOpen=0.4)), BRIEF)


def redrawn(portrait, **weights):
    """The head before its own picture's camera, uint8."""
    drawn = render(pose(portrait.head, {**portrait.weights, **weights}, portrait.turn), portrait.outline.camera)
    color = drawn.color + (1 - drawn.alpha[..., None]) * portrait.outline.bled
    return (np.clip(color, 0, 1) * 255).astype(np.uint8)


def opening(picture):
    """Between the lips, over the distance of the outer eye corners."""
    marks = find_faces(as_photo(picture))[0].landmarks
    return np.linalg.norm(marks[13, :2] - marks[14, :2]) / np.linalg.norm(marks[33, :2] - marks[263, :2])


def test_it_looks_like_the_picture(made):
    assert made.decibels > 24
    assert 14_000 <= len(made.head) < 30_000


def test_the_open_mouth_was_expression_and_neutral_is_closed(made):
    assert made.weights["jawOpen"] > 0.15
    as_taken, at_rest = redrawn(made), redrawn(made, **dict.fromkeys(made.weights, 0.0))
    assert opening(as_taken) > 0.08
    assert opening(at_rest) < 0.4 * opening(as_taken)


def test_it_opens_its_mouth_and_closes_one_eye(made):
    rest = dict.fromkeys(made.weights, 0.0)
    assert opening(redrawn(made, **{**rest, "jawOpen": 0.7})) > opening(redrawn(made, **rest)) + 0.15
    marks = find_faces(as_photo(redrawn(made, **{**rest, "eyeBlinkLeft": 1.0})))[0].landmarks[:, :2]
    right, left = (np.linalg.norm(marks[a] - marks[b]) for a, b in ((159, 145), (386, 374)))
    assert left < 0.6 * right


def test_from_the_side_it_is_the_same_person(made):
    """The picture of the real model from a side against the portrait's, seen by the same camera about the head."""
    middle = made.head.template.points[made.head.template.shapes["browInnerUp"][0]].mean(0)
    camera = made.outline.camera
    depth = project(middle[None], camera)[1][0]
    turn = np.radians(35)
    spin = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    around = np.eye(4)
    around[:3, :3], around[:3, 3] = spin, middle - spin @ middle
    side = type(camera)(camera.to_camera @ around, camera.focal, camera.center, camera.size)
    drawn = render(pose(made.head, {}), side)
    marks = find_faces(as_photo((np.clip(drawn.over((0.5, 0.5, 0.5)), 0, 1) * 255).astype(np.uint8)))[0].landmarks
    person = fit_identity(marks[None], camera.size, camera.focal[0])
    yaw = np.degrees(np.arctan2(person.pose[0, 0, 2], person.pose[0, 2, 2]))
    assert 25 < abs(yaw) < 45
    assert depth > 0


def test_left_and_right_stay_what_they_are():
    portrait = make_portrait(as_photo(drawn_face(face_camera(SIZE), mouthSmileLeft=1.0, mouthUpperUpLeft=0.5)), BRIEF)
    assert portrait.weights.get("mouthSmileLeft", 0) > portrait.weights.get("mouthSmileRight", 0) + 0.15


def test_a_picture_on_its_side_is_turned(front):
    for quarters in (1, 2, 3):
        photo, face = find_face(as_photo(np.rot90(front, quarters).copy()))
        assert np.abs(photo.pixels - front / 255.0).max() < 0.01
        assert "turned" in " ".join(photo.notes)
        assert face.height > 72


def test_of_two_faces_one_is_chosen(front):
    other = drawn_face(face_camera(SIZE, 15), mouthSmileLeft=1, mouthSmileRight=1)
    both = as_photo(np.concatenate([front, other], axis=1))
    with pytest.raises(FormatError, match="shows 2 faces"):
        find_face(both)
    left, right = (find_face(both, number)[1].box for number in (1, 2))
    assert left[2] < SIZE < right[0]
    with pytest.raises(FormatError, match="no face 3"):
        find_face(both, 3)


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (lambda: np.full((200, 200, 3), 128, np.uint8), "No face was found"),
        (lambda: np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8), "No face was found"),
        (lambda: drawn_face(face_camera(SIZE, degrees=75)), "pixels high|No face was found"),
        (lambda: drawn_face(face_camera(SIZE, 72)), "turned aside|No face was found|does not fit"),
        (lambda: drawn_face(face_camera(SIZE, 180)), "No face was found|does not fit"),
    ],
    ids=["plain", "noise", "far away", "profile", "from behind"],
)
def test_what_cannot_be_a_head_is_one_sentence(picture, says):
    with pytest.raises(FormatError, match=says):
        make_portrait(as_photo(picture()), BRIEF)


def test_pixels_and_points_go_there_and_back():
    camera = face_camera(SIZE, 20, 10)
    points = np.random.default_rng(0).normal(0, 0.05, (50, 3)) + camera.place * 0.5
    places, depth = project(points, camera)
    assert np.allclose(unproject(places, depth, camera), points, atol=1e-9)


def test_the_command_writes_a_head_and_keeps_what_is_there(tmp_path, front, capsys):
    photo, out = tmp_path / "ada.png", tmp_path / "ada.splathead"
    Image.fromarray(front).save(photo)
    asked = ["portrait", str(photo), str(out), "--splats", "6000"]
    assert main(asked) == 0
    assert "splats" in capsys.readouterr().out
    head = read_head(out)
    assert head.facts["name"] == "ada"
    assert set(ARKIT_52) - set(head.template.shapes) == set()
    before = out.read_bytes()
    assert main(asked) != 0
    assert "exists" in capsys.readouterr().err and out.read_bytes() == before
    assert main(["portrait", str(photo), str(tmp_path / "ada.ply")]) != 0
    assert main(["portrait", str(tmp_path / "no.png"), str(tmp_path / "x.splathead")]) != 0
    assert not (tmp_path / "x.splathead").exists()
    assert read_photo(photo).pixels.shape == (SIZE, SIZE, 3)
