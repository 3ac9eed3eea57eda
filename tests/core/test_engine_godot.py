"""Godot's animation resource: its text, and what Godot itself plays of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from engine_cases import (
    GODOT,
    RATES,
    TOLERANCE,
    drift_in_frames,
    godot,
    largest_error,
    smooth_performance,
    there_and_back,
)

from core.errors import FormatError
from core.formats import FORMATS, Placing, read_performance, write_performance
from core.formats.godot_tres import played
from core.formats.head_turn import quaternions
from core.rig.convert import to_rig

SCRIPT = Path(__file__).with_name("godot_play.gd")
PLAYED_TOLERANCE = 1e-5


def written(path, performance, **places):
    write_performance(path, performance, FORMATS["godot"], Placing(**places))
    return path.read_text("utf-8")


@pytest.mark.parametrize("fps", RATES)
def test_round_trip(tmp_path, fps):
    before = smooth_performance(fps=fps)
    after = there_and_back(tmp_path / "a.tres", before, "godot", Placing(start_frame=7))
    assert largest_error(after, before) <= TOLERANCE
    assert drift_in_frames(after, before) < 0.01


def test_text(tmp_path):
    text = written(
        tmp_path / "line.tres", smooth_performance(3, 24.0), face="Rig/Face", head="Rig/Head", start_frame=24
    )
    assert text.startswith('[gd_resource type="Animation" format=3]\n\n[resource]\nresource_name = "line"\n')
    assert 'tracks/0/type = "rotation_3d"' in text
    assert 'tracks/0/path = NodePath("Rig/Head")' in text
    assert 'tracks/1/path = NodePath("Rig/Face:eyeBlinkLeft")' in text
    assert text.count('type = "blend_shape"') == 52
    first = text.partition("tracks/1/keys = PackedFloat32Array(")[2]
    assert first.startswith("1, 1, ")


def test_no_head(tmp_path):
    assert "rotation_3d" not in written(tmp_path / "a.tres", smooth_performance(3), head="")


def test_rest_needs_two_keys(tmp_path):
    performance = smooth_performance(50)
    performance.curves.values[:, 3] = 0.25
    text = written(tmp_path / "a.tres", performance, head="")
    assert "tracks/3/keys = PackedFloat32Array(0, 1, 0.25, 0.800000011921, 1, 0.25, 0.816666662693, 1, 0.25)" in text
    assert largest_error(read_performance(tmp_path / "a.tres"), performance, with_head=False) <= TOLERANCE


def test_colons_in_names_are_godots_own_underscores(tmp_path):
    performance = smooth_performance(3, names=("a:b", "c"))
    written(tmp_path / "a.tres", performance)
    assert read_performance(tmp_path / "a.tres").curves.names == ("a_b", "c")


def test_short_steps_are_common_rates(tmp_path):
    """Godot's editor saves a step with few digits."""
    text = written(tmp_path / "a.tres", smooth_performance(10, 24000 / 1001))
    (tmp_path / "a.tres").write_text(
        text.replace(text.partition("step = ")[2].partition("\n")[0], "0.0417083"), "utf-8"
    )
    assert read_performance(tmp_path / "a.tres").curves.fps == 24000 / 1001


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.99])
def test_cut_files(tmp_path, share):
    text = written(tmp_path / "a.tres", smooth_performance(20))
    (tmp_path / "a.tres").write_text(text[: int(share * len(text))], "utf-8")
    with pytest.raises(FormatError, match="Godot animation"):
        read_performance(tmp_path / "a.tres")


@pytest.mark.parametrize("start_frame", [7, 36_000])
def test_times_in_single_precision_cost_nothing(tmp_path, start_frame):
    """Godot keeps float32 times; the line that leaves such a key gives our value at our time all the same."""
    before = smooth_performance(600, 60.0)
    text = written(tmp_path / "a.tres", before, head="", start_frame=start_frame)
    times = (start_frame + np.arange(600)) / 60.0
    for number, column in enumerate(before.curves.values.T):
        line = next(row for row in text.splitlines() if row.startswith(f"tracks/{number}/keys = "))
        keys = np.array(line.partition("(")[2].rstrip(")").split(", "), float).reshape(-1, 3)
        keys[:, 0] = keys[:, 0].astype(np.float32)
        np.testing.assert_allclose(played(times, keys, 2), column, rtol=0, atol=2e-6)
    after = read_performance(tmp_path / "a.tres")
    assert largest_error(after, before, with_head=False) <= TOLERANCE


@pytest.mark.skipif(not GODOT, reason="MOUTHPIECE_GODOT names no Godot 4")
@pytest.mark.parametrize(
    ("rig", "frames", "start_frame"),
    [("arkit52", 60, 12), ("metahuman251", 60, 12), ("arkit52", 600, 12), ("arkit52", 60, 36_000)],
)
@pytest.mark.parametrize("fps", [24000 / 1001, 24.0, 25.0, 30000 / 1001, 30.0, 50.0, 60000 / 1001, 60.0, 120.0])
def test_godot_plays_it(tmp_path, fps, rig, frames, start_frame):
    """A scene of our making plays the file; what it shows at each frame is what we wrote, and what it saves is read."""
    performance = to_rig(smooth_performance(frames, fps), rig)
    written(tmp_path / "line.tres", performance, start_frame=start_frame)
    task = {"names": performance.curves.names, "fps": fps, "frames": frames, "start_frame": start_frame}
    (tmp_path / "task.json").write_text(json.dumps(task))
    (tmp_path / "project.godot").write_text("config_version=5\n")
    (tmp_path / "play.gd").write_text(SCRIPT.read_text("utf-8"), "utf-8")
    done = godot("--path", tmp_path, "--script", "res://play.gd")
    assert done.returncode == 0, done.stdout + done.stderr
    shown = json.loads((tmp_path / "shown.json").read_text("utf-8"))
    assert shown["tracks"] == len(performance.curves.names) + 1
    # Godot keeps the times of keys in single precision, 61 microseconds apart after ten minutes.
    np.testing.assert_allclose(shown["values"], performance.curves.values, rtol=0, atol=PLAYED_TOLERANCE)
    np.testing.assert_allclose(shown["turns"], quaternions(performance.head), rtol=0, atol=PLAYED_TOLERANCE)
    saved = read_performance(tmp_path / "saved.tres")
    assert largest_error(saved, performance) <= PLAYED_TOLERANCE
    assert drift_in_frames(saved, performance) < 0.01
