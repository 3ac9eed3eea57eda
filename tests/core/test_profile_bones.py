"""Characters driven by bones, whose rests tell how they lie and how large they are."""

from __future__ import annotations

import numpy as np
import pytest

from core.rig.profiles import PROFILES, Inventory, propose
from core.rig.settling import nearest_axis, resized
from core.rig.targets import Drive, Target
from core.rig.visemes import VISEMES


def rests(**bones) -> dict[str, dict[str, np.ndarray]]:
    return {"Rig": {name: np.asarray(rest, np.float64) for name, rest in bones.items()}}


def rest(columns, head=(0, 0, 0)) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = np.transpose(columns), head
    return matrix


def test_rests_tell_what_opens_a_jaw():
    """The turn that is proposed takes a chin in front of the joint down."""
    sideways = rest([(0, 0, 1), (0, -1, 0), (1, 0, 0)])
    backwards = rest([(-1, 0, 0), (0, -1, 0), (0, 0, 1)])
    assert nearest_axis(sideways, "x") == ("z", 1)
    assert nearest_axis(backwards, "x") == ("x", -1)
    assert nearest_axis(sideways, "z") == ("x", 1)
    for matrix in (sideways, backwards, np.eye(4)):
        found = propose(Inventory({}, {"Rig": ("jaw",)}, rests=rests(jaw=matrix)))
        (drive,) = (drive for drive in found.mapping.drives if drive.source == "jawOpen")
        axis = matrix[:3, "xyz".index(drive.target.channel[-1])] * np.sign(drive.gain)
        assert np.cross(axis, (0, -1, 0))[2] < 0
        assert drive.target.owner == "Rig"


def test_faces_of_another_size_are_scaled():
    bones = tuple(dict.fromkeys(row.name for row in PROFILES["rigify"].rows))
    eyes = {"eye_master.L": rest(np.eye(3), (0.2064, 0, 3)), "eye_master.R": rest(np.eye(3), (0, 0, 3))}
    small = propose(Inventory({}, {"Rig": (*bones, *eyes)}))
    large = propose(Inventory({}, {"Rig": (*bones, *eyes)}, rests=rests(**eyes)))
    for one, two in zip(small.mapping.drives, large.mapping.drives, strict=True):
        factor = 2 if one.target.channel.startswith("location") else 1
        assert two.gain == pytest.approx(factor * one.gain)


def test_only_what_moves_from_its_place_is_resized():
    moved = Drive(Target("bone", "", "lip", "location.x"), "jawOpen", 0.5, 0.1, -1, 1)
    turned = Drive(Target("bone", "", "lip", "rotation.x"), "jawOpen", 0.5)
    large, same = resized((moved, turned), 2)
    assert (large.gain, large.offset, large.low, large.high) == (1, 0.2, -2, 2)
    assert same == turned


EYES = ("CC_Base_L_Eye", "CC_Base_R_Eye")
VISEME_KEYS = tuple(f"viseme_{name}" for name in VISEMES)


@pytest.mark.parametrize("lying", [np.eye(3), [(0, 0, 1), (0, -1, 0), (1, 0, 0)], [(-1, 0, 0), (0, 0, 1), (0, 1, 0)]])
def test_eyes_look_where_the_gaze_does(lying):
    """Whichever way an eye's bone lies, each gaze takes what looks forward to where its name says."""
    known = rests(**dict.fromkeys(EYES, rest(lying)))
    found = propose(Inventory({"Head": VISEME_KEYS}, {"Rig": EYES}, rests=known))
    assert found.profile == "oculus"
    gazes = [drive for drive in found.mapping.drives if drive.source.startswith("eyeLook")]
    assert len(gazes) == 8
    for drive in gazes:
        side = drive.source[-4:] if drive.source.endswith("Left") else "Right"
        assert drive.target.name == EYES[side == "Right"]
        axis = rest(lying)[:3, "xyz".index(drive.target.channel[-1])] * np.sign(drive.gain)
        moved = np.cross(axis, (0, -1, 0))
        out = 1 if side == "Left" else -1
        goal = {"Up": (0, 0, 1), "Down": (0, 0, -1), "Out": (out, 0, 0), "In": (-out, 0, 0)}
        wanted = goal[drive.source.removeprefix("eyeLook").removesuffix(side)]
        np.testing.assert_allclose(moved, wanted, atol=1e-9, err_msg=drive.source)
        assert abs(drive.gain) == pytest.approx(np.radians(30), abs=1e-3)


def test_eyes_of_unknown_rest_are_left_alone():
    found = propose(Inventory({"Head": VISEME_KEYS}, {"Rig": EYES}))
    assert not [drive for drive in found.mapping.drives if drive.target.kind == "bone"]


def test_gaze_keys_go_before_eye_bones():
    keys = ("eyeLookUpLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft")
    known = rests(**dict.fromkeys(EYES, np.eye(4)))
    found = propose(Inventory({"Head": (*VISEME_KEYS, *keys)}, {"Rig": EYES}, rests=known))
    turned = {drive.target.name for drive in found.mapping.drives if drive.target.kind == "bone"}
    assert turned == {"CC_Base_R_Eye"}
