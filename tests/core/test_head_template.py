"""The demo characters' geometry, without Blender: lips meet and never cross, lids clear the eyes, parts are sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import FormatError
from core.head.clip import cut
from core.head.contact import CLOSING_SETS
from core.head.eyes import LOOK_DEGREES, Ball, eye_parts, fit_ball
from core.head.identity import IDENTITIES, identity_targets
from core.head.lids import CLEARANCE, lid_skin
from core.head.lips import lip_gaps, lip_opening
from core.head.looks import LOOKS
from core.head.makehuman import BaseMesh, find_data_folder, read_base_mesh
from core.head.model import BONES, Person, bone_weights, build_character, shape_person
from core.head.skin import body_faces
from core.head.surface import anchor, ride, triangles
from core.rig.arkit import ARKIT_52


@pytest.fixture(scope="module")
def data() -> Path:
    try:
        return find_data_folder()
    except FormatError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def mesh(data: Path) -> BaseMesh:
    return read_base_mesh(data)


@pytest.fixture(scope="module", params=sorted(IDENTITIES))
def person(request: pytest.FixtureRequest, data: Path, mesh: BaseMesh) -> Person:
    return shape_person(data, mesh, IDENTITIES[request.param])


def posed(person: Person, *names: str) -> np.ndarray:
    return person.points + sum(person.units[name] for name in names)


def test_lips_rest_closed_open_with_the_jaw_and_seal_again(person: Person) -> None:
    assert lip_opening(person.points) < 0.01
    assert 0.3 < lip_opening(posed(person, "jawOpen")) < 0.6
    assert lip_opening(posed(person, "jawOpen", "mouthClose")) < 0.01


@pytest.mark.parametrize("names", CLOSING_SETS, ids="+".join)
def test_lips_never_cross(person: Person, names: tuple[str, ...]) -> None:
    assert lip_gaps(posed(person, *names)).min() > -0.001


def test_lip_opening_takes_many_frames_at_once(person: Person) -> None:
    frames = np.stack([person.points, posed(person, "jawOpen")])
    assert lip_opening(frames).shape == (2,)
    assert lip_opening(frames)[1] == pytest.approx(lip_opening(frames[1]), rel=1e-5)


@pytest.mark.parametrize("value", [0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("down", [0.0, 1.0])
def test_lids_stay_outside_the_eyeballs(person: Person, mesh: BaseMesh, value: float, down: float) -> None:
    faces, _ = body_faces(mesh)
    for ball, ring in person.eyes:
        side = "Left" if ball.side > 0 else "Right"
        skin = lid_skin(faces, len(person.points), ring, ball, person.points)
        blink = value * (1 - 0.3 * down)
        moved = person.points + blink * person.units[f"eyeBlink{side}"] + down * person.units[f"eyeLookDown{side}"]
        rest, away = (np.linalg.norm(p - ball.center, axis=1)[skin] / ball.radius for p in (person.points, moved))
        assert (away - np.minimum(rest, CLEARANCE)).min() > -0.06


def test_blink_closes_the_eye(person: Person) -> None:
    for ball, ring in person.eyes:
        side = "Left" if ball.side > 0 else "Right"
        closed = posed(person, f"eyeBlink{side}")[list(ring)]
        open_height, height = (np.ptp(p[[6, 14 + 8], 1]) for p in (person.points[list(ring)], closed))
        assert height < 0.3 * open_height


def test_identity_targets_exist_and_are_written_out_for_both_sides(data: Path) -> None:
    for identity in IDENTITIES.values():
        targets = identity_targets(identity)
        assert not [name for name in targets if "?" in name]
        assert all((data / "mpfb2/targets" / f"{name}.target.gz").is_file() for name in targets)


def test_bone_weights_sum_to_one(data: Path, mesh: BaseMesh) -> None:
    weights = bone_weights(data, len(mesh.points))
    faces, _ = body_faces(mesh)
    used = np.unique(np.concatenate([np.asarray(f) for f in faces]))
    assert tuple(weights) == BONES
    np.testing.assert_allclose(sum(weights.values())[used], 1, atol=1e-4)


@pytest.mark.parametrize("name", sorted(LOOKS))
def test_parts_are_sound(data: Path, name: str) -> None:
    character = build_character(data, LOOKS[name], {})
    parts = {part.name: part for part in character.parts}
    assert len(parts) == len(character.parts) == 10
    for part in character.parts:
        assert np.isfinite(part.points).all()
        assert max(max(face) for face in part.faces) < len(part.points)
        assert set(part.shapes) <= set(ARKIT_52)
        assert all(offsets.shape == part.points.shape for offsets in part.shapes.values())
    assert set(parts["Skin"].shapes) == set(ARKIT_52)
    assert {"jawOpen", "tongueOut"} <= set(parts["Tongue"].shapes)
    assert "jawOpen" in parts["Teeth Lower"].shapes
    assert not parts["Teeth Upper"].shapes
    assert {"eyeBlinkLeft", "eyeLookDownRight"} <= set(parts["Lashes"].shapes)
    assert {"browInnerUp", "browDownLeft"} <= set(parts["Brows"].shapes)


def test_look_shapes_turn_the_eyes_the_right_way() -> None:
    balls = tuple(Ball(np.array([0.3 * side, 0, 0]), 0.15, side) for side in (1, -1))
    eyes, corneas = eye_parts(balls, (0.1, 0.05, 0.02))
    half = len(eyes.points) // 2
    assert set(eyes.shapes) == {f"{name}{side}" for name in LOOK_DEGREES for side in ("Left", "Right")}
    pupils = {"Left": 0, "Right": half}
    assert eyes.shapes["eyeLookUpLeft"][pupils["Left"], 1] > 0
    assert eyes.shapes["eyeLookDownRight"][pupils["Right"], 1] < 0
    assert eyes.shapes["eyeLookInLeft"][pupils["Left"], 0] < 0
    assert eyes.shapes["eyeLookOutRight"][pupils["Right"], 0] < 0
    assert not eyes.shapes["eyeLookUpLeft"][half:].any()
    assert set(corneas.shapes) == set(eyes.shapes)


def test_a_ball_is_found_again() -> None:
    directions = np.random.default_rng(0).normal(size=(40, 3))
    points = 2 + 0.5 * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    ball = fit_ball(points, 1)
    np.testing.assert_allclose(ball.center, 2, atol=1e-6)
    assert 0.5 <= ball.radius < 0.53


def test_a_cut_runs_along_its_level() -> None:
    grid = np.stack(np.meshgrid(np.arange(5.0), np.arange(5.0)), -1).reshape(-1, 2)
    faces = tuple((r * 5 + c, r * 5 + c + 1, r * 5 + c + 6, r * 5 + c + 5) for r in range(4) for c in range(4))
    kept = cut(faces, grid[:, 0] - 1.5)
    x = kept.vertex_values(grid)[:, 0]
    assert x.min() == pytest.approx(1.5)
    assert x.max() == 4
    assert len(kept.corner_values(np.zeros((64, 2)))) == sum(len(face) for face in kept.faces)


def test_strands_ride_rigidly_on_their_surface() -> None:
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], np.float64)
    corners = triangles(((0, 1, 3, 2),))
    strands = np.array([[[0.3, 0.3, 0.0], [0.3, 0.3, 1.0]]])
    anchors = anchor(strands[:, 0], points, corners)
    turn = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    moved = ride(strands, anchors, points, points @ turn.T + 5)
    np.testing.assert_allclose(moved, strands @ turn.T + 5, atol=1e-9)
