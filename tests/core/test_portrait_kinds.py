"""Faces that are no plain photos: they become heads, or are refused in one sentence; and several pictures of one."""

from __future__ import annotations

import numpy as np
import pytest

for package in ("mediapipe", "cv2", "torch", "numba", "PIL"):
    pytest.importorskip(package)

import cv2  # noqa: E402
from drawn_faces import drawn_face, face_camera  # noqa: E402
from test_portrait import BRIEF, SIZE, as_photo, opening, redrawn  # noqa: E402

from core.cli import main  # noqa: E402
from core.errors import FormatError  # noqa: E402
from core.portrait.completing import likeness  # noqa: E402
from core.portrait.face import find_face  # noqa: E402
from core.portrait.portrait import PortraitBrief, make_portrait  # noqa: E402
from core.portrait.reading import Reading, together  # noqa: E402
from core.portrait.stance import stance_of  # noqa: E402
from core.portrait.strands import strands  # noqa: E402
from core.splat.head_files import read_head  # noqa: E402
from core.splat.pose import pose  # noqa: E402
from core.splat.render import Camera, render  # noqa: E402
from core.template.camera import Lens, first_pose, refined_pose  # noqa: E402
from core.template.files import head_template  # noqa: E402
from core.template.marks import landmark_weights  # noqa: E402

QUICK = PortraitBrief(splats=6_000, rounds=1)
BACKGROUND = (0.55, 0.62, 0.7)


@pytest.fixture(scope="module")
def front():
    return drawn_face(face_camera(SIZE))


def painted(picture):
    return cv2.stylization(picture, sigma_s=40, sigma_r=0.4)


def pencil(picture):
    return np.repeat(cv2.pencilSketch(picture, sigma_s=40, sigma_r=0.07, shade_factor=0.05)[0][..., None], 3, axis=2)


def grey(picture):
    return np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


def sepia(picture):
    return np.clip(grey(picture)[..., :1] * np.array([1.1, 0.9, 0.65]), 0, 255).astype(np.uint8)


def lit_from_one_side(picture):
    across = np.linspace(1.2, 0.15, picture.shape[1])[None, :, None]
    return np.clip(picture * across, 0, 255).astype(np.uint8)


def glasses(picture):
    _, face = find_face(as_photo(picture))
    out = picture.copy()
    for inner, outer in ((133, 33), (362, 263)):
        ends = face.landmarks[[inner, outer], :2]
        center, radius = ends.mean(0), np.linalg.norm(ends[0] - ends[1])
        cv2.circle(out, tuple(int(c) for c in center), int(radius), (25, 25, 30), 3, cv2.LINE_AA)
    return out


def flat_tones(picture):
    return (np.round(picture / 255.0 * 5) / 5 * 255).astype(np.uint8)


@pytest.mark.parametrize(
    "how", [painted, grey, sepia, lit_from_one_side, glasses, flat_tones], ids=lambda how: how.__name__
)
def test_pictures_of_many_kinds_become_heads(front, how):
    made = make_portrait(as_photo(how(front)), QUICK)
    assert made.decibels > 16
    assert all(np.isfinite(array).all() for array in (made.head.sh, made.head.logits, made.as_taken.means))


@pytest.mark.parametrize("how", [pencil], ids=lambda how: how.__name__)
def test_a_drawing_becomes_a_head_or_is_refused(front, how):
    try:
        made = make_portrait(as_photo(how(front)), QUICK)
    except FormatError as refused:
        assert str(refused).endswith(".") and "\n" not in str(refused)
    else:
        colors = 0.5 + 0.2820948 * made.head.sh[:, 0]
        assert np.ptp(np.median(colors, axis=0)) < 0.15, "a drawing without colour makes a head without colour"


def test_a_face_half_hidden_is_a_head_or_a_sentence(front):
    hidden = front.copy()
    hidden[:, : SIZE // 2] = 90
    try:
        make_portrait(as_photo(hidden), QUICK)
    except FormatError as refused:
        assert str(refused).endswith(".")


def test_a_smile_is_taken_out_of_the_neutral_head():
    smile = {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "jawOpen": 0.35}
    rest, smiled = drawn_face(face_camera(SIZE)), drawn_face(face_camera(SIZE), **smile)
    made = make_portrait(as_photo(smiled), BRIEF)
    neutral = redrawn(made, **dict.fromkeys(made.weights, 0.0))
    assert opening(redrawn(made)) > 0.06
    assert opening(neutral) < max(0.03, 2 * opening(rest))
    left_over = (_width(neutral) - _width(rest)) / (_width(smiled) - _width(rest))
    assert left_over < 0.35, left_over


def _width(picture):
    """Of the mouth, over the distance of the outer eye corners."""
    marks = find_face(as_photo(picture))[1].landmarks[:, :2]
    return np.linalg.norm(marks[61] - marks[291]) / np.linalg.norm(marks[33] - marks[263])


def test_a_second_picture_shows_the_side():
    camera = face_camera(SIZE)
    one = make_portrait(as_photo(drawn_face(camera)), BRIEF)
    two = make_portrait(as_photo(drawn_face(camera)), BRIEF, more=(as_photo(drawn_face(face_camera(SIZE, 40))),))
    truth = drawn_face(face_camera(SIZE, 45))
    assert _likeness(two, truth) > _likeness(one, truth) + 0.5


def _likeness(portrait, truth):
    """PSNR of the neutral head, brought onto the face in a picture, where somebody is, dB."""
    template = head_template()
    rest = template.at_landmarks(portrait.head.template.points)[None].astype(float)
    lens = Lens(portrait.outline.camera.focal[0], portrait.outline.camera.center)
    pixels = find_face(as_photo(truth))[1].landmarks[None, :, :2].astype(float)
    believed = landmark_weights()
    found = refined_pose(first_pose(rest, pixels, believed, lens), rest, pixels, believed, lens)[0]
    camera = Camera(found.astype(np.float64), (lens.focal, lens.focal), lens.center, portrait.outline.camera.size)
    drawn = render(pose(portrait.head, {}), camera).over(BACKGROUND)
    somebody = np.abs(truth / 255 - np.array(BACKGROUND)).max(-1) > 0.02
    return -10 * np.log10(np.square((drawn - truth / 255)[somebody]).mean())


def test_a_squeezed_face_is_no_second_picture():
    wide = cv2.resize(drawn_face(face_camera(SIZE)), (SIZE, int(SIZE * 0.62)))
    with pytest.raises(FormatError, match="does not fit the first"):
        make_portrait(as_photo(drawn_face(face_camera(SIZE))), QUICK, more=(as_photo(wide),))


def test_shoulders_stay_upright_under_a_tilted_head():
    template = head_template()
    tilt = np.radians(20)
    tilted = np.eye(4)
    tilted[:2, :2] = [[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]]
    tilted[2, 3] = -1.0
    stance = stance_of(template, tilted)
    stood = stance.stood(template, template.points) @ stance.camera[:3, :3].T + stance.camera[:3, 3]
    head, chest = template.weights[:, 2] > 0.999, template.weights[:, 0] > 0.999
    expected = template.points @ tilted[:3, :3].T + tilted[:3, 3]
    assert np.abs(stood - expected)[head].max() < 1e-4
    assert np.abs(stood - template.points - stood.mean(0) + template.points.mean(0))[chest].max() < 0.02
    shifts = np.random.default_rng(0).normal(0, 1e-3, stood.shape)
    moved = stance.stood(template, template.points + stance.back(template, shifts))
    assert np.abs(moved - stance.stood(template, template.points) - shifts).max() < 1e-9


def test_of_two_readings_the_better_seen_counts():
    dark, light = np.full((100, 3), 0.4, np.float32), np.full((100, 3), 0.6, np.float32)
    seen = np.linspace(0, 1, 100).astype(np.float32)
    rest = np.ones(100, bool), np.ones(100, np.float32)
    read = together([Reading(dark, seen, *rest), Reading(light, seen[::-1].copy(), *rest)])
    assert np.allclose(read.read[-5:], 0.4, atol=0.01) and np.allclose(read.read[:5], 0.6, atol=0.01)
    assert read.weight.min() >= 0.5


def test_strange_colours_are_not_carried_on():
    colors = np.concatenate([np.full((90, 3), 0.6), np.full((10, 3), 0.1)])
    alike = likeness(colors, np.ones(100))
    assert alike[:90].min() > 0.9 and alike[90:].max() < 0.05


def test_strands_run_down_from_the_crown():
    turns = np.linspace(0, 2 * np.pi, 2000)
    ring = 0.09 * np.stack([np.sin(turns), np.zeros_like(turns), np.cos(turns)], 1)
    across = strands(np.concatenate([ring, [[0, 0.12, 0]]]))[:-1]
    assert 0.3 < across.std() < 2
    down = np.linspace(-0.02, 0.02, 50)
    side = strands(np.stack([np.full(50, 0.09), down, np.zeros(50)], 1))
    assert np.abs(np.diff(side)).mean() < np.abs(np.diff(across)).mean() * 2


def test_the_command_takes_more_pictures(tmp_path, front):
    from PIL import Image

    names = [str(tmp_path / name) for name in ("front.png", "side.png", "head.splathead")]
    for name, picture in zip(names, (front, drawn_face(face_camera(SIZE, 35))), strict=False):
        Image.fromarray(picture).save(name)
    assert main(["portrait", names[0], names[2], "--also", names[1], "--splats", "6000"]) == 0
    assert read_head(tmp_path / "head.splathead").facts["name"] == "front"
    assert main(["portrait", names[0], names[2], "--force", "--also", str(tmp_path / "none.png")]) != 0
