"""Heads of splats as files: the same head comes back, and a bad file is one sentence."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save
from splat_heads import small_head

from core.errors import CoreError, FormatError, ShapeError
from core.splat.head import Bones, Clip
from core.splat.head_files import LAYOUT, read_head, write_head
from core.splat.pose import pose
from core.splat.types import SplatError, Splats


@pytest.fixture
def path(tmp_path):
    return tmp_path / "nobody.splathead"


def test_the_same_head_comes_back(path):
    head = small_head()
    write_head(head, path)
    again = read_head(path)
    assert again.facts == head.facts and again.ceilings == head.ceilings and again.sliders == head.sliders
    weights, turn = np.linspace(0, 1, 52, dtype=np.float32), np.array([0.1, 0.2, 0.3])
    one, two = pose(head, weights, turn, {"take": 0.07}), pose(again, weights, turn, {"take": 0.07})
    assert all((getattr(one, name) == getattr(two, name)).all() for name in Splats.__dataclass_fields__)


def test_the_same_head_is_the_same_bytes(path, tmp_path):
    write_head(small_head(), path)
    for _ in range(5):
        write_head(small_head(), tmp_path / "again.splathead")
        assert path.read_bytes() == (tmp_path / "again.splathead").read_bytes()


def test_a_place_that_does_not_do_is_said(tmp_path):
    with pytest.raises(FormatError, match="does not exist"):
        write_head(small_head(), tmp_path / "none" / "head.splathead")
    assert not list(tmp_path.iterdir())


def contents(path):
    with safe_open(str(path), framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118


def spoil_numbers(name, place, value):
    def change(tensors, words):
        tensors[name][place] = value

    return change


def spoil_words(name, value):
    def change(tensors, words):
        words[name] = value

    return change


def cut(name):
    def change(tensors, words):
        tensors[name] = tensors[name][:-1]

    return change


def drop(name):
    def change(tensors, words):
        del tensors[name]

    return change


def recast(name, kind):
    def change(tensors, words):
        tensors[name] = tensors[name].astype(kind)

    return change


SPOILED = {
    "point not finite": spoil_numbers("template.points", 3, np.nan),
    "point far away": spoil_numbers("template.points", 3, 1e9),
    "triangle beyond": spoil_numbers("template.triangles", 0, 40),
    "triangle below": spoil_numbers("template.triangles", 0, -1),
    "bound beyond": spoil_numbers("binding.triangles", 5, 50),
    "shape vertex beyond": spoil_numbers("shapes.vertices", 0, 99),
    "shape vertex twice": spoil_numbers("shapes.vertices", slice(0, 2), 7),
    "shape starts fall": spoil_numbers("shapes.starts", 2, 0),
    "shape starts end": spoil_numbers("shapes.starts", -1, 10_000),
    "no shape starts": lambda tensors, words: tensors.update({"shapes.starts": np.zeros(0, np.int64)}),
    "offset infinite": spoil_numbers("shapes.offsets", 0, np.inf),
    "quaternion nought": spoil_numbers("binding.quats", 4, 0),
    "size absurd": spoil_numbers("binding.log_scales", 4, 1e30),
    "opacity not a number": spoil_numbers("logits", 1, np.nan),
    "colour infinite": spoil_numbers("sh", 1, -np.inf),
    "weights too large": spoil_numbers("bones.weights", 1, 1.0),
    "weight below 0": spoil_numbers("bones.weights", 1, np.array([-1, 1, 1], np.float32)),
    "pivot far": spoil_numbers("bones.pivots", 0, 1e20),
    "mix not a number": spoil_numbers("mix", 0, np.nan),
    "delta splat beyond": spoil_numbers("correctives.splats", -1, 150),
    "delta splat below": spoil_numbers("correctives.splats", 0, -4),
    "delta starts fall": spoil_numbers("correctives.starts", 1, 10_000),
    "delta scale": spoil_numbers("correctives.scales", 0, np.inf),
    "clip values": spoil_numbers("clip0.values", 0, np.nan),
    "clip coefficients": spoil_numbers("clip0.coefficients", 0, np.nan),
    "short logits": cut("logits"),
    "short harmonics": cut("sh"),
    "short quaternions": cut("binding.quats"),
    "short values": cut("correctives.values"),
    "short clip": cut("clip0.splats"),
    "no mix": drop("mix"),
    "no triangles": drop("template.triangles"),
    "double points": recast("template.points", np.float64),
    "wide triangles": recast("template.triangles", np.int64),
    "whole quaternions": recast("binding.quats", np.int32),
    "other shapes": spoil_words("arkit", ["jawOpen"]),
    "a name is no word": spoil_words("bones", ["chest", 1, "head"]),
    "one bone too many": spoil_words("bones", ["a", "b", "c", "d"]),
    "shares": spoil_words("shares", [0.5, 0.5, 0.5]),
    "share is a word": spoil_words("shares", ["a", "b", "c"]),
    "shape twice": lambda tensors, words: words["shapes"].__setitem__(0, words["shapes"][1]),
    "shape missing": lambda tensors, words: words["shapes"].pop(),
    "ceiling": spoil_words("ceilings", [{"shape": "jawOpen"}]),
    "ceiling not a number": spoil_words("ceilings", [{"shape": "jawOpen", "base": float("nan"), "slopes": {}}]),
    "slopes a list": spoil_words("ceilings", [{"shape": "jawOpen", "base": 0, "slopes": [1]}]),
    "group unknown": spoil_words("correctives", {"names": ["jawOpen", "smile", "pout"], "groups": ["taste"]}),
    "corrective twice": spoil_words("correctives", {"names": ["a", "a", "b"], "groups": ["offset"]}),
    "clips a word": spoil_words("clips", "take"),
    "clip of no rate": lambda tensors, words: words["clips"][0].update(fps=0),
    "clip of endless rate": lambda tensors, words: words["clips"][0].update(fps=float("inf")),
    "clip rate of many digits": lambda tensors, words: words["clips"][0].update(fps=10**400),
    "facts a list": spoil_words("facts", ["me"]),
    "fact a number": spoil_words("facts", {"name": 3}),
    "words missing": lambda tensors, words: words.clear(),
}


@pytest.mark.parametrize("fault", SPOILED, ids=str)
def test_a_spoiled_head_is_one_sentence(path, fault):
    write_head(small_head(), path)
    tensors, about = contents(path)
    words = json.loads(about["head"])
    SPOILED[fault](tensors, words)
    path.write_bytes(save(tensors, {"head": json.dumps(words)}))
    with pytest.raises(SplatError) as caught:
        read_head(path)
    text = str(caught.value)
    assert text.startswith('"nobody.splathead" ') and text.endswith(".") and "\n" not in text and len(text) < 300


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"\xff" * 64,
        b"\x02\x00\x00\x00\x00\x00\x00\x00{}",
        (2**62).to_bytes(8, "little") + b"{}",
        save({"a": np.zeros(1, np.float32)}),
        save({"a": np.zeros(1, np.float32)}, {"head": '{"layout": "mouthpiece-splat-head-9"}'}),
        save({"a": np.zeros(1, np.float32)}, {"head": json.dumps({"layout": LAYOUT})}),
        save({"a": np.zeros(1, np.float32)}, {"head": "[" * 100_000}),
        save({"a": np.zeros(1, np.float32)}, {"head": "3"}),
        save({"a": np.zeros(1, np.float32)}, {"head": '{"layout": "' + "x" * 5000 + '"}'}),
    ],
)
def test_what_is_no_head_is_one_sentence(path, data):
    path.write_bytes(data)
    with pytest.raises(SplatError, match="nobody"):
        read_head(path)


def test_a_file_cut_anywhere_is_one_sentence(path):
    write_head(small_head(20), path)
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, max(1, len(whole) // 40)):
        path.write_bytes(whole[:length])
        with pytest.raises(SplatError):
            read_head(path)


def test_bits_turned_anywhere_never_end_in_another_error(path):
    write_head(small_head(20), path)
    whole, random = path.read_bytes(), np.random.default_rng(6)
    for place in random.integers(0, len(whole), 150):
        spoiled = bytearray(whole)
        spoiled[place] ^= 1 << int(random.integers(0, 8))
        path.write_bytes(bytes(spoiled))
        try:
            head = read_head(path)
        except CoreError:
            continue
        assert np.isfinite(pose(head, np.ones(52, np.float32)).means).all()


def test_a_missing_file_and_a_folder_are_said(tmp_path):
    for place in (tmp_path / "none.splathead", tmp_path):
        with pytest.raises(SplatError, match="read"):
            read_head(place)


def test_a_head_that_does_not_fit_together_is_not_made():
    head = small_head()
    bones, clip = head.bones, head.clips["take"]
    for wrong in (
        lambda: Bones(bones.names, bones.pivots, (1.0,), bones.weights),
        lambda: Bones(bones.names, bones.pivots, bones.shares, bones.weights * 2),
        lambda: Clip(clip.coefficients[:0], 25.0, clip.changes),
        lambda: dataclasses.replace(head, logits=head.logits[:-1]),
        lambda: dataclasses.replace(head, sh=head.sh[:, :2]),
        lambda: dataclasses.replace(head, mix=head.mix[:1]),
        lambda: dataclasses.replace(head.correctives, groups=("color", "offset")),
    ):
        with pytest.raises(ShapeError):
            wrong()
