"""The recording in the sequencer, in sync at every rate and start."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest
from cast import perform
from mouthpiece.addon.bridge.keys import Take
from mouthpiece.addon.bridge.sound import add_sound, find_sound, play_in_sync, remove_sound, stored_path
from mouthpiece.addon.compat import strip_span, strip_start

RATES = {"24": (24, 1), "23.976": (24, 1.001), "25": (25, 1), "29.97": (30, 1.001), "30": (30, 1), "60": (60, 1)}


def take_of(path: Path, start: int, rows: int = 24) -> Take:
    return Take(path.stem, str(path), start, perform(rows))


@pytest.mark.parametrize("start", [-100, 1, 1001])
@pytest.mark.parametrize("rate", RATES)
def test_frames(recording: Path, rate: str, start: int) -> None:
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = RATES[rate]
    assert add_sound(scene, take_of(recording, start)) == ()
    (strip,) = scene.sequence_editor.strips
    first, behind = strip_span(strip)
    assert first == strip_start(strip) == start
    assert abs(behind - start - 1.0 * float(rate)) <= 1


def test_the_same_sound_is_not_added_twice(recording: Path) -> None:
    scene = bpy.context.scene
    add_sound(scene, take_of(recording, 10))
    add_sound(scene, take_of(recording, 10))
    assert len(scene.sequence_editor.strips) == 1
    add_sound(scene, take_of(recording, 20))
    assert sorted(strip.channel for strip in scene.sequence_editor.strips) == [1, 2]
    add_sound(scene, take_of(recording, 100))
    assert find_sound(scene, str(recording), 100).channel == 1


def test_what_lies_there_stays(recording: Path) -> None:
    scene = bpy.context.scene
    scene.sequence_editor_create().strips.new_sound("music", str(recording), 1, 5)
    add_sound(scene, take_of(recording, 1))
    assert [(strip.name, strip.channel) for strip in scene.sequence_editor.strips] == [
        ("music", 1),
        (recording.name, 2),
    ]


def test_a_sound_blender_cannot_play_is_taken_out_again(tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_text("not a sound")
    (warning,) = add_sound(bpy.context.scene, take_of(broken, 1))
    assert "broken.wav" in warning
    assert not bpy.context.scene.sequence_editor.strips
    assert not bpy.data.sounds


def test_removal(recording: Path) -> None:
    scene = bpy.context.scene
    add_sound(scene, take_of(recording, 10))
    remove_sound(scene, str(recording), 11)
    assert len(scene.sequence_editor.strips) == 1
    remove_sound(scene, str(recording), 10)
    assert not scene.sequence_editor.strips
    assert not bpy.data.sounds


def test_a_saved_file_remembers_the_recording_beside_itself(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene, blend = bpy.context.scene, recording.parent / "shots" / "shot.blend"
    blend.parent.mkdir(exist_ok=True)
    assert stored_path(str(recording)) == str(recording)
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))
    add_sound(scene, take_of(recording, 10))
    assert bpy.data.sounds[0].filepath == f"//../{recording.name}"
    assert find_sound(scene, str(recording), 10)
    bpy.context.preferences.filepaths.use_relative_paths = False
    assert stored_path(str(recording)) == str(recording)
    bpy.context.preferences.filepaths.use_relative_paths = True

    def other_drive(path: str) -> str:
        raise ValueError(path)

    monkeypatch.setattr(bpy.path, "relpath", other_drive)
    assert stored_path(str(recording)) == str(recording)


def test_playing_in_sync_is_asked_for() -> None:
    scene = bpy.context.scene
    play_in_sync(scene)
    assert (scene.sync_mode, scene.use_audio_scrub) == ("AUDIO_SYNC", True)
