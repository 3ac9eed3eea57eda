"""A part run again, phones as markers, and an emotion that the character carries."""

from __future__ import annotations

import wave
from pathlib import Path

import bpy
import numpy as np
import pytest
from cast import build_armature, build_character
from mouthpiece.addon.bridge.character import find_character
from mouthpiece.addon.bridge.family import family_of
from mouthpiece.addon.bridge.mark import phones_of
from mouthpiece.addon.bridge.memory import memory_for, write_mapping
from mouthpiece.addon.bridge.phone_strip import phones_of_markers
from mouthpiece.addon.bridge.said import parts_said
from mouthpiece.addon.bridge.takes import read_take, takes_of
from mouthpiece.addon.guidance import felt, guidance_of
from mouthpiece.core.guidance import Guidance
from mouthpiece.core.layers.words import spoken_words
from mouthpiece.core.rig.arkit import ARKIT_52
from mouthpiece.core.rig.targets import Drive, Mapping, Target
from mouthpiece.core.speech.emotion import EmotionTrack
from mouthpiece.core.speech.script import Script
from mouthpiece.core.types import Performance

FPS = 24
SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of syllables: a buzz through a mouth that opens four times."""
    path = tmp_path_factory.mktemp("voice") / "Line 01.wav"
    time_s = np.arange(2 * 16_000) / 16_000
    buzz = sum(np.sin(2 * np.pi * 120 * n * time_s) / n for n in range(1, 25))
    loud = np.clip(np.sin(2 * np.pi * 2 * time_s), 0, 1)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes((0.3 * buzz * loud * 32767).clip(-32767, 32767).astype("<i2").tobytes())
    return path


@pytest.fixture
def stage(registered: None, voice: Path) -> bpy.types.Scene:
    """A scene with a take of two seconds from frame 5 on."""
    scene = bpy.context.scene
    scene.mouthpiece.character = build_character()
    scene.mouthpiece.recording = str(voice)
    scene.frame_set(5)
    bpy.ops.mouthpiece.animate()
    return scene


def seen() -> Performance:
    character = find_character(bpy.data.objects["Rig"])
    return read_take(character, takes_of(character)[-1], FPS)


def curves() -> dict[tuple[str, str], list[tuple[float, ...]]]:
    strip = bpy.data.actions[0].layers[0].strips[0]
    return {
        (bag.slot.name_display, curve.data_path): [tuple(point.co) for point in curve.keyframe_points]
        for bag in strip.channelbags
        for curve in bag.fcurves
    }


@pytest.mark.parametrize("error", [0.0, 0.01])
def test_only_the_part_changes(stage: bpy.types.Scene, error: float) -> None:
    bpy.ops.mouthpiece.remove_take()
    stage.mouthpiece.key_error = error
    bpy.ops.mouthpiece.animate()
    before = seen()
    stage.mouthpiece.emotion.happy = 1.0
    assert bpy.ops.mouthpiece.run_again(first=17, last=34) == {"FINISHED"}
    after = seen()
    rows = np.arange(len(before.head)) + 5
    outside = (rows < 17) | (rows > 34)
    assert np.abs(after.curves.values - before.curves.values)[outside].max() < 1e-5
    smile = after.curves.column("mouthSmileLeft") - before.curves.column("mouthSmileLeft")
    assert smile[(rows > 21) & (rows < 30)].min() > 0.2
    assert len(bpy.data.actions) == 1
    assert len(takes_of(find_character(bpy.data.objects["Rig"]))) == 1
    # It is what the whole would have been, led over to within the stated error.
    bpy.ops.mouthpiece.animate()
    whole = seen().curves.column("mouthSmileLeft")
    assert np.abs(after.curves.column("mouthSmileLeft") - whole)[(rows > 21) & (rows < 30)].max() < 0.021


def test_parts_that_are_not_asked_for_stay(stage: bpy.types.Scene) -> None:
    before = curves()
    stage.mouthpiece.emotion.angry = 1.0
    stage.use_preview_range = True
    stage.frame_preview_start, stage.frame_preview_end = 20, 400
    bpy.ops.mouthpiece.run_again(parts={"BROWS"})
    changed = {slot for (slot, path), keys in curves().items() if before[(slot, path)] != keys}
    assert changed == {"Body Brows"}
    assert "curves of Mouthpiece: Line 01 changed from frame 20 to 52" in stage.mouthpiece.saved


def test_a_part_that_cannot_be(stage: bpy.types.Scene) -> None:
    before = curves()
    with pytest.raises(RuntimeError, match="set a preview range"):
        bpy.ops.mouthpiece.run_again()
    with pytest.raises(RuntimeError, match="has frames 5 to 52; choose a part of these, not 1 to 9"):
        bpy.ops.mouthpiece.run_again(first=1, last=9)
    stage.render.fps = 60
    with pytest.raises(RuntimeError, match="made at another frame rate"):
        bpy.ops.mouthpiece.run_again(first=10, last=20)
    assert curves() == before


def test_undo_takes_the_part_back(stage: bpy.types.Scene) -> None:
    before = curves()
    bpy.ops.ed.undo_push(message="Before")
    stage.mouthpiece.emotion.happy = 1.0
    bpy.ops.mouthpiece.run_again("EXEC_DEFAULT", True, first=17, last=34)
    assert curves() != before
    bpy.ops.ed.undo()
    assert curves() == before


def test_the_mouth_follows_the_markers(stage: bpy.types.Scene) -> None:
    take = takes_of(find_character(bpy.data.objects["Rig"]))[-1]
    track = phones_of(take.action)
    assert track.duration_s == pytest.approx(2.0, abs=0.01)
    stage.timeline_markers.new("Cut", frame=20)
    bpy.ops.mouthpiece.show_phones()
    again = phones_of_markers(stage, take)
    assert [(p.symbol, p.start_s) for p in again.phones] == [(p.symbol, p.start_s) for p in track.phones]
    with pytest.raises(RuntimeError, match="say what the mouth says already"):
        bpy.ops.mouthpiece.follow_phones()
    before = seen()
    # A lip closure where there was none: the second sound of the second syllable becomes an M.
    markers = sorted((m for m in stage.timeline_markers if m.name != "Cut"), key=lambda marker: marker.frame)
    spoken = [m for m in markers if m.name != "sil"]
    changed = spoken[len(spoken) // 2]
    changed.name = "m" if changed.name != "M" else "aa"
    bpy.ops.mouthpiece.follow_phones()
    after = seen()
    moved = np.flatnonzero(np.abs(after.curves.values - before.curves.values).max(axis=1) > 0.02) + 5
    assert len(moved)
    assert moved.min() > changed.frame - 12
    eyes = [column for column, name in enumerate(ARKIT_52) if name.startswith(("eye", "brow"))]
    assert np.abs(after.curves.values - before.curves.values)[:, eyes].max() < 1e-5
    changed.name = "QQ"
    with pytest.raises(RuntimeError, match=f'"QQ" on frame {changed.frame} names no phone'):
        bpy.ops.mouthpiece.follow_phones()
    bpy.ops.mouthpiece.show_phones()
    assert [marker.name for marker in stage.timeline_markers] == ["Cut"]


def test_an_emotion_of_the_characters_own(stage: bpy.types.Scene) -> None:
    rig, feeling = bpy.data.objects["Rig"], bpy.data.objects["Rig"].mouthpiece_feeling
    stage.mouthpiece.emotion.sad = 1.0
    stage.mouthpiece.emotion.as_heard = True
    feeling.happy = 0.5
    assert guidance_of(stage, 5, rig).as_heard
    feeling.use = True
    for frame, happy, intensity in ((5, 0.0, 1.0), (53, 1.0, 0.5)):
        feeling.happy, feeling.intensity = happy, intensity
        assert feeling.keyframe_insert("happy", frame=frame)
        assert feeling.keyframe_insert("intensity", frame=frame)
    wish = guidance_of(stage, 5, bpy.data.objects["Teeth"])
    assert not wish.as_heard
    left, right = wish.emotion.at(np.array([0.0, 1.0, 2.0]))
    assert np.allclose(left[:, 0], [0, 0.5 * 0.75, 0.5], atol=0.02)
    assert np.array_equal(left, right)
    assert not left[:, 1:].any()
    # The command line asks the character too, unless it was told what to feel.
    assert felt(Guidance(), stage, 5, rig).emotion.left.any()
    sad = Guidance(emotion=EmotionTrack.steady({"sad": 1.0}))
    assert felt(sad, stage, 5, rig) is sad
    # Pushed down into the NLA and moved, it is felt later.
    animation = rig.animation_data
    action, slot = animation.action, animation.action_slot
    strip = animation.nla_tracks.new().strips.new("mine", 29, action)
    strip.action_slot = slot
    animation.action = None
    moved, _ = guidance_of(stage, 5, rig).emotion.at(np.array([1.0, 2.0, 3.0]))
    assert np.allclose(moved[:, 0], [0, 0.5 * 0.75, 0.5], atol=0.02)


def test_performed_with_the_characters_emotion(stage: bpy.types.Scene) -> None:
    before = seen()
    feeling = bpy.data.objects["Rig"].mouthpiece_feeling
    feeling.use, feeling.happy = True, 1.0
    bpy.ops.mouthpiece.animate()
    smile = (seen().curves.column("mouthSmileLeft") - before.curves.column("mouthSmileLeft"))[12:36]
    assert smile.min() > 0.2


def test_a_part_of_bones_runs_again(registered: None, voice: Path) -> None:
    rig, scene = build_armature(), bpy.context.scene
    line = Drive(Target("bone", "", "neck", "location.y"), "mouthSmileLeft", gain=0.1)
    write_mapping(memory_for(rig, scene), Mapping("Mine", "arkit52", (line,)), family_of(rig))
    scene.mouthpiece.character, scene.mouthpiece.recording = rig, str(voice)
    scene.frame_set(5)
    bpy.ops.mouthpiece.animate()
    frames, before = range(5, 53), smiles(rig)
    scene.mouthpiece.emotion.happy = 1.0
    bpy.ops.mouthpiece.run_again(first=17, last=34)
    change = smiles(rig) - before
    outside = np.array([not 17 <= frame <= 34 for frame in frames])
    assert np.abs(change[outside]).max() < 1e-6
    assert change[17:25].min() > 0.02


def smiles(rig: bpy.types.Object) -> np.ndarray:
    """What a bone that smiles shows on each frame of the take."""
    places = []
    for frame in range(5, 53):
        bpy.context.scene.frame_set(frame)
        posed = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
        places.append(posed.pose.bones["neck"].location.y)
    return np.array(places)


def test_words_of_the_transcript_run_again(registered: None) -> None:
    scene = bpy.context.scene
    scene.mouthpiece.character = build_character()
    scene.mouthpiece.recording = str(SAMPLES / "line.wav")
    scene.mouthpiece.script.text = (SAMPLES / "line.txt").read_text().strip()
    bpy.ops.mouthpiece.animate()
    (take,) = takes_of(find_character(bpy.data.objects["Rig"]))
    layers = take.action.mouthpiece_layers
    offered = parts_said(take.action)
    assert "Five brave foxes were asleep by the willow" in offered
    assert any(name.startswith("phrase 2: ") for name in offered)
    before = seen()
    scene.mouthpiece.emotion.angry = 1.0
    scene.mouthpiece.script.text = ""  # the take knows its words
    bpy.ops.mouthpiece.run_again(words="five brave foxes")
    changed = changes(before) + take.start
    track, words = phones_of(take.action), Script.from_text((SAMPLES / "line.txt").read_text()).words()
    spoken = spoken_words(track, words)
    first = [word.text for word in spoken].index("five")
    start, end = spoken[first].start_s * FPS + take.start, spoken[first + 2].end_s * FPS + take.start
    assert start - 0.12 * FPS - 1 <= changed.min() < start
    assert end < changed.max() <= end + 0.12 * FPS + 2
    # The field in the Layers fold does the same; frames that are given go before it.
    offered = parts_said(take.action)  # words may have moved a little with the mood
    layers.words = offered[-1]
    before = seen()
    bpy.ops.mouthpiece.run_again()
    said = [float(number) for number in offered[-1].removesuffix(" s").partition(": ")[2].split(" to ")]
    changed = changes(before) + take.start
    assert said[0] * FPS + take.start - 5 <= changed.min() <= changed.max() <= said[1] * FPS + take.start + 5
    layers.words = "nobody"
    with pytest.raises(RuntimeError, match='"nobody" is said 2 times'):
        bpy.ops.mouthpiece.run_again()
    before = seen()
    bpy.ops.mouthpiece.run_again(first=5, last=20)
    assert changes(before).max() + take.start <= 20


def changes(before: Performance) -> np.ndarray:
    """The rows in which something has changed since."""
    return np.flatnonzero(np.abs(seen().curves.values - before.curves.values).max(axis=1) > 1e-5)


def test_a_take_without_words_has_phrases(stage: bpy.types.Scene) -> None:
    (take,) = takes_of(find_character(bpy.data.objects["Rig"]))
    assert all(name.startswith("phrase ") for name in parts_said(take.action))
    with pytest.raises(RuntimeError, match="The words of this take are not known"):
        bpy.ops.mouthpiece.run_again(words="hello")
    stage.mouthpiece.emotion.happy = 1.0
    assert bpy.ops.mouthpiece.run_again(words="phrase 1") == {"FINISHED"}
