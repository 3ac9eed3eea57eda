"""The layout of Live Link Face takes, to the cell, the sign and the sixtieth."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from performances import performance_of, random_performance

from core.errors import FormatError
from core.formats import Placing, read_performance, write_performance
from core.formats.livelink_csv import COLUMNS
from core.formats.rates import nearest_rate
from core.formats.timecode import format_timecode, parse_timecode

HEADER = (
    "Timecode,BlendShapeCount,EyeBlinkLeft,EyeLookDownLeft,EyeLookInLeft,EyeLookOutLeft,EyeLookUpLeft,EyeSquintLeft,"
    "EyeWideLeft,EyeBlinkRight,EyeLookDownRight,EyeLookInRight,EyeLookOutRight,EyeLookUpRight,EyeSquintRight,"
    "EyeWideRight,JawForward,JawRight,JawLeft,JawOpen,MouthClose,MouthFunnel,MouthPucker,MouthRight,MouthLeft,"
    "MouthSmileLeft,MouthSmileRight,MouthFrownLeft,MouthFrownRight,MouthDimpleLeft,MouthDimpleRight,MouthStretchLeft,"
    "MouthStretchRight,MouthRollLower,MouthRollUpper,MouthShrugLower,MouthShrugUpper,MouthPressLeft,MouthPressRight,"
    "MouthLowerDownLeft,MouthLowerDownRight,MouthUpperUpLeft,MouthUpperUpRight,BrowDownLeft,BrowDownRight,BrowInnerUp,"
    "BrowOuterUpLeft,BrowOuterUpRight,CheekPuff,CheekSquintLeft,CheekSquintRight,NoseSneerLeft,NoseSneerRight,"
    "TongueOut,HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw,LeftEyePitch,LeftEyeRoll,RightEyeYaw,RightEyePitch,RightEyeRoll"
)
LINE = re.compile(r"\d{2}:\d{2}:\d{2}:\d{2}\.\d{3},61(,-?\d\.\d{10}){61}")
RATES = ("24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60", "120", "23.976", "29.97", "59.94")


def written(tmp_path, performance):
    """The lines of a performance as CSV, header first."""
    path = tmp_path / "take.csv"
    write_performance(path, performance)
    return path.read_bytes().decode("ascii").split("\n")


def cells(tmp_path, performance):
    """The first frame's numbers by column."""
    header, line, _ = written(tmp_path, performance)
    return {name: float(cell) for name, cell in list(zip(header.split(","), line.split(","), strict=True))[1:]}


def test_header_and_lines(tmp_path):
    header, *lines, last = written(tmp_path, random_performance(50))
    assert header == HEADER
    assert last == ""
    assert len(lines) == 50
    assert all(LINE.fullmatch(line) for line in lines)


def test_first_numbers_are_the_first_shapes(tmp_path):
    performance = performance_of(eyeBlinkLeft=np.float32(0.25), tongueOut=1.0, eyeLookDownLeft=0.5)
    line = written(tmp_path, performance)[1]
    assert line.startswith("00:00:00:00.000,61,0.2500000000,0.5000000000,0.0000000000,")


@pytest.mark.parametrize(
    ("shape", "place"), [("jawRight", 15), ("jawLeft", 16), ("mouthRight", 21), ("mouthLeft", 22), ("jawOpen", 17)]
)
def test_swapped_cells(tmp_path, shape, place):
    line = written(tmp_path, performance_of(**{shape: 1.0}))[1]
    numbers = [float(cell) for cell in line.split(",")[2:]]
    assert numbers.index(1.0) == place
    assert sum(numbers) == 1.0


@pytest.mark.parametrize("shape", ["jawLeft", "mouthRight", "mouthSmileLeft", "eyeLookInRight", "tongueOut"])
def test_each_shape_is_under_its_name(tmp_path, shape):
    found = cells(tmp_path, performance_of(**{shape: 0.5}))
    assert found[shape[0].upper() + shape[1:]] == 0.5
    assert found["BlendShapeCount"] == 61


@pytest.mark.parametrize(
    ("shapes", "angles"),
    [
        ({"eyeLookInLeft": 1, "eyeLookOutRight": 1}, {"LeftEyeYaw": 35, "RightEyeYaw": 35}),
        ({"eyeLookOutLeft": 1, "eyeLookInRight": 1}, {"LeftEyeYaw": -35, "RightEyeYaw": -35}),
        ({"eyeLookDownLeft": 1, "eyeLookDownRight": 0.5}, {"LeftEyePitch": 35, "RightEyePitch": 17.5}),
        ({"eyeLookUpLeft": 1, "eyeLookUpRight": 1}, {"LeftEyePitch": -35, "RightEyePitch": -35}),
        ({"eyeBlinkLeft": 1}, {}),
    ],
    ids=["to its right", "to its left", "down", "up", "ahead"],
)
def test_eye_angles(tmp_path, shapes, angles):
    found = cells(tmp_path, performance_of(**shapes))
    for name in HEADER.split(",")[-6:]:
        assert found[name] == pytest.approx(math.radians(angles.get(name, 0)), abs=1e-7)


def test_head_angles(tmp_path):
    found = cells(tmp_path, performance_of(head=(0.1, 0.2, 0.3)))
    assert [found[name] for name in ("HeadYaw", "HeadPitch", "HeadRoll")] == pytest.approx([0.1, -0.2, -0.3])


def test_there_is_no_negative_zero(tmp_path):
    line = written(tmp_path, performance_of(head=(-1e-12, 1e-12, 0.0), eyeLookOutLeft=0.0))[1]
    assert "-" not in line


@pytest.mark.parametrize("rate", RATES)
def test_timecode_keeps_its_place_for_hours(rate):
    """Half a thousandth of a tick is 8 microseconds, at the first frame as after four hours."""
    fps = Fraction(rate)
    for frame in (0, 1, 2, 3, 59, 60, 1000, 1001, 86_399, 215_784, int(4 * 3600 * fps)):
        exact = frame / fps
        text = format_timecode(frame, float(fps))
        assert re.fullmatch(r"\d{2}:[0-5]\d:[0-5]\d:[0-5]\d\.\d{3}", text)
        assert abs(parse_timecode(text) - float(exact)) <= 0.5 / 60_000 + 1e-9


@pytest.mark.parametrize(
    ("frame", "fps", "text"),
    [
        (1, 60, "00:00:00:01.000"),
        (1, 30, "00:00:00:02.000"),
        (1, 24, "00:00:00:02.500"),
        (1, 25, "00:00:00:02.400"),
        (1, 50, "00:00:00:01.200"),
        (1, 120, "00:00:00:00.500"),
        (1, 60_000 / 1001, "00:00:00:01.001"),
        (1, 30_000 / 1001, "00:00:00:02.002"),
        (1, 24_000 / 1001, "00:00:00:02.502"),
        (60, 60, "00:00:01:00.000"),
        (60_000, 60_000 / 1001, "00:16:41:00.000"),
        (216_000, 60, "01:00:00:00.000"),
    ],
)
def test_timecodes_by_hand(frame, fps, text):
    assert format_timecode(frame, fps) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("13:13:04:31.652", 47_584 + 31.652 / 60), ("0:0:1:30", 1.5), ("00:00:00:00.5", 0.5 / 60), (" 00:01:00:00 ", 60)],
)
def test_timecodes_of_others(text, seconds):
    assert parse_timecode(text) == pytest.approx(seconds, abs=1e-9)


@pytest.mark.parametrize("text", ["", "1.5", "00:00:00", "00:00:00:00:00", "a:b:c:d", "-1:00:00:00.000"])
def test_what_is_no_timecode(text):
    with pytest.raises(ValueError, match="timecode"):
        parse_timecode(text)


@pytest.mark.parametrize("rate", RATES[:9])
@pytest.mark.parametrize("steps", [1, 10, 1000, 100_000])
def test_rate_is_found_again(rate, steps):
    fps = float(Fraction(rate))
    seconds = parse_timecode(format_timecode(steps, fps))
    found = nearest_rate(steps, seconds)
    assert abs(steps / found - steps / fps) <= 2 / 60_000
    if steps >= 10:
        assert found == pytest.approx(fps, abs=0)


def take(*times, header=HEADER, jaw=None):
    """A take with one line a time; jawOpen counts up unless given."""
    lines = [header]
    for index, time in enumerate(times):
        values = ["0.0"] * (len(header.split(",")) - 2)
        values[COLUMNS.index("JawOpen")] = str(index if jaw is None else jaw[index])
        lines.append(",".join([time, "61", *values]))
    return "\r\n".join(lines) + "\r\n"


def test_take_of_the_app(tmp_path):
    """Real takes start at the time of day, step 1.999 ticks at 30 fps, and newer ones spell BlendshapeCount."""
    path = tmp_path / "take.csv"
    times = ("13:13:04:31.652", "13:13:04:33.651", "13:13:04:35.651", "13:13:04:37.651")
    path.write_text("\ufeff" + take(*times, header=HEADER.replace("BlendShapeCount", "BlendshapeCount")), "utf-8")
    performance = read_performance(path)
    assert performance.curves.fps == pytest.approx(30, abs=0.01)
    assert performance.curves.column("jawOpen").tolist() == pytest.approx([0, 1, 2, 3], abs=1e-2)


def test_take_over_midnight(tmp_path):
    path = tmp_path / "take.csv"
    path.write_text(take("23:59:59:58", "00:00:00:00", "00:00:00:02"))
    assert read_performance(path).curves.fps == 30


def test_dropped_frame_is_filled(tmp_path):
    path = tmp_path / "take.csv"
    times = [f"00:00:00:{tick:02}.000" for tick in (0, 2, 4, 8, 10)]
    path.write_text(take(*times, jaw=(0.0, 0.2, 0.4, 0.8, 1.0)))
    performance = read_performance(path)
    jaw = performance.curves.column("jawOpen")
    times_s = np.arange(len(jaw)) / performance.curves.fps
    np.testing.assert_allclose(jaw, times_s * 6, atol=1e-6)


def test_take_of_another_writer(tmp_path):
    """Other writers add columns of moods, leave out the eyes and count frames without thousandths."""
    path = tmp_path / "take.csv"
    header = HEADER.rsplit(",", 6)[0]
    text = take("00:00:00:00", "00:00:00:01", header=header)
    lines = [line + (",Angry" if not index else ",0.5") for index, line in enumerate(text.split("\r\n")[:-1])]
    path.write_text("\n".join(lines))
    assert read_performance(path).curves.fps == 60


FAULTS = {
    "no column": take("00:00:00:00", header=HEADER.replace("JawOpen", "JawShut")),
    "no frames": HEADER + "\n",
    "time stands still": take("00:00:00:01", "00:00:00:01"),
    "time runs back": take("00:00:00:02", "00:00:00:01"),
    "no timecode": take("a moment later"),
    "text": take("00:00:00:00").replace(",0.0", ",much", 1),
    "short line": take("00:00:00:00").rsplit(",", 20)[0],
    "NaN": take("00:00:00:00").replace(",0.0", ",nan", 1),
    "other CSV": "a,b,c\n1,2,3\n",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(tmp_path, fault):
    path = tmp_path / "fault.csv"
    path.write_text(FAULTS[fault])
    with pytest.raises(FormatError) as caught:
        read_performance(path)
    assert str(caught.value).startswith('"fault.csv"')
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("rate", RATES)
def test_start_frame_is_the_first_timecode(tmp_path, rate):
    fps = float(Fraction(rate))
    performance = random_performance(20, fps)
    path = tmp_path / "take.csv"
    write_performance(path, performance, placing=Placing(start_frame=1001))
    lines = path.read_text().splitlines()
    assert abs(parse_timecode(lines[1].split(",")[0]) - 1001 / fps) <= 0.5 / 60_000 + 1e-9
    after = read_performance(path)
    assert np.abs(after.curves.values - performance.curves.values).max() <= 1e-9
    assert after.curves.fps == pytest.approx(fps, rel=1e-3)


@pytest.mark.parametrize("fps", [24, 25, 30, 48, 50])
def test_writers_that_count_whole_frames(tmp_path, fps):
    """HH:MM:SS:FF where FF runs to the take's own rate: nothing may be stretched."""
    path = tmp_path / "take.csv"
    frames = range(2 * fps + 5)
    times = [f"01:00:{frame // fps:02}:{frame % fps:02}" for frame in frames]
    path.write_text(take(*times, jaw=np.linspace(0, 1, len(times)).tolist()))
    performance = read_performance(path)
    assert performance.curves.fps == fps
    np.testing.assert_allclose(performance.curves.column("jawOpen"), np.linspace(0, 1, len(times)), atol=1e-7)


def test_sixtieths_without_thousandths_stay_sixtieths(tmp_path):
    """At 30 frames a second the count steps by two, and reaches 58, not 29."""
    path = tmp_path / "take.csv"
    path.write_text(take(*(f"00:00:{frame // 30:02}:{frame % 30 * 2:02}" for frame in range(70))))
    assert read_performance(path).curves.fps == 30
