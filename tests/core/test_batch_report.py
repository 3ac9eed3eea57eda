"""What a batch's report flags, and that its JSON and its page are what they promise."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile
from waves import LINE

from core.audio import doubts, read_speech
from core.batch import findings
from core.batch.holes import lost_controls
from core.batch.page import page
from core.batch.picture import COLUMNS, drawing, picture_of
from core.batch.plan import Item
from core.batch.report import Report, entry_of, write_report
from core.batch.settings import Settings
from core.batch.work import Order, do
from core.guidance import Guidance
from core.rig.board import BOARD_NAMES
from core.speech.articulation import SEALED
from core.speech.direction import Direction
from core.speech.phones import Phone, PhoneTrack
from core.types import RigCurves, Speech

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


def track(*rows, duration_s=2.0):
    return PhoneTrack(tuple(Phone(*row) for row in rows), duration_s)


def test_lips_that_stay_open_are_flagged():
    phones = track(("AH", 0.0, 0.5), ("M", 0.5, 0.6), ("AH", 0.6, 1.0), ("B", 1.0, 1.1), ("P", 1.5, 1.6, 0.2))
    opening = np.full(120, 0.2)
    opening[31:35] = SEALED
    found = findings.closures(phones, opening, 60.0)
    assert found == [(0.5, 0.6, True), (1.0, 1.1, False)]
    (flag,) = findings.unclosed_lips(found)
    assert (flag.code, flag.severity, flag.times_s) == ("unclosed_lips", "miss", (1.0,))
    assert "1 of 2" in flag.text
    assert findings.unclosed_lips(found[:1]) == []


def test_a_late_face_closes_late():
    opening = np.full(120, 0.2)
    opening[48:52] = 0
    phones = track(("M", 0.5, 0.55))
    assert [met for _, _, met in findings.closures(phones, opening, 60.0)] == [False]
    assert findings.closures(phones, opening, 60.0, 0.3) == [(0.5, 0.55, True)]


def test_a_mouth_that_moves_in_silence_is_flagged():
    speaking = np.ones(200, bool)
    speaking[50:150] = False
    still, moving = np.full(240, 0.1), np.full(240, 0.1)
    still[:75] = 0.4
    moving[100:110] = 0.3
    assert findings.moves_in_silence(speaking, still, 60.0) == []
    (flag,) = findings.moves_in_silence(speaking, moving, 60.0)
    assert (flag.code, flag.times_s) == ("moves_in_silence", (1.0,))
    speaking[60:150:20] = True
    assert findings.moves_in_silence(speaking, moving, 60.0) == []
    assert findings.moves_in_silence(np.zeros(2, bool), np.zeros(1), 60.0) == []


@pytest.mark.parametrize("wishes", [{}, {"breath_depth": 2.0}, {"offset_s": 0.4}, {"smoothing_s": 0.4}])
def test_pauses_of_a_good_performance_are_not_flagged(tmp_path, wishes):
    samples, rate_hz = read_speech(LINE).samples, 16_000
    rng = np.random.default_rng(0)
    quiet = (0.001 * rng.standard_normal(3 * rate_hz)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", np.concatenate([quiet, samples, quiet, samples, quiet]), rate_hz)
    settings = Settings(formats=("npz",), guidance=Guidance(direction=Direction(**wishes)))
    entry = do(Order(tmp_path / "a.wav", None, (tmp_path / "a.npz",)), settings)
    assert [found["code"] for found in entry["findings"]] == ["mapping_holes"]


def test_phones_put_into_a_silence_are_flagged(tmp_path):
    speech, rate_hz = read_speech(LINE).samples.copy(), 16_000
    soundfile.write(tmp_path / "a.wav", np.concatenate([speech[: 4 * rate_hz], np.zeros(3 * rate_hz)]), rate_hz)
    (tmp_path / "a.txt").write_text("4.5\t4.7\tAA\n4.7\t4.9\tM\n4.9\t5.3\tAA\n5.3\t5.5\tM\n")
    entry = do(Order(tmp_path / "a.wav", tmp_path / "a.txt", (tmp_path / "a.csv",)), Settings())
    assert "moves_in_silence" in [found["code"] for found in entry["findings"]]


def test_doubts_of_recordings_have_codes():
    codes = [
        found.code for found in findings.of_recording((doubts.CLIPPED, doubts.NARROW, doubts.MUSIC, doubts.SILENT))
    ]
    assert codes == ["clipped_audio", "narrow_band", "music", "silent"]
    assert findings.of_recording(("Something new.",))[0].code == "doubt"


def test_no_speech_is_flagged_unless_it_is_silence():
    assert [found.code for found in findings.no_speech(track(("sil", 0.0, 2.0)), ())] == ["no_speech"]
    assert findings.no_speech(track(("sil", 0.0, 2.0)), (doubts.SILENT,)) == []
    assert findings.no_speech(track(("M", 0.0, 2.0)), ()) == []


def board(**values):
    rows = np.zeros((3, len(BOARD_NAMES)), np.float32)
    for name, value in values.items():
        rows[1, BOARD_NAMES.index(name.replace("__", "."))] = value
    return RigCurves(BOARD_NAMES, rows, 60.0)


def test_motion_that_a_rig_has_nothing_for():
    brow, jaw = "CTRL_L_brow_down__ty", "CTRL_C_jaw__ty"
    moved = board(**{brow: 0.8, jaw: 0.5})
    assert lost_controls(moved, "metahuman") == ()
    assert lost_controls(moved, "arkit52") == ()
    assert lost_controls(moved, "visemes") == ("CTRL_L_brow_down.ty",)
    assert lost_controls(board(**{brow: 0.05}), "visemes") == ()
    together = {f"CTRL_{side}_mouth_lipsTogether{lip}__ty": 1.0 for side in "LR" for lip in "UD"}
    assert lost_controls(board(**together, **{jaw: 0.5}), "arkit52") == ()
    assert "CTRL_C_tongue_inOut.ty" in lost_controls(board(CTRL_C_tongue_inOut__ty=-1.0), "visemes")
    (flag,) = findings.mapping_holes("visemes", ("CTRL_L_brow_down.ty",))
    assert (flag.severity, flag.text) == ("note", "The rig visemes has nothing for what moves here: L_brow_down.")
    assert "and 3 more" in findings.mapping_holes("visemes", BOARD_NAMES[:7])[0].text
    assert findings.mapping_holes("visemes", ()) == []
