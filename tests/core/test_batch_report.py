"""What a batch's report flags, and that its JSON and its page are what they promise."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from waves import LINE

from core.batch import findings
from core.batch.page import page
from core.batch.picture import COLUMNS, drawing, picture_of
from core.batch.plan import Item
from core.batch.report import Report, entry_of, write_report
from core.batch.settings import Settings
from core.batch.work import Order, do
from core.types import Speech

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[2] / "core/batch/data/report.schema.json").read_text(encoding="utf-8")
)
NASTY = '<script>alert("x")</script>&\'\x1b[2J'


@pytest.fixture(scope="module")
def line_entry(tmp_path_factory):
    """The sample line as a batch reports it."""
    folder = tmp_path_factory.mktemp("faces")
    return do(Order(LINE, LINE.with_suffix(".txt"), (folder / "line.csv",)), Settings(fps=24.0))


def faults(value, schema, where="report"):
    """What of a JSON value a schema forbids: the part of JSON Schema that ours uses."""
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds and not any(is_kind(value, kind) for kind in kinds):
        return [f"{where} is no {kinds}"]
    found = [] if "const" not in schema or value == schema["const"] else [f"{where} is {value}"]
    found += [] if "enum" not in schema or value in schema["enum"] else [f"{where} is {value}"]
    if is_kind(value, "number"):
        inside = schema.get("minimum", value) <= value <= schema.get("maximum", value)
        found += [] if inside else [f"{where} is {value}"]
    if isinstance(value, list):
        inside = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
        found += [] if inside else [f"{where} has {len(value)} items"]
        found += [
            fault for i, row in enumerate(value) for fault in faults(row, schema.get("items", {}), f"{where}[{i}]")
        ]
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [f"{where} lacks {name}" for name in schema.get("required", ()) if name not in value]
        if schema.get("additionalProperties") is False:
            found += [f"{where} has {name}" for name in value if name not in known]
        found += [
            fault for name in known if name in value for fault in faults(value[name], known[name], f"{where}.{name}")
        ]
    return found


def is_kind(value, kind):
    if isinstance(value, bool):
        return kind == "boolean"
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "null": type(None)}
    return isinstance(value, kinds[kind])


class Page(HTMLParser):
    """Tags, texts and addresses of a page; tags must be closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.texts, self.addresses = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.addresses += [value for name, value in attrs if name in ("href", "src", "xlink:href", "data")]
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def report_of(*entries):
    return Report(Settings().members(), entries, 1_700_000_000.0, 2.5)


def item(name="act 1/line", character="Ada"):
    return Item(name, Path("/takes/line.wav"), Path("/takes/line.txt"), (Path("/faces/line.csv"),), character)


def test_the_report_keeps_its_schema(line_entry):
    report = report_of(
        entry_of(item(), "done", line_entry),
        entry_of(item("b"), "kept", line_entry),
        entry_of(item("c"), "refused", {"sentence": "No."}),
    )
    members = json.loads(json.dumps(report.members()))
    assert faults(members, SCHEMA) == []
    assert members["totals"]["recordings"] == 3
    assert members["totals"]["speech_s"] == pytest.approx(2 * 10.665, abs=0.01)
    assert members["started"] == "2023-11-14T22:13:20+00:00"


def test_the_schema_sees_faults(line_entry):
    members = report_of(entry_of(item(), "done", line_entry)).members()
    row = members["recordings"][0]
    row["status"] = "lost"
    row["frames"] = "many"
    row["extra"] = 1
    del members["totals"]["done"]
    assert len(faults(members, SCHEMA)) == 4


def test_the_schema_names_every_code():
    row = SCHEMA["properties"]["recordings"]["items"]["properties"]["findings"]["items"]["properties"]
    assert set(row["code"]["enum"]) == {*findings.CODES, "doubt"}


def test_a_good_line_has_nothing_to_look_at(line_entry):
    assert [found["code"] for found in line_entry["findings"]] == ["mapping_holes"]
    assert line_entry["closures"]["wanted"] == line_entry["closures"]["met"] > 10
    assert line_entry["frames"] == 256


def test_two_files_of_the_report(tmp_path, line_entry):
    write_report(tmp_path / "report", report_of(entry_of(item(), "done", line_entry)))
    members = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page(members)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json"]


def test_the_page_needs_nothing_else(line_entry):
    found = Page(
        page(report_of(entry_of(item(), "done", line_entry), entry_of(item("b"), "done", line_entry)).members())
    )
    assert found.open == []
    assert all(address.startswith("#r") for address in found.addresses)
    names = [tag for tag, _ in found.tags]
    assert not {"script", "link", "img", "iframe", "object"} & set(names)
    assert names.count("svg") == 2
    assert {f"#{attributes['id']}" for tag, attributes in found.tags if tag == "section"} == set(found.addresses)
    assert "@import" not in page(report_of().members())
    assert "url(" not in page(report_of().members())


def test_nothing_can_break_out_of_the_page(line_entry):
    told = line_entry | {
        "sentence": NASTY,
        "findings": [{"code": NASTY, "severity": "miss", "text": NASTY, "times_s": [1.0]}],
    }
    members = report_of(entry_of(item(NASTY, NASTY), "done", told)).members()
    members["recordings"][0] |= {"recording": NASTY, "words": NASTY}
    members |= {"version": NASTY, "started": NASTY}
    members["settings"] |= {"rig": NASTY, "formats": [NASTY]}
    text = page(members)
    found = Page(text)
    assert found.open == []
    assert "script" not in [tag for tag, _ in found.tags]
    assert "\x1b" not in text
    assert text.count("<script") == 0
    assert sum('<script>alert("x")</script>' in piece for piece in found.texts) == 7


def test_what_needs_somebody_comes_first(line_entry):
    flagged = line_entry | {"findings": [{"code": "music", "severity": "miss", "text": "M", "times_s": []}]}
    entries = (
        entry_of(item("good"), "done", line_entry),
        entry_of(item("flagged"), "done", flagged),
        entry_of(item("refused"), "refused", {"sentence": "No."}),
    )
    text = page(report_of(*entries).members())
    assert text.index(">refused</a>") < text.index(">flagged</a>") < text.index(">good</a>")
    assert report_of(*entries).misses == 1


def test_pictures_show_sound_lips_and_closures():
    speech = Speech(np.sin(np.arange(16_000) / 20).astype(np.float32), 16_000)
    picture = picture_of(speech, np.linspace(0, 0.4, 60), [(0.1, 0.2, True), (0.5, 0.6, False)])
    assert len(picture["envelope"]) == COLUMNS
    assert len(picture["opening"]) == 60
    assert (picture["opening"][0], picture["opening"][-1]) == (0, 100)
    assert min(picture["envelope"]) >= 50
    svg = drawing(picture, 1.0)
    assert svg.count('class="met"') == svg.count('class="open"') == 1
    assert 'x="60.0"' in svg
    tiny = picture_of(Speech(np.zeros(1, np.float32), 16_000), np.zeros(1), [])
    assert "M" in drawing(tiny, 1 / 16_000)
