"""VRM animations: read by another glTF reader, and held against what the formats prescribe."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from engine_cases import RATES, TOLERANCE, drift_in_frames, largest_error, smooth_performance, there_and_back
from pygltflib import GLTF2

from core.errors import FormatError
from core.formats import FORMATS, Placing, read_performance, write_performance
from core.formats.head_turn import quaternions
from core.rig.convert import to_rig
from core.rig.visemes import VISEMES

REQUIRED_BONES = {"hips", "spine", "head"} | {
    f"{side}{limb}"
    for side in ("left", "right")
    for limb in ("UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot")
}
SINGLE = 1e-6
"""Times are float32, a few seconds long."""


def rows(gltf, number):
    """An accessor's rows, by the reader's view of the file."""
    accessor = gltf.accessors[number]
    assert accessor.componentType == 5126
    view = gltf.bufferViews[accessor.bufferView]
    width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor.type]
    assert view.byteOffset % 4 == 0
    assert view.byteLength == accessor.count * width * 4
    return np.frombuffer(gltf.binary_blob(), "<f4", accessor.count * width, view.byteOffset).reshape(-1, width)


def played(gltf, expression, times):
    """An expression's weight at some seconds: x of its node's translation, straight between keys."""
    about = gltf.extensions["VRMC_vrm_animation"]["expressions"]
    node = next(about[kind][expression]["node"] for kind in ("preset", "custom") if expression in about.get(kind, {}))
    return moved(gltf, node, "translation", times)[:, 0]


def moved(gltf, node, path, times):
    (animation,) = gltf.animations
    (channel,) = [item for item in animation.channels if (item.target.node, item.target.path) == (node, path)]
    sampler = animation.samplers[channel.sampler]
    assert sampler.interpolation in (None, "LINEAR")
    keyed = rows(gltf, sampler.input)[:, 0]
    return np.stack([np.interp(times, keyed, column) for column in rows(gltf, sampler.output).T], axis=1)


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("rig", ["arkit52", "visemes"])
def test_round_trip(tmp_path, fps, rig):
    before = to_rig(smooth_performance(fps=fps), rig)
    after = there_and_back(tmp_path / "a.vrma", before, "vrma", Placing(start_frame=7))
    assert largest_error(after, before) <= TOLERANCE
    assert drift_in_frames(after, before) < 0.01


@pytest.mark.parametrize("fps", RATES)
def test_another_reader_sees_our_values(tmp_path, fps):
    performance = smooth_performance(60, fps)
    write_performance(tmp_path / "line.vrma", performance, FORMATS["vrma"], Placing(start_frame=10))
    gltf = GLTF2().load_binary(str(tmp_path / "line.vrma"))
    times = (10 + np.arange(60)) / fps
    for name, column in zip(performance.curves.names, performance.curves.values.T, strict=True):
        np.testing.assert_allclose(played(gltf, name, times), column, rtol=0, atol=TOLERANCE)
    bones = gltf.extensions["VRMC_vrm_animation"]["humanoid"]["humanBones"]
    turns = moved(gltf, bones["head"]["node"], "rotation", times)
    np.testing.assert_allclose(turns, quaternions(performance.head), rtol=0, atol=SINGLE * 10)
    np.testing.assert_allclose(np.linalg.norm(turns, axis=1), 1, atol=1e-5)


def test_what_the_formats_prescribe(tmp_path):
    write_performance(tmp_path / "line.vrma", smooth_performance(5))
    content = (tmp_path / "line.vrma").read_bytes()
    magic, version, length = struct.unpack_from("<4sII", content)
    assert (magic, version, length) == (b"glTF", 2, len(content))
    gltf = GLTF2().load_binary(str(tmp_path / "line.vrma"))
    about = gltf.extensions["VRMC_vrm_animation"]
    assert gltf.extensionsUsed == ["VRMC_vrm_animation"]
    assert gltf.asset.version == "2.0"
    assert about["specVersion"] == "1.0"
    assert set(about["humanoid"]["humanBones"]) == REQUIRED_BONES
    assert not {"lookUp", "lookDown", "lookLeft", "lookRight"} & set(about["expressions"].get("preset", {}))
    assert "neutral" not in about["expressions"].get("custom", {})
    nodes = [entry["node"] for entry in about["humanoid"]["humanBones"].values()]
    nodes += [entry["node"] for kind in about["expressions"].values() for entry in kind.values()]
    assert sorted(nodes) == list(range(len(gltf.nodes)))
    (animation,) = gltf.animations
    targets = [(channel.target.node, channel.target.path) for channel in animation.channels]
    assert len(set(targets)) == len(targets)
    times = gltf.accessors[animation.samplers[0].input]
    assert (times.min, times.max) == ([0], [pytest.approx(4 / 60)])
    assert gltf.buffers[0].byteLength == sum(view.byteLength for view in gltf.bufferViews)
    assert all(node.children is None or len(node.children) == len(set(node.children)) for node in gltf.nodes)


def test_arms_make_a_t(tmp_path):
    write_performance(tmp_path / "line.vrma", smooth_performance(5))
    gltf = GLTF2().load_binary(str(tmp_path / "line.vrma"))
    by_name = {node.name: node for node in gltf.nodes}
    assert by_name["leftLowerArm"].translation == [0.25, 0, 0]
    assert by_name["rightHand"].translation == [-0.25, 0, 0]


def test_visemes_are_presets_where_vrm_has_one(tmp_path):
    write_performance(tmp_path / "a.vrma", to_rig(smooth_performance(5), "visemes"))
    gltf = GLTF2().load_binary(str(tmp_path / "a.vrma"))
    expressions = gltf.extensions["VRMC_vrm_animation"]["expressions"]
    assert set(expressions["preset"]) == {"aa", "ih", "ou", "ee", "oh"}
    assert set(expressions["custom"]) == set(VISEMES) - {"aa", "ih", "ou", "E", "oh"}


def test_expressions_of_others(tmp_path):
    """Capitals are forgiven, other expressions are kept by name, and a clip need not have a head."""
    write_performance(tmp_path / "a.vrma", smooth_performance(5, names=("jawOpen", "happy")), raw_format())
    edit(tmp_path / "a.vrma", lambda text: text.replace(b'"custom":{"jawOpen"', b'"custom":{"JawOpen"'))
    edit(tmp_path / "a.vrma", lambda text: text.replace(b'"head":{"node":2},', b""))
    performance = read_performance(tmp_path / "a.vrma")
    assert performance.curves.names == ("jawOpen", "happy")
    assert np.abs(performance.head).max() == 0


FAULTS = {
    "no extension": lambda text: text.replace(b'"VRMC_vrm_animation":{', b'"other":{'),
    "no expressions": lambda text: text.replace(b'"expressions"', b'"other"'),
    "no animation": lambda text: text.replace(b'"animations"', b'"other"'),
    "no numbers": lambda text: text.replace(b'"componentType":5126', b'"componentType":5123'),
    "no such view": lambda text: text.replace(b'"bufferView":0', b'"bufferView":999'),
    "text": lambda text: b'"text"',
    "cut": lambda text: text[:100],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(tmp_path, fault):
    write_performance(tmp_path / "a.vrma", smooth_performance(5))
    edit(tmp_path / "a.vrma", FAULTS[fault])
    with pytest.raises(FormatError, match="VRM animation"):
        read_performance(tmp_path / "a.vrma")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.95])
def test_cut_files(tmp_path, share):
    write_performance(tmp_path / "a.vrma", smooth_performance(20))
    content = (tmp_path / "a.vrma").read_bytes()
    (tmp_path / "a.vrma").write_bytes(content[: int(share * len(content))])
    with pytest.raises(FormatError, match="VRM animation"):
        read_performance(tmp_path / "a.vrma")


def raw_format():
    """The format without its list of rigs, for expressions of any name."""
    from dataclasses import replace

    return replace(FORMATS["vrma"], rigs=())


def edit(path, change):
    """Change the JSON of a .glb file and put its lengths right."""
    content = path.read_bytes()
    length = struct.unpack_from("<I", content, 12)[0]
    text = change(content[20 : 20 + length])
    text += b" " * (-len(text) % 4)
    rest = content[20 + length :]
    header = struct.pack("<4sII", b"glTF", 2, 20 + len(text) + len(rest))
    path.write_bytes(header + struct.pack("<I4s", len(text), b"JSON") + text + rest)


def test_the_json_is_small(tmp_path):
    write_performance(tmp_path / "a.vrma", smooth_performance(5))
    content = (tmp_path / "a.vrma").read_bytes()
    length = struct.unpack_from("<I", content, 12)[0]
    assert json.loads(content[20 : 20 + length])["asset"]["generator"].startswith("Mouthpiece ")
