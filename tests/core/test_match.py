"""Shape-key names as rigs write them, read as ARKit names."""

from __future__ import annotations

import pytest

from core.rig.arkit import ARKIT_52
from core.rig.match import join_matches, match_keys


def _maya(name: str) -> str:
    return (
        name.removesuffix("Left") + "_L"
        if name.endswith("Left")
        else (name.removesuffix("Right") + "_R" if name.endswith("Right") else name)
    )


STYLES = {
    "exact": lambda name: name,
    "pascal": lambda name: name[0].upper() + name[1:],
    "lower": str.lower,
    "upper": str.upper,
    "maya prefix": lambda name: f"blendShape1.{name}",
    "maya sides": _maya,
    "dotted sides": lambda name: _maya(name).replace("_", "."),
    "bare sides": lambda name: _maya(name).replace("_", ""),
    "lower sides": lambda name: _maya(name).lower(),
    "snake": lambda name: "".join(f"_{c.lower()}" if c.isupper() else c for c in name),
    "arkit prefix": lambda name: f"ARKit_{name}",
    "head prefix": lambda name: f"Head_{name}",
    "side first": lambda name: (
        ("L_" + name.removesuffix("Left"))
        if name.endswith("Left")
        else ("R_" + name.removesuffix("Right") if name.endswith("Right") else name)
    ),
    "copies": lambda name: f"{name}.001",
    "other alphabet": lambda name: f"Голова.{name}",
    "unity": lambda name: f"Face_blendShape.{name[0].upper()}{name[1:]}",
}


@pytest.mark.parametrize("style", STYLES)
def test_every_style_finds_every_shape(style: str) -> None:
    keys = {name: STYLES[style](name) for name in ARKIT_52}
    match = match_keys(["Basis", *keys.values()])
    assert match.matched == {name: (key,) for name, key in keys.items()}
    assert match.missing == ()
    assert match.unused == ("Basis",)
    assert match.summary == "All 52 ARKit shapes were found."


def test_directions_are_not_sides() -> None:
    match = match_keys(["mouth_L", "mouthRight", "jaw.L", "Jaw_Right", "mouthSmile_L"])
    assert match.matched == {
        "jawLeft": ("jaw.L",),
        "jawRight": ("Jaw_Right",),
        "mouthLeft": ("mouth_L",),
        "mouthRight": ("mouthRight",),
        "mouthSmileLeft": ("mouthSmile_L",),
    }


def test_halves_follow_one_curve() -> None:
    match = match_keys(["browInnerUp_R", "browInnerUp_L", "cheekPuffLeft", "cheekPuffRight", "mouthRollLower.L"])
    assert match.matched["browInnerUp"] == ("browInnerUp_L", "browInnerUp_R")
    assert match.matched["cheekPuff"] == ("cheekPuffLeft", "cheekPuffRight")
    assert match.matched["mouthRollLower"] == ("mouthRollLower.L",)


def test_a_whole_shape_is_not_doubled_by_its_halves() -> None:
    match = match_keys(["browInnerUp_L", "browInnerUp_R", "browInnerUp"])
    assert match.matched == {"browInnerUp": ("browInnerUp",)}
    assert match.unused == ("browInnerUp_L", "browInnerUp_R")


def test_split_directions() -> None:
    assert match_keys(["mouthLeft_L", "mouthLeft_R"]).matched == {"mouthLeft": ("mouthLeft_L", "mouthLeft_R")}


def test_largest_family_wins_and_others_fill_gaps() -> None:
    match = match_keys(["jawOpen", "Head_jawOpen", "Head_mouthClose", "Head_cheekPuff", "tongueOut"])
    assert match.matched["jawOpen"] == ("Head_jawOpen",)
    assert match.matched["tongueOut"] == ("tongueOut",)
    assert match.unused == ("jawOpen",)


@pytest.mark.parametrize(
    "key",
    ["Basis", "", "corrective_jawOpen", "jawOpen_mouthClose", "smile", "jawOpener", "forejawopen", "___", "42", "L"],
)
def test_other_keys_are_left_alone(key: str) -> None:
    match = match_keys([key])
    assert match.matched == {}
    assert match.unused == (key,)
    assert match.summary == "No shape key carries an ARKit name."


def test_no_key_is_used_twice() -> None:
    keys = [style(name) for style in STYLES.values() for name in ARKIT_52]
    used = [key for chosen in match_keys(keys).matched.values() for key in chosen]
    assert len(used) == len(set(used)) == 52


def test_summary_names_the_missing() -> None:
    match = match_keys([name for name in ARKIT_52 if name not in ("tongueOut", "cheekPuff")])
    assert match.missing == ("cheekPuff", "tongueOut")
    assert match.summary == "50 of 52 ARKit shapes were found; missing: cheekPuff, tongueOut."


def test_meshes_complete_each_other() -> None:
    joined = join_matches([match_keys(["jawOpen", "Basis"]), match_keys(["Teeth_jawOpen", "tongueOut"])])
    assert joined.matched == {"jawOpen": ("jawOpen", "Teeth_jawOpen"), "tongueOut": ("tongueOut",)}
    assert len(joined.missing) == 50
    assert joined.unused == ("Basis",)
