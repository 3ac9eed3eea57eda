"""Every control of every rig is in one of the four layers, and in one only."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import RigError
from core.layers.regions import BROWS, EYES, GROUPS, HEAD, MOUTH, columns_of, groups_of, groups_of_rig
from core.rig.arkit import ARKIT_52, HEAD_AXES
from core.rig.board import BOARD_NAMES
from core.rig.convert import RIGS
from core.rig.flame import FLAME_NAMES
from core.rig.mapping import METAHUMAN_RAW_251
from core.rig.visemes import VISEMES

NAMES = {
    "arkit52": ARKIT_52,
    "metahuman": BOARD_NAMES,
    "metahuman251": METAHUMAN_RAW_251,
    "flame": FLAME_NAMES,
    "visemes": VISEMES,
}


@pytest.mark.parametrize("rig", RIGS)
def test_groups_are_total_and_disjoint(rig):
    names = NAMES[rig]
    assert set(groups_of_rig(rig)) == set(names)
    assert set(groups_of_rig(rig).values()) <= set(GROUPS)
    columns = [columns_of(names, group) for group in GROUPS]
    assert sorted(np.concatenate(columns).tolist()) == list(range(len(names)))


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("jawOpen", MOUTH), ("noseSneerLeft", MOUTH), ("tongueOut", MOUTH), ("cheekPuff", MOUTH),
        ("eyeBlinkLeft", EYES), ("eyeLookInRight", EYES), ("browInnerUp", BROWS),
        ("CTRL_C_jaw.ty", MOUTH), ("CTRL_L_eye_blink.ty", EYES), ("CTRL_lookAtSwitch.ty", EYES),
        ("CTRL_C_eye_parallelLook.ty", EYES), ("CTRL_R_brow_down.ty", BROWS), ("CTRL_C_neck_swallow.ty", HEAD),
        ("CTRL_neckCorrectivesMultiplyerD.ty", HEAD), ("CTRL_expressions_browDownL", BROWS),
        ("CTRL_expressions_eyeBlinkR", EYES), ("CTRL_expressions_jawOpen", MOUTH),
        ("expr_000", MOUTH), ("neck_pose_x", HEAD), ("jaw_pose_z", MOUTH), ("eyes_pose_left_y", EYES),
        ("PP", MOUTH), ("yaw", HEAD), ("roll", HEAD),
    ],
)  # fmt: skip
def test_where_a_control_belongs(name, group):
    assert groups_of([name]) == {name: group}


def test_raw_curves_belong_where_their_names_say():
    for name, group in groups_of_rig("metahuman251").items():
        word = name.removeprefix("CTRL_expressions_").lower()
        eyes = word.startswith("eye") and "cheek" not in word
        expected = BROWS if word.startswith("brow") else EYES if eyes else None
        expected = HEAD if word.startswith("neck") else expected
        expected = MOUTH if word.startswith(("jaw", "mouth", "tongue", "nose", "teeth")) else expected
        assert expected in (None, group), name


def test_the_heads_axes_are_the_head():
    assert set(groups_of(HEAD_AXES).values()) == {HEAD}


def test_what_is_of_no_rig_is_refused():
    with pytest.raises(RigError, match='No rig has a control "jawOpened"'):
        groups_of(["jawOpen", "jawOpened"])
    with pytest.raises(RigError, match='There is no rig "puppet"'):
        groups_of_rig("puppet")
    with pytest.raises(RigError, match="mouth, eyes, brows, head"):
        columns_of(ARKIT_52, "ears")


def test_asking_twice_gives_the_same_to_keep():
    groups_of_rig("arkit52")["jawOpen"] = HEAD
    assert groups_of_rig("arkit52")["jawOpen"] == MOUTH
