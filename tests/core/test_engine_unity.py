"""Unity's animation clip: read by a YAML reader that is not ours, its curves followed as Unity follows them."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
import yaml
from engine_cases import RATES, TOLERANCE, drift_in_frames, largest_error, smooth_performance, there_and_back

from core.errors import FormatError
from core.formats import FORMATS, Placing, read_performance, write_performance
from core.formats.head_turn import MIRROR, quaternions


class UnityLoader(yaml.SafeLoader):
    """PyYAML, told that Unity's tags mark plain mappings."""


UnityLoader.add_multi_constructor(
    "tag:unity3d.com,2011:", lambda loader, suffix, node: (suffix, loader.construct_mapping(node, deep=True))
)


def clip_of(path):
    """The clip's members, after a check that the file is the one document of class 74 it should be."""
    text = path.read_text("utf-8")
    assert text.startswith("%YAML 1.1\n%TAG !u! tag:unity3d.com,2011:\n--- !u!74 &7400000\n")
    kind, found = yaml.load(text, UnityLoader)
    assert kind == "74"
    assert list(found) == ["AnimationClip"]
    return found["AnimationClip"]


def hermite(keys, times):
    """The cubic that Unity draws through keys with slopes, a slow plain twin of nothing in core."""
    values = []
    for time in times:
        after = next((place for place, key in enumerate(keys) if key["time"] > time), len(keys) - 1)
        left, right = keys[max(after - 1, 0)], keys[after]
        span = right["time"] - left["time"]
        part = min(max((time - left["time"]) / span, 0.0), 1.0) if span else 0.0
        values.append(
            (2 * part**3 - 3 * part**2 + 1) * left["value"]
            + (part**3 - 2 * part**2 + part) * span * left["outSlope"]
            + (-2 * part**3 + 3 * part**2) * right["value"]
            + (part**3 - part**2) * span * right["inSlope"]
        )
    return np.array(values)


@pytest.mark.parametrize("fps", RATES)
def test_round_trip(tmp_path, fps):
    before = smooth_performance(fps=fps)
    after = there_and_back(tmp_path / "a.anim", before, "unity", Placing(start_frame=7))
    assert largest_error(after, before) <= TOLERANCE
    assert drift_in_frames(after, before) < 0.01


@pytest.mark.parametrize("fps", RATES)
def test_curves_as_unity_follows_them(tmp_path, fps):
    performance = smooth_performance(24, fps)
    write_performance(tmp_path / "line.anim", performance, FORMATS["unity"], Placing(start_frame=10, face="Body/Face"))
    clip = clip_of(tmp_path / "line.anim")
    assert (clip["m_Name"], clip["serializedVersion"]) == ("line", 6)
    assert clip["m_SampleRate"] == pytest.approx(fps, rel=1e-9)
    curves = clip["m_FloatCurves"]
    assert [curve["attribute"] for curve in curves] == [f"blendShape.{name}" for name in performance.curves.names]
    assert {(curve["path"], curve["classID"]) for curve in curves} == {("Body/Face", 137)}
    times = (10 + np.arange(24)) / fps
    for curve, column in zip(curves, performance.curves.values.T, strict=True):
        keys = curve["curve"]["m_Curve"]
        assert keys[0]["time"] == pytest.approx(10 / fps)
        np.testing.assert_allclose(hermite(keys, times) / 100, column, rtol=0, atol=TOLERANCE)
        halfway = np.interp(times[:-1] + 0.5 / fps, times, column)
        np.testing.assert_allclose(hermite(keys, times[:-1] + 0.5 / fps) / 100, halfway, rtol=0, atol=TOLERANCE)
    assert clip["m_AnimationClipSettings"]["m_StopTime"] == pytest.approx(33 / fps)


def test_head_turns_in_unitys_axes(tmp_path):
    """Unity's x points to the character's right: yaw to the left turns about y by a negative angle."""
    performance = smooth_performance(2)
    performance.head[:] = (0.4, 0, 0)
    write_performance(tmp_path / "a.anim", performance, FORMATS["unity"], Placing(head="Rig/Head"))
    (curve,) = clip_of(tmp_path / "a.anim")["m_RotationCurves"]
    assert curve["path"] == "Rig/Head"
    value = curve["curve"]["m_Curve"][0]["value"]
    assert value == pytest.approx({"x": 0, "y": -np.sin(0.2), "z": 0, "w": np.cos(0.2)}, abs=1e-8)
    expected = quaternions(performance.head[:1])[0] * MIRROR
    np.testing.assert_allclose([value[axis] for axis in "xyzw"], expected, atol=1e-8)


def test_no_head(tmp_path):
    write_performance(tmp_path / "a.anim", smooth_performance(3), FORMATS["unity"], Placing(head=""))
    clip = clip_of(tmp_path / "a.anim")
    assert clip["m_RotationCurves"] == []
    assert np.abs(read_performance(tmp_path / "a.anim").head).max() == 0


def test_bindings_name_every_curve(tmp_path):
    write_performance(tmp_path / "a.anim", smooth_performance(3), FORMATS["unity"], Placing(face="Face"))
    head, *faces = clip_of(tmp_path / "a.anim")["m_ClipBindingConstant"]["genericBindings"]
    assert (head["attribute"], head["typeID"]) == (2, 4)
    assert faces[0]["path"] == zlib.crc32(b"Face")
    assert faces[0]["attribute"] == zlib.crc32(b"blendShape.eyeBlinkLeft")
    assert len(faces) == 52


@pytest.mark.parametrize("name", ["mouth: open", "it's", "1", "yes", "a#b", "口", "- x", "vrc.v_aa", "null"])
def test_odd_names(tmp_path, name):
    performance = smooth_performance(4, names=(name, "b"))
    write_performance(tmp_path / "a.anim", performance, FORMATS["unity"], Placing(name=name))
    assert clip_of(tmp_path / "a.anim")["m_Name"] == name
    assert read_performance(tmp_path / "a.anim").curves.names == (name, "b")


def test_clip_that_unity_saved(tmp_path):
    """Smooth slopes, a step, long vectors in two lines, curves of other things, and the editor's copy of the curves."""
    (tmp_path / "a.anim").write_text(SAVED, "utf-8")
    performance = read_performance(tmp_path / "a.anim")
    assert performance.curves.names == ("jawOpen",)
    assert performance.curves.fps == 4
    np.testing.assert_allclose(performance.curves.values[:, 0], [0, 0.15625, 0.5, 0.84375, 1, 1, 1, 1, 0], atol=1e-6)
    np.testing.assert_allclose(performance.head[[0, -1], 0], [0, -0.4], atol=1e-6)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
def test_cut_files(tmp_path, share):
    write_performance(tmp_path / "a.anim", smooth_performance(20))
    text = (tmp_path / "a.anim").read_text("utf-8")
    (tmp_path / "a.anim").write_text(text[: int(share * len(text))], "utf-8")
    with pytest.raises(FormatError, match="Unity animation clip"):
        read_performance(tmp_path / "a.anim")


def _key(time, value, slope_in="0", slope_out="0"):
    return (
        f"      - serializedVersion: 3\n        time: {time}\n        value: {value}\n        inSlope: {slope_in}\n"
        f"        outSlope: {slope_out}\n        tangentMode: 136\n"
    )


def _float_curve(attribute, keys):
    head = "  - curve:\n      serializedVersion: 2\n      m_Curve:\n"
    return f"{head}{keys}      m_PreInfinity: 2\n    attribute: {attribute}\n    path: Face\n    classID: 137\n"


_TURN = "{x: 0, y: 0.198669330795,\n          z: 0, w: 0.980066577841}"
_FLAT = "{x: 0, y: 0, z: 0, w: 0}"
_JAW = _key(0, 0) + _key(1, 100, "0", "Infinity") + _key(2, 0, "Infinity")
SAVED = (
    "%YAML 1.1\n%TAG !u! tag:unity3d.com,2011:\n--- !u!74 &7400000\nAnimationClip:\n  m_Name: a\n  m_RotationCurves:\n"
    "  - curve:\n      serializedVersion: 2\n      m_Curve:\n"
    + _key(0, "{x: 0, y: 0, z: 0, w: 1}", _FLAT, _FLAT)
    + _key(2, _TURN, _FLAT, _FLAT)
    + "    path: Head\n  m_FloatCurves:\n"
    + _float_curve("blendShape.jawOpen", _JAW)
    + _float_curve("m_Enabled", _key(0, 1))
    + "  m_PPtrCurves: []\n  m_SampleRate: 4\n  m_EditorCurves:\n"
    + _float_curve("blendShape.ignored", _key(0, 1))
)
