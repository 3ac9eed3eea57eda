"""Takes once they are there: exported, opened for editing, removed."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest
from cast import shape_value
from mouthpiece.core.formats import read_performance

pytestmark = pytest.mark.usefixtures("registered")


def actions() -> list[str]:
    return [action.name for action in bpy.data.actions]


def test_export_and_remove(scene: bpy.types.Scene, tmp_path: Path) -> None:
    assert not bpy.ops.mouthpiece.export_curves.poll()
    bpy.ops.mouthpiece.animate()
    for form, ending in (("livelink", ".csv"), ("json", ".json"), ("npz", ".npz")):
        target = tmp_path / f"curves{ending}"
        bpy.ops.mouthpiece.export_curves(filepath=str(target), format=form)
        performance = read_performance(target)
        assert performance.curves.fps == pytest.approx(24)
        assert len(performance.head) == 24
        jaw = shape_value(bpy.data.objects["Body"], "jawOpen", 5 + 12)
        assert performance.curves.column("jawOpen")[12] == pytest.approx(jaw, abs=1e-4)
    bpy.ops.mouthpiece.remove_take()
    assert actions() == []
    assert not scene.sequence_editor.strips
    with pytest.raises(RuntimeError, match="no take"):
        bpy.ops.mouthpiece.remove_take()


def test_a_take_is_opened_edited_and_closed(scene: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.mouthpiece.animate()
    body, rig = bpy.data.objects["Body"], bpy.data.objects["Rig"]
    bpy.ops.mouthpiece.edit_take()
    animation = body.data.shape_keys.animation_data
    assert animation.use_tweak_mode
    assert animation.action == bpy.data.actions[0]
    assert rig.animation_data.use_tweak_mode
    assert body.select_get()
    assert rig.select_get()
    assert not bpy.ops.mouthpiece.animate.poll()
    with pytest.raises(RuntimeError, match="open for editing"):
        bpy.ops.mouthpiece.animate()
    body.data.shape_keys.key_blocks["tongueOut"].value = 0.25
    body.data.shape_keys.key_blocks["tongueOut"].keyframe_insert("value", frame=10)
    bpy.ops.mouthpiece.edit_take()
    assert not animation.use_tweak_mode
    assert animation.action is None
    assert shape_value(body, "tongueOut", 10) == pytest.approx(0.25, abs=1e-6)
    bpy.ops.mouthpiece.export_curves(filepath=str(tmp_path / "a.npz"), format="npz")
    assert read_performance(tmp_path / "a.npz").curves.column("tongueOut")[5] == pytest.approx(0.25, abs=1e-6)
    bpy.ops.mouthpiece.edit_take()
    bpy.ops.mouthpiece.remove_take()
    assert actions() == []


def test_export_where_nothing_can_be_written(scene: bpy.types.Scene) -> None:
    bpy.ops.mouthpiece.animate()
    with pytest.raises(RuntimeError, match="does not exist"):
        bpy.ops.mouthpiece.export_curves(filepath="/nowhere/at/all.csv")


def test_a_bug_is_one_sentence_and_a_log(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOUTHPIECE_RAISE_BUGS")
    monkeypatch.setattr("mouthpiece.addon.ops_takes.remove_take", lambda *_: 1 / 0)
    bpy.ops.mouthpiece.animate()
    with pytest.raises(RuntimeError, match=r"fault of its own \(ZeroDivisionError\); see ") as caught:
        bpy.ops.mouthpiece.remove_take()
    log = Path(str(caught.value).partition("; see ")[2].strip().rstrip("."))
    assert "ZeroDivisionError" in log.read_text()
    log.unlink()
