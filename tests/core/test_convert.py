"""Trimming, frame rates, rigs and the command convert, as a farm sees it: exit codes, one sentence, whole files."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from doors import run
from engine_cases import RATES, for_format, largest_error, smooth_performance

from core import cli
from core.convert import ConvertJob, convert
from core.errors import CoreError, FormatError, SettingError
from core.formats import FORMATS, Placing, check_target, endings, read_performance, write_performance
from core.retime import at_rate, trimmed
from core.rig.arkit import ARKIT_52
from core.rig.board import BOARD_NAMES
from core.rig.convert import to_rig
from core.rig.mapping import METAHUMAN_RAW_251
from core.speech.phones import Phone, PhoneTrack

TRACK = PhoneTrack((Phone("M", 0.1, 0.4), Phone("AA", 0.4, 0.7), Phone("S", 0.8, 1.0)), 1.0)


@pytest.fixture
def line(tmp_path):
    """A second of motion with phones, stored exactly."""
    path = tmp_path / "line.npz"
    write_performance(path, replace(smooth_performance(60), phones=TRACK))
    return path


def command(*arguments):
    """The command line within this process; what it says goes to the captured streams."""
    return cli.main(["convert", *map(str, arguments)])


def test_every_format_says_what_it_is():
    for name, form in FORMATS.items():
        assert form.name == name
        assert re.fullmatch(r"[a-z0-9-]+", name)
        assert form.title
        assert form.description
        assert not form.description.endswith(".")
        assert re.fullmatch(r"\.[a-z]+", form.ending)
        assert form.claims is None or form.reads
    for ending in endings():
        plain = [form for form in FORMATS.values() if form.ending == ending and form.reads and form.claims is None]
        assert len(plain) == (0 if ending in (".py", ".dat") else 1), "one reader takes what no other claims"


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("target_fps", [24000 / 1001, 25.0, 60.0, 120.0])
def test_rate(fps, target_fps):
    """Motion keeps its place in time: a curve that is a straight line of seconds stays that line."""
    before = smooth_performance(50, fps)
    before.curves.values[:, 0] = np.arange(50) / fps
    after = at_rate(before, target_fps)
    times = np.arange(len(after.head)) / target_fps
    np.testing.assert_allclose(after.curves.values[:, 0], times, atol=1e-6)
    assert 0 <= 49 / fps - times[-1] < 1 / target_fps + 1e-6
    assert after.curves.fps == target_fps


def test_rate_that_is_a_multiple_keeps_every_row():
    before = smooth_performance(50, 30.0)
    np.testing.assert_array_equal(at_rate(before, 60.0).curves.values[::2], before.curves.values)
    np.testing.assert_array_equal(at_rate(at_rate(before, 60.0), 30.0).curves.values, before.curves.values)
    assert at_rate(before, 30.0) is before


@pytest.mark.parametrize("fps", [0.5, 241, math.nan, math.inf, -24])
def test_rates_that_cannot_be(fps):
    with pytest.raises(SettingError, match="1 to 240"):
        at_rate(smooth_performance(5), fps)


@pytest.mark.parametrize("fps", RATES)
def test_trim(fps):
    before = smooth_performance(50, fps)
    after = trimmed(before, 10 / fps, 30 / fps)
    np.testing.assert_array_equal(after.curves.values, before.curves.values[10:30])
    np.testing.assert_array_equal(after.head, before.head[10:30])
    between = trimmed(before, 9.4 / fps, 29.4 / fps)
    np.testing.assert_array_equal(between.curves.values, before.curves.values[10:30])


def test_trim_moves_phones(line):
    phones = trimmed(read_performance(line), 0.5, 0.9).phones
    assert phones.duration_s == pytest.approx(0.4)
    assert [phone.symbol for phone in phones.phones] == ["AA", "S"]
    times = [(phone.start_s, phone.end_s) for phone in phones.phones]
    np.testing.assert_allclose(times, [(0, 0.2), (0.3, 0.4)], atol=1e-9)


@pytest.mark.parametrize(
    ("start", "stop"), [(1.0, math.inf), (0.5, 0.5), (0.5, 0.2), (-1, 1), (math.nan, 1), (0.501, 0.502)]
)
def test_parts_that_hold_nothing(start, stop):
    with pytest.raises(SettingError, match=r"\d"):
        trimmed(smooth_performance(60), start, stop)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_from_the_board(tmp_path, form):
    """A rig the format does not take becomes the one it is made for."""
    source = tmp_path / "board.npz"
    write_performance(source, to_rig(smooth_performance(30), "metahuman"))
    target = tmp_path / f"out{FORMATS[form].ending}"
    report = convert(ConvertJob(source, target, to=form))
    assert (report.frames, report.fps, report.title) == (30, 60.0, FORMATS[form].title)
    assert not FORMATS[form].rigs or report.rig in FORMATS[form].rigs
    assert target.stat().st_size > 15


@pytest.mark.parametrize("first", [name for name, form in FORMATS.items() if form.reads])
@pytest.mark.parametrize("second", ["npz", "json", "table"])
def test_chains(tmp_path, first, second):
    """Whatever is read can be written on, and is then what it was."""
    a, b = tmp_path / f"a{FORMATS[first].ending}", tmp_path / f"b{FORMATS[second].ending}"
    write_performance(a, for_format(FORMATS[first], 30), FORMATS[first])
    convert(ConvertJob(a, b, to=second))
    assert largest_error(read_performance(b), read_performance(a)) == 0


@pytest.mark.parametrize(
    ("rig", "names"), [("arkit52", ARKIT_52), ("metahuman", BOARD_NAMES), ("metahuman251", METAHUMAN_RAW_251)]
)
def test_rig(line, rig, names):
    target = line.with_name("out.npz")
    convert(ConvertJob(line, target, rig=rig))
    after = read_performance(target)
    assert after.curves.names == names
    assert after.phones == TRACK


def test_everything_at_once(line, capsys):
    target = line.with_name("out.tres")
    words = ("--fps", "24000/1001", "--from-s", "0.25", "--to-s", "0.75", "--start-frame", "100", "--name", "take")
    assert command(line, target, *words, "--face", "Rig/Face", "--head", "") == 0
    said = capsys.readouterr().out
    assert said == f"{target}: Godot animation, arkit52, 12 frames at 23.976 fps\n"
    after = read_performance(target)
    expected = at_rate(trimmed(read_performance(line), 0.25, 0.75), 24000 / 1001)
    assert largest_error(after, expected, with_head=False) <= 1e-5
    text = target.read_text("utf-8")
    assert 'resource_name = "take"' in text
    assert 'NodePath("Rig/Face:jawOpen")' in text
    assert "rotation_3d" not in text
    assert f"PackedFloat32Array({np.float32(100 * 1001 / 24000):.12g}, 1, " in text


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["missing.npz", "out.csv"], 4, "does not exist"),
        (["line.npz", "out.xyz"], 4, "no known ending"),
        (["line.npz", "nowhere/out.csv"], 4, "does not exist"),
        (["line.npz", "there.csv"], 4, "exists; choose another name, or replace it with --force"),
        (["line.npz", "line.npz"], 4, "exists"),
        (["line.npz", "out.csv", "--to", "unity"], 4, "files end in .anim"),
        (["there.csv", "out.npz"], 4, "not a Live Link Face CSV"),
        (["line.npz", "out.npz", "--from-s", "2"], 2, "Nothing lies between"),
        (["line.npz", "out.npz", "--from-s", "0.5", "--to-s", "0.4"], 2, "must begin"),
        (["line.npz", "out.npz", "--fps", "1000"], 2, "1 to 240"),
        (["line.npz", "out.csv", "--start-frame", "-1"], 2, "start frame must be 0 or more"),
        (["line.npz", "out.npz", "--start-frame", "5"], 2, "cannot say at which frame"),
        (["line.npz", "out.csv", "--to", "livelink", "--rig", "flame"], 4, "takes curves of the rig arkit52"),
        (["line.npz", "out.anim", "--face", 'a"b'], 2, "must not hold quotes"),
        (["odd.npz", "out.vrma"], 5, "turned into another"),
        (["script.py", "out.npz"], 4, "only written"),
    ],
)
def test_faults(line, words, code, sentence, capsys):
    folder = line.parent
    (folder / "there.csv").write_text("mine")
    write_performance(folder / "odd.npz", smooth_performance(3, names=("a", "b")))
    write_performance(folder / "script.py", smooth_performance(3))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    placed = [
        folder / word if "." in word and not word.startswith("-") and number < 2 else word
        for number, word in enumerate(words)
    ]
    assert command(*placed) == code
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_force_replaces(line):
    target = line.with_name("out.csv")
    target.write_text("mine")
    assert command(line, target, "--force") == 0
    assert len(read_performance(target).head) == 60
    assert command(line, line, "--fps", "30", "--force") == 0
    assert read_performance(line).curves.fps == 30


def test_failed_write_keeps_what_was_there(line, monkeypatch):
    def full(path, performance, placing):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(FORMATS, "table", replace(FORMATS["table"], write=full))
    target = line.with_name("out.csv")
    target.write_text("mine")
    with pytest.raises(FormatError, match="no space left"):
        convert(ConvertJob(line, target, to="table", force=True))
    assert sorted(path.name for path in line.parent.iterdir()) == ["line.npz", "out.csv"]
    assert target.read_text() == "mine"


def test_own_process(line):
    target = line.with_name("out.anim")
    done = run("convert", line, target)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{target}: Unity animation clip, arkit52, 60 frames at 60 fps\n"
    assert run("convert", line, target).returncode == 4
    assert run("convert", line, line.with_name("a.csv"), "--to", "nothing").returncode == 2
    assert "rhubarb-json" in run("convert", "--help").stdout


def test_unknown_format_by_job(line):
    with pytest.raises(SettingError, match="choose one of npz, livelink"):
        convert(ConvertJob(line, line.with_name("a.csv"), to="nothing"))


@pytest.mark.parametrize("form", FORMATS)
def test_equal_performances_give_equal_bytes(tmp_path, form):
    first, second = tmp_path / f"a{FORMATS[form].ending}", tmp_path / f"b{FORMATS[form].ending}"
    for path in (first, second):
        write_performance(path, for_format(FORMATS[form], 20), FORMATS[form], Placing(name="same"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("form", [name for name, form in FORMATS.items() if form.reads])
@pytest.mark.parametrize("frames", [1, 2])
def test_shortest_performances(tmp_path, form, frames):
    path = tmp_path / f"a{FORMATS[form].ending}"
    before = for_format(FORMATS[form], frames)
    write_performance(path, before, FORMATS[form])
    try:
        after = read_performance(path)
    except CoreError as error:
        pytest.fail(str(error))
    assert len(after.head) >= frames


@pytest.mark.parametrize(("name", "rig"), [("a.vrma", "metahuman"), ("a.tsv", "arkit52"), ("a.dat", "flame")])
def test_targets_that_do_not_take_a_rig(tmp_path, name, rig):
    check_target(tmp_path / name)
    with pytest.raises(FormatError, match=f"takes the rig .*, not {rig}; choose one"):
        check_target(tmp_path / name, rig)


@pytest.mark.parametrize(("name", "rig"), [("a.csv", "flame"), ("a.anim", "metahuman"), ("a.vrma", "visemes")])
def test_targets_that_take_a_rig(tmp_path, name, rig):
    check_target(tmp_path / name, rig)
