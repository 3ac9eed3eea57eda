"""The script for Unreal Engine, run against a module that checks its calls as the engine does and keeps its keys."""

from __future__ import annotations

import runpy
from fractions import Fraction

import fake_unreal
import numpy as np
import pytest
from engine_cases import RATES, TOLERANCE, for_format, smooth_performance

from core.errors import FormatError, SettingError
from core.formats import FORMATS, Placing, read_performance, write_performance
from core.formats.livelink_csv import HEAD_SIGNS
from core.rig.convert import to_rig
from core.rig.mapping import METAHUMAN_RAW_251

ASSET = "/Game/Mouthpiece/line"


@pytest.fixture(autouse=True)
def engine(monkeypatch):
    """An editor with nothing in it but MetaHumans' skeleton."""
    monkeypatch.setitem(__import__("sys").modules, "unreal", fake_unreal)
    fake_unreal.reset()


def written(path, performance, **places):
    write_performance(path, performance, FORMATS["unreal"], Placing(**places))
    return path


def keyed(curve, count):
    """A curve's values, one a frame; a curve that never moves has one key, which Unreal holds."""
    values = curve[1]
    return np.full(count, values[0]) if len(values) == 1 else np.array(values)


@pytest.mark.parametrize("fps", [*RATES, 23.976, 29.97, 59.94])
@pytest.mark.parametrize("rig", FORMATS["unreal"].rigs)
def test_keys_equal_ours(tmp_path, rig, fps):
    from dataclasses import replace

    performance = for_format(replace(FORMATS["unreal"], rigs=(rig,)), 40, fps)
    runpy.run_path(str(written(tmp_path / "line.py", performance, start_frame=9)))
    sequence = fake_unreal.ASSETS[ASSET]
    assert Fraction(sequence.rate.numerator, sequence.rate.denominator) == Fraction(fps).limit_denominator(1001)
    assert sequence.frames == 9 + 39
    names = [name[0].upper() + name[1:] if rig == "arkit52" else name for name in performance.curves.names]
    assert list(sequence.curves) == [*names, "HeadYaw", "HeadPitch", "HeadRoll"]
    for name, column in zip(names, performance.curves.values.T, strict=True):
        np.testing.assert_allclose(keyed(sequence.curves[name], 40), column, rtol=0, atol=TOLERANCE)
    for name, column in zip(("HeadYaw", "HeadPitch", "HeadRoll"), (performance.head * HEAD_SIGNS).T, strict=True):
        np.testing.assert_allclose(keyed(sequence.curves[name], 40), column, rtol=0, atol=TOLERANCE)
    times = np.array(sequence.curves["HeadYaw"][0])
    np.testing.assert_allclose(times, (9 + np.arange(40)) / fps, rtol=1e-6)
    assert fake_unreal.SAVED == [ASSET]
    assert [f"Mouthpiece: keyed {len(names) + 3} curves of 40 frames into {ASSET}"] == fake_unreal.LOGGED


def test_raw_curves_have_unreals_names(tmp_path):
    runpy.run_path(str(written(tmp_path / "line.py", to_rig(smooth_performance(3), "metahuman251"))))
    assert list(fake_unreal.ASSETS[ASSET].curves)[:251] == list(METAHUMAN_RAW_251)


def test_one_frame(tmp_path):
    runpy.run_path(str(written(tmp_path / "line.py", smooth_performance(1))))
    assert fake_unreal.ASSETS[ASSET].frames == 1


def test_existing_sequence_is_only_keyed_when_asked(tmp_path):
    script = written(tmp_path / "line.py", smooth_performance(30))
    kept = fake_unreal.AnimSequence(frames=60, rate=fake_unreal.FrameRate(60, 1))
    kept.curves = {"JawOpen": ([0.0], [9.0]), "mine": ([0.0], [1.0])}
    fake_unreal.ASSETS[ASSET] = kept
    with pytest.raises(RuntimeError, match="set REPLACE to True"):
        runpy.run_path(str(script))
    assert kept.curves["JawOpen"] == ([0.0], [9.0])
    script.write_text(script.read_text().replace("REPLACE = False", "REPLACE = True"))
    runpy.run_path(str(script))
    assert kept.curves["mine"] == ([0.0], [1.0])
    assert len(kept.curves["JawOpen"][0]) == 30
    assert kept.frames == 60


@pytest.mark.parametrize(
    ("asset", "words"),
    [(fake_unreal.Texture2D(), "no animation sequence"), (fake_unreal.AnimSequence(frames=3), "shorter")],
)
def test_assets_that_will_not_do(tmp_path, asset, words):
    script = written(tmp_path / "line.py", smooth_performance(30))
    script.write_text(script.read_text().replace("REPLACE = False", "REPLACE = True"))
    fake_unreal.ASSETS[ASSET] = asset
    with pytest.raises(RuntimeError, match=words):
        runpy.run_path(str(script))


def test_wrong_skeleton(tmp_path):
    script = written(tmp_path / "line.py", smooth_performance(3), skeleton="/Game/My/Skeleton")
    with pytest.raises(RuntimeError, match="/Game/My/Skeleton is no skeleton"):
        runpy.run_path(str(script))
    assert ASSET not in fake_unreal.ASSETS
    fake_unreal.ASSETS["/Game/My/Skeleton"] = fake_unreal.Skeleton()
    runpy.run_path(str(script))
    assert fake_unreal.ASSETS[ASSET].skeleton is fake_unreal.ASSETS["/Game/My/Skeleton"]


@pytest.mark.parametrize(
    ("name", "asset"),
    [
        ("line 012 (take 3)", "line_012_take_3"),
        ("口", "Performance"),
        ('a"""\nimport os', "a_import_os"),
        ("50%", "50"),
    ],
)
def test_names(tmp_path, name, asset):
    runpy.run_path(str(written(tmp_path / "line.py", smooth_performance(3), name=name)))
    assert f"/Game/Mouthpiece/{asset}" in fake_unreal.ASSETS


@pytest.mark.parametrize("path", ['a"b', "a\\b", "a\nb", "a'b"])
def test_paths_that_could_leave_their_quotes(path):
    with pytest.raises(SettingError, match="must not hold"):
        Placing(skeleton=path)


def test_script_is_not_read_back(tmp_path):
    written(tmp_path / "line.py", smooth_performance(3))
    with pytest.raises(FormatError, match="only written"):
        read_performance(tmp_path / "line.py")
