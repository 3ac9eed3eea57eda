"""Mappings: what drives what, told plainly and checked; values against a slow plain twin."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from core.errors import RigError
from core.rig.arkit import ARKIT_52
from core.rig.board import BOARD, BOARD_NAMES, index, mirrored, read_rows
from core.rig.carried import random_poses
from core.rig.convert import to_rig
from core.rig.mirror import mirrored_curve
from core.rig.names import RIG_NAMES, rig_of_curve
from core.rig.played import played, played_curves
from core.rig.targets import BONE_CHANNELS, HEAD_CURVES, PARTS, Drive, Mapping, Target, apply, swap_sides
from core.types import Performance, RigCurves

JAW = Target("shape_key", "", "jawOpen")
BONE = Target("bone", "Rig", "jaw", "rotation.x")


def performance(count: int = 30, seed: int = 3) -> Performance:
    rng = np.random.default_rng(seed)
    return Performance(
        RigCurves(BOARD_NAMES, random_poses(count, seed), 30.0), rng.normal(0, 0.2, (count, 3)).astype(np.float32)
    )


def random_mapping(seed: int) -> Mapping:
    rng = np.random.default_rng(seed)
    targets = [Target("shape_key", "", f"key{k}") for k in range(6)]
    targets += [Target("bone", "", "bone", channel) for channel in BONE_CHANNELS]
    drives = {}
    for _ in range(60):
        target, part = targets[rng.integers(len(targets))], PARTS[rng.integers(3)]
        source = BOARD_NAMES[rng.integers(len(BOARD_NAMES))]
        low, high = (-rng.random(), rng.random()) if rng.random() < 0.5 else (-math.inf, math.inf)
        drives[target, source, part] = Drive(target, source, rng.normal(), rng.normal() / 5, low, high, part)
    return Mapping("random", "metahuman", tuple(drives.values()))


def plain_apply(mapping: Mapping, curves: RigCurves) -> dict[Target, list[float]]:
    """The twin: one number at a time."""
    out = {}
    for target in mapping.targets:
        drives = [drive for drive in mapping.drives if drive.target == target]
        out[target] = []
        for row in curves.values.tolist():
            total = 0.0
            for drive in drives:
                x = row[curves.names.index(drive.source)]
                x = {"whole": x, "positive": max(x, 0.0), "negative": max(-x, 0.0)}[drive.part]
                total += drive.offset + drive.gain * x
            for drive in drives:
                total = min(max(total, drive.low), drive.high)
            out[target].append(total)
    return out


@pytest.mark.parametrize("seed", range(5))
def test_values_are_those_of_the_plain_twin(seed):
    mapping, curves = random_mapping(seed), performance(seed=seed).curves
    found, wanted = apply(mapping, curves), plain_apply(mapping, curves)
    assert list(found) == list(wanted) == list(mapping.targets)
    for target, values in found.items():
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, wanted[target], atol=2e-6, err_msg=str(target))


def test_terms_add_before_the_limits():
    drives = (Drive(JAW, "jawOpen", 2, -0.5, 0, 1), Drive(JAW, "mouthClose", -1, high=0.9))
    values = np.float32([[0.1, 0], [0.6, 0], [0.6, 0.3], [1, 0]])
    found = apply(Mapping("", "arkit52", drives), RigCurves(("jawOpen", "mouthClose"), values, 30))
    np.testing.assert_allclose(found[JAW], [0, 0.7, 0.4, 0.9], atol=1e-6)


def test_parts_are_the_two_sides_of_zero():
    targets = [Target("property", "Rig", part) for part in PARTS]
    mapping = Mapping("", "metahuman", tuple(Drive(t, "CTRL_C_jaw.tx", 2, part=t.name) for t in targets))
    found = apply(mapping, RigCurves(("CTRL_C_jaw.tx",), np.float32([[-0.5], [0], [0.25]]), 30))
    assert [found[target].tolist() for target in targets] == [[-1, 0, 0.5], [0, 0, 0.5], [1, 0, 0]]


def test_values_are_read_only_and_curves_stay_as_they_are():
    curves = RigCurves(("jawOpen",), np.float32([[0.5], [2]]), 30)
    found = apply(Mapping("", "arkit52", (Drive(JAW, "jawOpen"),)), curves)
    assert curves.values.tolist() == [[0.5], [2]]
    with pytest.raises(ValueError, match="read-only"):
        found[JAW][:] = 7


def test_no_frames_and_no_drives_are_no_fault():
    none = RigCurves(("jawOpen",), np.zeros((0, 1), np.float32), 30)
    assert apply(Mapping("", "arkit52", (Drive(JAW, "jawOpen"),)), none)[JAW].shape == (0,)
    assert apply(Mapping("", "arkit52", ()), none) == {}


def test_ten_minutes_are_applied_at_once():
    """52 curves on 20 meshes, 36,000 frames."""
    targets = [(name, Target("shape_key", f"mesh{k}", name)) for k in range(20) for name in ARKIT_52]
    mapping = Mapping("", "arkit52", tuple(Drive(target, name, high=1) for name, target in targets))
    curves = RigCurves(ARKIT_52, np.random.default_rng(0).random((36000, 52), np.float32), 60)
    start = time.perf_counter()
    found = apply(mapping, curves)
    assert len(found) == 1040
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Target("bones", "", "jaw"), 'A target cannot be a "bones"; choose one of shape_key, bone, property.'),
        (lambda: Target("shape_key", "Face", ""), "A target of the kind shape_key needs the name of what it moves."),
        (
            lambda: Target("bone", "", "jaw", "location"),
            'must have one of location.x, location.y.*but it has "location"',
        ),
        (lambda: Target("shape_key", "", "a", "location.x"), 'must have no channel, but it has "location.x"'),
        (lambda: Drive(JAW, "mouthOpen"), 'No rig has a curve "mouthOpen" to drive jawOpen; docs/rigs.md'),
        (lambda: Drive(BONE, "jawOpen", part="half"), "drive of Rig: jaw rotation.x cannot take the part"),
        (lambda: Drive(JAW, "jawOpen", math.nan), "of jawOpen by jawOpen needs a gain and an offset that are numbers"),
        (lambda: Drive(JAW, "jawOpen", offset=math.inf), "needs a gain and an offset that are numbers"),
        (lambda: Drive(JAW, "jawOpen", low=1, high=0), "needs limits in order, but has 1 to 0"),
        (lambda: Drive(JAW, "jawOpen", low=math.nan), "needs limits in order"),
        (lambda: Mapping("", "arkit", ()), 'There is no rig "arkit"; choose one of arkit52, metahuman'),
        (
            lambda: Mapping("", "arkit52", (Drive(JAW, "jawOpen"),) * 2),
            "jawOpen is driven twice by jawOpen; remove one",
        ),
        (
            lambda: Mapping("", "arkit52", (Drive(JAW, "jawOpen", low=0.5), Drive(JAW, "mouthClose", high=0.2))),
            "The limits of jawOpen leave nothing between 0.5 and 0.2",
        ),
    ],
)
def test_faults_are_one_sentence(make, said):
    with pytest.raises(RigError, match=said) as caught:
        make()
    assert str(caught.value).endswith(".")


def test_a_missing_curve_is_named():
    with pytest.raises(RigError, match=r'"Mine" reads jawOpen, which these curves do not have\.'):
        apply(Mapping("Mine", "arkit52", (Drive(JAW, "jawOpen"),)), performance().curves)


def test_every_curve_has_a_mirror_of_its_own_rig():
    for rig, names in RIG_NAMES.items():
        for name in names:
            other, sign = mirrored_curve(name)
            assert rig_of_curve(name) == rig_of_curve(other) == rig
            assert mirrored_curve(other) == (name, sign)
    assert [mirrored_curve(name) for name in HEAD_CURVES] == [("headYaw", -1), ("headPitch", 1), ("headRoll", -1)]


def test_raw_mirrors_are_what_the_board_says():
    """A raw curve's mirror, read off its name, has the mirrored controls' terms."""

    def turned(row):
        control = BOARD[index(row["control"])]
        ends = float(row["from"]), float(row["to"])
        ends, slope = ((-ends[1], -ends[0]), -float(row["slope"])) if control.flips else (ends, float(row["slope"]))
        return control.mirror, *ends, slope, float(row["cut"]), row["times"] and BOARD[index(row["times"])].mirror

    def straight(row):
        return row["control"], *(float(row[key]) for key in ("from", "to", "slope", "cut")), row["times"]

    rows = read_rows("metahuman_raw_from_board.csv")
    terms, mirrors = {}, {}
    for row in rows:
        terms.setdefault(row["raw"], set()).add(straight(row))
        mirrors.setdefault(row["raw"], set()).add(turned(row))
    assert all(terms[mirrored_curve(raw)[0]] == wanted for raw, wanted in mirrors.items())


@pytest.mark.parametrize("rig", ["metahuman", "arkit52", "metahuman251", "flame"])
def test_swapped_sides_are_the_mirrored_motion(rig):
    """A swapped mapping makes of a motion what the mapping makes of the mirrored motion."""
    rng = np.random.default_rng(5)
    drives = [
        Drive(Target("shape_key", "", name), name, rng.normal(), 0.1, part=PARTS[k % 3])
        for k, name in enumerate(RIG_NAMES[rig])
    ]
    mapping, straight = Mapping("", rig, tuple(drives)), performance()
    head = straight.head * np.float32([-1, 1, -1])
    other = Performance(RigCurves(BOARD_NAMES, mirrored(straight.curves.values), 30.0), head)
    swapped = apply(swap_sides(mapping), to_rig(straight, rig).curves)
    for target, values in apply(mapping, to_rig(other, rig).curves).items():
        np.testing.assert_allclose(swapped[target], values, atol=2e-5, err_msg=target.name)
    assert swap_sides(swap_sides(mapping)) == mapping


def test_only_some_curves_can_be_swapped():
    drives = tuple(Drive(Target("shape_key", "", name), name) for name in ("jawLeft", "mouthSmileLeft"))
    swapped = swap_sides(Mapping("", "arkit52", drives), {"jawLeft", "jawRight", "mouthLeft", "mouthRight"})
    assert swapped.sources == ("jawRight", "mouthSmileLeft")


def test_a_mapping_may_read_several_rigs_and_the_head():
    sources = ("PP", "eyeBlinkLeft", "headYaw", "CTRL_C_jaw.ty", "jaw_pose_x")
    mapping = Mapping("", "visemes", tuple(Drive(Target("shape_key", "", name), name) for name in sources))
    line = performance()
    curves = played_curves(line, mapping)
    assert curves.names == sources
    assert curves.fps == 30.0
    np.testing.assert_array_equal(curves.column("PP"), to_rig(line, "visemes").curves.column("PP"))
    np.testing.assert_array_equal(curves.column("eyeBlinkLeft"), to_rig(line, "arkit52").curves.column("eyeBlinkLeft"))
    np.testing.assert_array_equal(curves.column("headYaw"), line.head[:, 0])
    np.testing.assert_array_equal(played(line, mapping)[mapping.targets[3]], line.curves.column("CTRL_C_jaw.ty"))


def test_curves_that_are_there_need_no_turning():
    line = performance()
    spoken = to_rig(line, "visemes")
    mapping = Mapping("", "visemes", (Drive(JAW, "aa"),))
    np.testing.assert_array_equal(played(spoken, mapping)[JAW], spoken.curves.column("aa"))
    with pytest.raises(RigError, match='The mapping "Empty" moves nothing'):
        played(spoken, Mapping("Empty", "visemes", ()))
