"""Characters of every kind of rig, told by their names."""

from __future__ import annotations

import re
import time
from itertools import chain

import numpy as np
import pytest

from core.errors import RigError
from core.rig.arkit import ARKIT_52
from core.rig.board import BOARD, BOARD_NAMES, DATA
from core.rig.flame import FLAME_NAMES
from core.rig.mapping import METAHUMAN_RAW_251
from core.rig.names import RIG_NAMES, rig_of_curve
from core.rig.profile_table import stand_ins
from core.rig.profiles import PROFILES, Inventory, propose, rank
from core.rig.targets import Target, apply
from core.rig.visemes import VISEMES
from core.types import RigCurves

OCULUS = tuple("viseme_" + name for name in (*VISEMES[:12], "I", "O", "U"))
EXTRAS = ("mouthOpen", "mouthSmile", "eyesClosed", "eyesLookUp", "eyesLookDown")
EVERY_NAME = {key: {row.name: row.kind for row in profile.rows} for key, profile in PROFILES.items()}


def of_kind(key: str, kind: str, restyle=lambda name: name) -> tuple[str, ...]:
    return tuple(restyle(name) for name, own in EVERY_NAME[key].items() if own == kind)


def whole(key: str, restyle=lambda name: name) -> Inventory:
    """A character that has every name of a profile."""
    return Inventory(
        {"Face": of_kind(key, "shape_key", restyle)},
        {"Rig": of_kind(key, "bone")},
        {"Rig": of_kind(key, "property", restyle)},
    )


def drives(proposal, name: str) -> dict[str, float]:
    return {drive.source: drive.gain for drive in proposal.mapping.drives if drive.target.name == name}


@pytest.mark.parametrize("key", PROFILES)
def test_every_profile_knows_its_own_character(key):
    found = propose(whole(key))
    assert found.profile == key
    assert found.missing == ()
    assert found.score == pytest.approx(PROFILES[key].worth)
    sources = {row.source for row in PROFILES[key].rows if row.source and not row.spare}
    assert sources <= set(found.mapping.sources)
    assert found.mapping.rig == PROFILES[key].rig
    assert PROFILES[key].title in found.summary


def test_a_summary_names_some_of_what_is_missing():
    found = propose(Inventory(shape_keys={"Head": ("jawOpen", "mouthClose", "eyeBlinkLeft")}))
    assert len(found.missing) == 49
    assert found.summary.endswith(f"3 of 52 names were found; missing: {', '.join(found.missing[:8])} and 41 more.")
    bones = propose(Inventory(bones={"Rig": ("jaw",)}))
    assert bones.summary == f"None of the names of {PROFILES['arkit52'].title} were found, but everyday ones."


@pytest.mark.parametrize("key", PROFILES)
def test_every_table_is_sound(key):
    profile = PROFILES[key]
    assert profile.rig in RIG_NAMES
    assert 0 < profile.worth <= 1
    assert profile.least <= len(profile.names)
    assert not [row for row in profile.rows if row.source and rig_of_curve(row.source) is None]
    text = (DATA / "profiles" / f"{key}.csv").read_text(encoding="utf-8")
    assert "# Source: " in text
    lenders = {row.otherwise for row in profile.rows} - {""}
    assert lenders <= set(profile.names)


def test_tables_of_whole_rigs_are_those_rigs():
    assert of_kind("arkit52", "shape_key") == ARKIT_52
    assert of_kind("metahuman251", "property") == METAHUMAN_RAW_251
    rows = {f"{row.name}.t{row.channel[-1]}": row for row in PROFILES["metahuman_board"].rows}
    assert tuple(rows) == BOARD_NAMES
    assert all((rows[c.name].source, rows[c.name].low, rows[c.name].high) == (c.name, c.low, c.high) for c in BOARD)
    flame = {row.source for row in PROFILES["flame"].rows}
    assert flame == {name for name in FLAME_NAMES if not name.startswith("rotation")}
    for key in ("oculus", "vrchat"):
        assert {row.source for row in PROFILES[key].rows if not row.spare} == set(VISEMES)


STYLES = {
    "lower": str.lower,
    "upper": str.upper,
    "dots": lambda name: name.replace("_", "."),
    "prefix": lambda name: f"Face.{name}",
    "blender copy": lambda name: f"{name}.001",
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("key", ["oculus", "vrchat", "microsoft22", "vroid", "cc4_extended", "cc4_standard"])
def test_spellings_do_not_matter(key, style):
    found = propose(whole(key, STYLES[style]))
    assert (found.profile, found.missing) == (key, ())


def test_sides_may_be_written_otherwise():
    names = (re.sub("_(L|R)$", r".\1t", name) for name in of_kind("cc4_standard", "shape_key") if "_Look_" not in name)
    found = propose(Inventory({"Face": tuple(name.replace("Lt", "Left") for name in names)}))
    assert found.profile == "cc4_standard"
    assert {name for name in found.missing if "_Look_" not in name} == set()


def test_arkit_wins_over_visemes_beside_it():
    found = propose(Inventory({"Face": ("Basis", *ARKIT_52, *OCULUS, *EXTRAS)}))
    assert found.profile == "arkit52"
    assert found.mapping.sources == ARKIT_52
    assert set(found.unused) == {"Basis", *OCULUS, *EXTRAS}
    assert found.others[0] == ("oculus", PROFILES["oculus"].worth)
    assert [score for _, score in found.others] == sorted((score for _, score in found.others), reverse=True)
    assert found.fallbacks == ()


def test_the_runner_up_can_be_chosen():
    character = Inventory({"Face": (*ARKIT_52, *OCULUS)})
    found = propose(character, "oculus")
    assert found.profile == "oculus"
    driven = {drive.target.name for drive in found.mapping.drives}
    assert {"viseme_PP", "eyeBlinkLeft", "browInnerUp"} <= driven
    assert not {"jawOpen", "mouthFunnel", "tongueOut"} & driven
    assert dict(rank(character))["arkit52"] == found.others[0][1]


def test_visemes_get_their_blink_from_everyday_names():
    """Ready Player Me without ARKit; a smile would move the mouth twice and is left alone."""
    found = propose(Inventory({"Wolf3D_Head": (*OCULUS, *EXTRAS), "Wolf3D_Teeth": OCULUS}))
    assert found.profile == "oculus"
    assert drives(found, "eyesClosed") == {"eyeBlinkLeft": 0.5, "eyeBlinkRight": 0.5}
    assert found.unused == ("mouthOpen", "mouthSmile")
    assert "eyesClosed plays for eyeBlinkLeft and eyeBlinkRight." in found.fallbacks


def test_both_eyes_are_closed_only_where_no_single_lid_is():
    single = ("A", "I", "U", "E", "O", "Blink_L", "Blink_R", "Blink")
    assert "Blink" in propose(Inventory({"Face": single})).unused
    assert drives(propose(Inventory({"Face": ("A", "I", "U", "E", "O", "Blink")})), "Blink") == {
        "eyeBlinkLeft": 0.5,
        "eyeBlinkRight": 0.5,
    }


def test_few_letters_are_no_vowels_unless_there_are_enough():
    with pytest.raises(RigError, match="No shape key, bone or property has a name of a known rig"):
        propose(Inventory({"Face": ("Basis", "A", "O", "Key_I")}))


def test_rhubarbs_missing_shapes_are_lent():
    found = propose(Inventory({"Face": tuple("ABCDEF")}))
    assert found.profile == "rhubarb"
    assert drives(found, "A") == {"PP": 1, "FF": 1, "sil": 1}
    assert "A plays for G, which is missing." in found.fallbacks
    values = apply(found.mapping, RigCurves(VISEMES, np.full((2, 15), 0.5, np.float32), 30))
    assert values[Target("shape_key", "", "A")].tolist() == [1, 1]


def test_a_jaw_bone_and_few_keys_are_enough_to_speak():
    found = propose(Inventory({"Head": ("smile", "blink")}, {"Rig": ("head", "DEF-jaw", "ORG-jaw", "Jaw")}))
    assert found.profile == "arkit52"
    assert 0 < found.score < 0.1
    assert drives(found, "smile").keys() >= {"mouthSmileLeft", "mouthSmileRight", "mouthDimpleLeft"}
    jaw = Target("bone", "", "Jaw", "rotation.x")
    assert jaw in found.mapping.targets
    assert drives(found, "Jaw") == pytest.approx({"jawOpen": 0.349, "mouthClose": -0.8 * 0.349})
    assert "mouthClose goes to Jaw by -0.8." in found.fallbacks


def test_a_missing_funnel_is_part_of_the_pucker():
    keys = tuple(name for name in ARKIT_52 if name != "mouthFunnel")
    found = propose(Inventory({"Face": keys}))
    assert found.missing == ("mouthFunnel",)
    assert drives(found, "mouthPucker") == {"mouthPucker": 1, "mouthFunnel": 0.5}
    assert found.fallbacks == ("mouthFunnel goes to mouthPucker by 0.5.",)
    limits = {(drive.low, drive.high) for drive in found.mapping.drives if drive.target.name == "mouthPucker"}
    assert limits == {(0, 1)}


def test_stand_ins_are_curves_and_never_stand_for_themselves():
    for curve, others in stand_ins().items():
        assert rig_of_curve(curve)
        assert all(rig_of_curve(other) == rig_of_curve(curve) and other != curve for other, _ in others)


def test_the_older_board_gets_the_tongue_it_has():
    bones = [name for name in of_kind("metahuman_board", "bone") if "thicknessInward" not in name]
    new = ("_move", "_bendTwist", "_tipMove", "_wideNarrow", "_thickThin")
    found = propose(Inventory({}, {"ada_face_gui": tuple(name for name in bones if not name.endswith(new))}))
    assert found.profile == "metahuman_board"
    assert len(found.missing) == 9
    tongue = {
        d.source: d.gain for d in found.mapping.drives if d.target == Target("bone", "", "CTRL_C_tongue", "location.y")
    }
    assert tongue == {"CTRL_C_tongue.ty": 1, "CTRL_C_tongue_move.ty": 1}


def test_owners_are_named_only_where_they_must_be():
    """jawOpen of the face belongs to a lesser family there, so the teeth's must be named."""
    family = tuple(f"Head_{name}" for name in ARKIT_52)
    found = propose(Inventory({"Face": (*family, "jawOpen"), "Teeth": ("jawOpen",), "Hat": ("Fold",)}))
    targets = set(found.mapping.targets)
    assert Target("shape_key", "", "Head_jawOpen") in targets
    assert Target("shape_key", "Teeth", "jawOpen") in targets
    assert Target("shape_key", "", "jawOpen") not in targets
    assert found.unused == ("Fold",)


def test_nothing_is_driven_twice():
    """Every spelling of everything at once: each target has each curve once, ARKit's curves one whole key each."""
    every = tuple(dict.fromkeys(chain(*(of_kind(key, "shape_key") for key in PROFILES), EXTRAS)))
    bones = tuple(dict.fromkeys(chain(*(of_kind(key, "bone") for key in PROFILES), ("jaw",))))
    for key in PROFILES:
        properties = {"Rig": (*every, *METAHUMAN_RAW_251)}
        found = propose(Inventory({"A": every, "B": every}, {"Rig": bones}, properties), key)
        terms = [(drive.target, drive.source) for drive in found.mapping.drives if drive.part == "whole"]
        assert len(terms) == len(set(terms))
        assert {drive.target.owner for drive in found.mapping.drives} == {""}
    found = propose(Inventory({"A": every}, {"Rig": bones}, {"Rig": every}), "arkit52")
    assert len(found.mapping.drives) == 52
    assert {drive.target.kind for drive in found.mapping.drives} == {"shape_key"}


def test_properties_stand_for_keys_that_drivers_hold():
    found = propose(Inventory({"Face": ("Basis",)}, properties={"Rig": ARKIT_52, "Rig/head": ("jawOpen",)}))
    assert found.profile == "arkit52"
    assert {drive.target.kind for drive in found.mapping.drives} == {"property"}
    assert Target("property", "", "jawOpen") in found.mapping.targets


def test_the_older_rigify_face_is_told_from_the_newer():
    for key, other in (("rigify", "rigify_legacy"), ("rigify_legacy", "rigify")):
        found = propose(whole(key))
        assert found.others[0][0] == other
        assert found.others[0][1] < found.score


def test_unknown_wishes_are_one_sentence():
    with pytest.raises(RigError, match=r'There is no profile "maya"; choose one of acculips, arkit52, .*\.$'):
        propose(Inventory({"Face": ARKIT_52}), "maya")
    with pytest.raises(RigError, match='Nothing on the character has a name of the profile "flame"; choose another'):
        propose(Inventory({"Face": ARKIT_52}), "flame")
    with pytest.raises(RigError, match="No shape key, bone or property has a name of a known rig"):
        propose(Inventory())


def test_twenty_meshes_of_three_hundred_keys_take_no_time():
    """New names each time, so that nothing is remembered; the tables are read before."""
    propose(whole("arkit52"))
    spent = []
    for turn in range(3):
        keys = [*ARKIT_52, *(f"Wrinkle{turn}_{k:03d}_mid" for k in range(248))]
        character = Inventory({f"mesh{k}": tuple(f"P{turn}{k}_{key}" for key in keys) for k in range(20)})
        start = time.process_time()
        assert len(propose(character).mapping.drives) == 1040
        spent.append(time.process_time() - start)
    assert min(spent) < 0.1
