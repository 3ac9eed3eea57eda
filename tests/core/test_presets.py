"""Presets: what is written comes back the same, and what is wrong is told in one sentence."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from core.errors import FormatError
from core.formats.plain_yaml import read_yaml
from core.rig.arkit import ARKIT_52
from core.rig.presets import ENDINGS, preset_of, preset_text, read_preset, write_preset
from core.rig.profiles import PROFILES, Inventory, propose
from core.rig.targets import BONE_CHANNELS, PARTS, Drive, Mapping, Target

DOCUMENT = (Path(__file__).parents[2] / "docs" / "any_rig.md").read_text(encoding="utf-8")
# What hypothesis remembers between runs stays out of the repository.
set_hypothesis_home_dir(tempfile.mkdtemp(prefix="mouthpiece-tests-"))
QUICK = settings(max_examples=60, deadline=None, database=None)
NAMES = st.text(min_size=1, max_size=12)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TARGETS = st.one_of(
    st.builds(Target, st.sampled_from(["shape_key", "property"]), st.text(max_size=8), NAMES),
    st.builds(Target, st.just("bone"), st.text(max_size=8), NAMES, st.sampled_from(BONE_CHANNELS)),
)
LIMITS = st.tuples(st.floats(-10, 10), st.floats(-10, 10)).map(sorted) | st.just([-math.inf, math.inf])
DRIVES = st.builds(
    lambda target, source, gain, offset, limits, part: Drive(target, source, gain, offset, *limits, part),
    TARGETS, st.sampled_from([*ARKIT_52, "E", "CTRL_C_jaw.tx"]), NUMBERS, NUMBERS, LIMITS, st.sampled_from(PARTS),
)  # fmt: skip
MAPPINGS = st.builds(
    Mapping,
    st.text(max_size=20),
    st.sampled_from(["arkit52", "visemes"]),
    st.lists(DRIVES, max_size=6, unique_by=lambda drive: drive.target).map(tuple),
)
PLAIN = {"mouthpiece": "mapping", "version": 1, "name": "n", "rig": "arkit52"}
DRIVE = {"source": "jawOpen", "kind": "shape_key", "name": "Open"}


@pytest.mark.parametrize("ending", ENDINGS)
@QUICK
@given(mapping=MAPPINGS)
def test_any_mapping_comes_back_the_same(ending, mapping):
    assert preset_of(preset_text(mapping, ending), ending) == mapping


@QUICK
@given(mapping=MAPPINGS)
def test_other_readers_see_the_same(mapping):
    """PyYAML and the json module find in our text what our own readers find."""
    text = preset_text(mapping, ".yaml")
    assert yaml.safe_load(text) == read_yaml(text) == json.loads(preset_text(mapping, ".json"))


@pytest.mark.parametrize("key", PROFILES)
@pytest.mark.parametrize("ending", [".json", ".yaml"])
def test_every_proposal_is_a_preset(tmp_path, key, ending):
    kinds = {kind: {"A": tuple(r.name for r in PROFILES[key].rows if r.kind == kind)} for kind in
             ("shape_key", "bone", "property")}  # fmt: skip
    mapping = propose(Inventory(*kinds.values()), key).mapping
    write_preset(tmp_path / f"p{ending}", mapping)
    assert read_preset(tmp_path / f"p{ending}") == mapping


def test_what_is_usual_is_left_out():
    drives = (
        Drive(Target("shape_key", "", "Open"), "jawOpen", 0.5),
        Drive(Target("property", "Rig", "x"), "cheekPuff"),
    )
    mapping = Mapping("Mine", "arkit52", drives)
    assert preset_text(mapping, ".yaml") == (
        'mouthpiece: "mapping"\nversion: 1\nname: "Mine"\nrig: "arkit52"\ndrives:\n'
        '  - {source: "jawOpen", kind: "shape_key", name: "Open", gain: 0.5}\n'
        '  - {source: "cheekPuff", kind: "property", owner: "Rig", name: "x"}\n'
    )
    assert json.loads(preset_text(mapping))["drives"][0] == DRIVE | {"gain": 0.5}


def test_a_person_may_write_yaml_as_people_do():
    text = """
# My goblin
mouthpiece: mapping   # what it is
version: 1
name: Goblin's face, no. 2
rig: arkit52
drives:
- source: jawOpen
  kind: bone
  owner: 'Gob''s rig'
  name: jaw
  channel: rotation.x
  gain: .35
  low: -.inf
-
  source: mouthSmileLeft
  kind: shape_key
  name: "Smile #1\\u00e9"
  gain: 1
- {source: jawOpen, kind: shape_key, name: Open wide, part: positive, high: 1.0}
"""
    mapping = preset_of(text, ".yaml")
    assert mapping.name == "Goblin's face, no. 2"
    assert [str(target) for target in mapping.targets] == ["Gob's rig: jaw rotation.x", "Smile #1é", "Open wide"]
    assert mapping.drives[0].gain == 0.35
    assert mapping.drives[2] == Drive(Target("shape_key", "", "Open wide"), "jawOpen", high=1, part="positive")
    assert yaml.safe_load(text) == read_yaml(text)


YAMLS = [
    "", "# nothing", "a: 1", "a: 1\nb:\n  c: [1, 2.5, x y, 'it''s', \"q\\n\"]", "- 1\n- - 2\n  - 3\n- a: b\n  c: d",
    "a:\n- 1\n- 2\nb: {c: {d: []}}", "a: -1.5e+3\nb: +4\nc: ~\nd: true\ne: 'true'\nf: null", "---\na: x#y\nb: x # y\n",
    "a: http://x.y/z:1\nb: [a:b, c]", "a: {}\nb:\nc: {x: , y: 1}", "'a b': 1\n\"c: d\": 2", "a: .inf\nb: -.inf",
    "a:\n    b:\n        c: 1\n    d: 2\ne: 3", "- {a: 1}\n- [[1], [2]]\n-\n  a: 1", "a: 1.0e-05\nb: 0.5\nc: -0.0",
    "plain text", "a: b c  \nd: e", "x: -y\n-z: 1", "a: [1, 2,]", "a: \u00fcber\nb: \U0001f600", "a: '#'\nb: \"#\"",
]  # fmt: skip


@pytest.mark.parametrize("text", YAMLS)
def test_plain_yaml_means_what_it_means_elsewhere(text):
    assert read_yaml(text) == yaml.safe_load(text)


FAULTS = {
    "a: &x 1": 'Line 1 uses "&", a part of YAML that is not read here',
    "a: 1\nb: *x": 'Line 2 uses "\\*"',
    "a: !!python/object/apply:os.system [ls]": 'Line 1 uses "!"',
    "a: |\n  text": 'Line 1 uses "\\|"',
    "a:\n\tb: 1": "Line 2 is indented with a tab; use spaces",
    "a: 1\na: 2": 'Line 2 has the key "a" a second time',
    "a: {b: 1, b: 2}": 'Line 1 has the key "b" a second time',
    "a: 1\n   b: 2": "Line 2 is indented further than what it belongs to",
    "  a: 1\nb: 2": "Line 2 is indented like nothing above it",
    "a: [1, 2": 'Line 1 lacks a comma or a closing "]"; brackets must end on the line',
    "a: 'x": "Line 1 lacks a closing quote",
    'a: "x\\q"': 'Line 1 has the escape "\\\\q", which YAML does not know',
    "a: b: c": "Line 1 has a colon inside a value; put the value in quotes",
    "a: 1\nb": 'Line 2 must be "key: value"',
    "a: 1\n---\nb: 2": "Line 2 begins another document",
    "1: 2": "Line 1 has a key that is no text; put it in quotes",
    "a: [1] 2": "Line 1 has more after the value than a comment",
    "a: {b 1}": 'Line 1 must have a value after the key "b 1"',
    "a: [,]": 'Line 1 cannot be read at ",]"',
    "- " * 200 + "1": "Line 1 is nested more than 32 deep",
    "a: " + "[" * 200: "Line 1 is nested more than 32 deep",
}


@pytest.mark.parametrize("text", FAULTS)
def test_other_yaml_is_refused_with_its_line(text):
    with pytest.raises(FormatError, match=FAULTS[text]) as caught:
        read_yaml(text)
    assert str(caught.value).endswith(".")


@settings(QUICK, max_examples=300)
@given(st.text(st.sampled_from(list("ab:-[]{},#'\"\\ \n&*?|")), max_size=30))
def test_any_text_is_read_or_refused(text):
    """Whatever stands there, nothing but a sentence is raised; what we do read, PyYAML reads alike where it can.

    Without digits: YAML 1.1 reads 1:30 as ninety.
    """
    try:
        found = read_yaml(text)
    except FormatError:
        return
    try:
        other = yaml.safe_load(text)
    except yaml.YAMLError:
        return
    assert found == other


PRESET_FAULTS = [
    ({"mouthpiece": "take"}, 'It must begin with "mouthpiece: mapping"'),
    (PLAIN, "It lacks the field drives"),
    (PLAIN | {"drives": [], "author": "me"}, 'It has a field "author" that no preset has; its fields are mouthpiece'),
    (PLAIN | {"drives": [], "version": 2}, "Its version is 2, but this Mouthpiece reads version 1"),
    (PLAIN | {"drives": {}}, "Its drives must be a list"),
    (PLAIN | {"drives": [], "name": 3}, "Its name and its rig must be texts"),
    (PLAIN | {"drives": [], "rig": "maya"}, 'There is no rig "maya"'),
    (PLAIN | {"drives": [DRIVE, 3]}, "Drive 2 must be a group of fields such as kind, name and source"),
    (PLAIN | {"drives": [DRIVE | {"gian": 1}]}, 'Drive 1 has a field "gian" that no preset has; its fields are kind'),
    (PLAIN | {"drives": [{"kind": "shape_key", "name": "x"}]}, "Drive 1 lacks the field source"),
    (PLAIN | {"drives": [DRIVE | {"gain": "big"}]}, 'Drive 1 must have a number as gain, but it has "big"'),
    (PLAIN | {"drives": [DRIVE | {"low": True}]}, "Drive 1 must have a number as low, but it has true"),
    (PLAIN | {"drives": [DRIVE | {"owner": None}]}, "Drive 1 must have a text as owner, but it has null"),
    (PLAIN | {"drives": [DRIVE | {"kind": "bone"}]}, "Drive 1: The target \"Open\" must have one of location.x"),
    (PLAIN | {"drives": [DRIVE | {"source": "smile"}]}, 'Drive 1: No rig has a curve "smile" to drive Open'),
    (PLAIN | {"drives": [DRIVE | {"low": 1, "high": 0}]}, "Drive 1: The drive of Open needs limits in order"),
    (PLAIN | {"drives": [DRIVE, DRIVE]}, "Open is driven twice by jawOpen; remove one of the two lines"),
    (PLAIN | {"drives": [DRIVE | {"gain": 10**400}]}, "Drive 1 has a number that is too large"),
    ([PLAIN], 'It must begin with "mouthpiece: mapping"'),
]  # fmt: skip


@pytest.mark.parametrize(("found", "said"), PRESET_FAULTS)
def test_wrong_presets_are_told_by_their_field(found, said):
    with pytest.raises(FormatError, match=said) as caught:
        preset_of(json.dumps(found))
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n"a": 1,\n}', "Line 3 is not JSON at column 1: expecting property name"),
        ('{"version": 1, "version": 2}', 'It has the field "version" twice in one group'),
        ('{"gain": NaN}', "It has NaN where a number must be"),
        ("[" * 100000, "nested too deep"),
        ("9" * 5000, "a number is too long"),
    ],
)
def test_broken_json_is_told_by_its_line(text, said):
    with pytest.raises(FormatError, match=said):
        preset_of(text)


def test_files_are_named_in_every_sentence(tmp_path):
    mapping = Mapping("n", "arkit52", ())
    for name, said in (
        ("x.json", '"x.json" does not exist'),
        ("x.txt", '"x.txt" has no known ending; name the preset'),
    ):
        with pytest.raises(FormatError, match=said):
            read_preset(tmp_path / name)
    (tmp_path / "bad.yaml").write_text("a: &b 1")
    with pytest.raises(FormatError, match=r'"bad.yaml" is no preset that can be read: Line 1 uses "&"'):
        read_preset(tmp_path / "bad.yaml")
    (tmp_path / "latin.json").write_bytes(b'{"\xe9": 1}')
    with pytest.raises(FormatError, match="is not UTF-8 text"):
        read_preset(tmp_path / "latin.json")
    with pytest.raises(FormatError, match=r'"dir\.json" cannot be read'):
        (tmp_path / "dir.json").mkdir()
        read_preset(tmp_path / "dir.json")
    with pytest.raises(FormatError, match="does not exist; create it first"):
        write_preset(tmp_path / "none" / "x.json", mapping)
    with pytest.raises(FormatError, match=r"name the preset with one of \.json, \.yaml, \.yml"):
        write_preset(tmp_path / "x", mapping)


def test_a_preset_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "mine.json"
    write_preset(path, Mapping("old", "arkit52", ()))

    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", broken)
    with pytest.raises(FormatError, match="no space left"):
        write_preset(path, Mapping("new", "arkit52", ()))
    assert read_preset(path).name == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["mine.json"]


def test_the_documents_example_is_a_preset():
    mapping = preset_of(DOCUMENT.split("```yaml\n")[1].split("```")[0], ".yaml")
    assert mapping.name == "My goblin"
    assert [str(target) for target in mapping.targets] == ["Rig: jaw rotation.x", "Grin_L", "Rig/tongue: lift"]
    assert (mapping.drives[1].gain, mapping.drives[2].part) == (1.2, "positive")


def test_the_document_lists_every_profile():
    rows = [line.strip("| ").split(" | ") for line in DOCUMENT.splitlines() if line.startswith("| `") and "|" in line]
    told = {row[0].strip("`"): row[1:] for row in rows if row[0].strip("`") in PROFILES}
    assert told == {
        key: [profile.title, str(len(profile.names)), f"`{profile.rig}`", f"{profile.worth:g}"]
        for key, profile in PROFILES.items()
    }


def test_the_documents_proposal_is_what_is_proposed():
    found = propose(Inventory({"Head": ("Basis", "viseme_PP", "viseme_aa", "viseme_O", "eyesClosed")}))
    assert found.summary.split("missing")[0] in DOCUMENT
    assert f"({json.dumps(found.fallbacks[0])},)" in DOCUMENT
