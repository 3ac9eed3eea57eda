"""Emotion, direction and words as the panel sets them, and what of it reaches the worker."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import numpy as np
import pytest
from mouthpiece.addon.desk import DESK
from mouthpiece.addon.guidance import emotion_of, guidance_of
from mouthpiece.addon.job import Job
from mouthpiece.core.guidance import guidance_from
from mouthpiece.core.speech.direction import PARAMETERS, SWITCHES, Direction
from mouthpiece.core.speech.emotion import EMOTIONS

pytestmark = pytest.mark.usefixtures("registered")
SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def panel() -> bpy.types.PropertyGroup:
    bpy.context.scene.frame_end = 10
    return bpy.context.scene.mouthpiece


def asked(start: int = 1) -> dict:
    """What a worker would be sent."""
    return json.loads(json.dumps(guidance_of(bpy.context.scene, start).members()))


def test_an_untouched_panel_asks_nothing(panel: bpy.types.PropertyGroup) -> None:
    assert asked() == {}


def test_the_panel_has_every_wish_with_its_range(panel: bpy.types.PropertyGroup) -> None:
    known = panel.direction.bl_rna.properties
    for parameter in PARAMETERS:
        slider = known[parameter.name]
        found = (slider.hard_min, slider.hard_max, slider.default)
        assert found == pytest.approx((parameter.low, parameter.high, parameter.default))
        assert slider.description
    for switch in SWITCHES:
        assert known[switch.name].default == switch.default
        assert known[switch.name].description


def test_a_mixture_on_one_side(panel: bpy.types.PropertyGroup) -> None:
    panel.emotion.happy, panel.emotion.surprised = 0.5, 0.25
    track = emotion_of(bpy.context.scene, 1)
    assert len(track.times) == 1
    assert track.is_even
    panel.emotion.balance = 1.0
    track = emotion_of(bpy.context.scene, 1)
    assert (track.left.max(), track.right.max()) == (0.5, 0)
    panel.emotion.balance = -0.5
    track = emotion_of(bpy.context.scene, 1)
    assert (track.left.max(), track.right.max()) == (0.25, 0.5)


def key(emotion: bpy.types.PropertyGroup, name: str, **values: float) -> None:
    for frame, value in values.items():
        setattr(emotion, name, value)
        emotion.keyframe_insert(name, frame=int(frame[1:]))


def test_keys_become_emotion_over_time(panel: bpy.types.PropertyGroup) -> None:
    panel.emotion.sad = 0.5
    key(panel.emotion, "happy", f11=0.0, f35=1.0)
    scene = bpy.context.scene
    scene.frame_end = 60
    scene.frame_set(35)
    curve = next(iter(scene.animation_data.action.layers[0].strips[0].channelbags[0].fcurves))
    for start in (1, 20, 50):
        track = emotion_of(scene, start)
        assert track.times[0] == 0
        assert len(track.times) <= 27
        times = np.arange(61 - start) / 24
        left, right = track.at(times)
        wanted = [curve.evaluate(start + row) for row in range(len(times))]
        np.testing.assert_allclose(left[:, EMOTIONS.index("happy")], wanted, atol=1e-3)
        np.testing.assert_array_equal(left, right)
        np.testing.assert_array_equal(left[:, EMOTIONS.index("sad")], 0.5)


def test_sides_can_be_keyed_too(panel: bpy.types.PropertyGroup) -> None:
    panel.emotion.happy = 1.0
    key(panel.emotion, "balance", f1=-1.0, f49=1.0)
    left, right = emotion_of(bpy.context.scene, 1).at(np.array([0.0, 1.0, 2.0]))
    np.testing.assert_allclose(left[:, 0], [0, 1, 1], atol=0.02)
    np.testing.assert_allclose(right[:, 0], [1, 1, 0], atol=0.02)


def test_long_keyed_scenes_stay_small(panel: bpy.types.PropertyGroup) -> None:
    key(panel.emotion, "happy", f1=0.0, f300000=1.0)
    track = emotion_of(bpy.context.scene, 1)
    assert len(track.times) <= 20_001
    assert track.at(np.array([150_000 / 24]))[0][0, 0] == pytest.approx(0.5, abs=0.01)


def test_a_muted_curve_is_not_read(panel: bpy.types.PropertyGroup) -> None:
    key(panel.emotion, "happy", f1=0.0, f20=1.0)
    bag = bpy.context.scene.animation_data.action.layers[0].strips[0].channelbags[0]
    bag.fcurves[0].mute = True
    panel.emotion.happy = 0.25
    assert emotion_of(bpy.context.scene, 1).left[0, 0] == 0.25


def test_direction_life_and_words(panel: bpy.types.PropertyGroup) -> None:
    panel.direction.strength_jaw, panel.direction.smoothing_s, panel.direction.live_blinks = 1.2, 0.1, False
    panel.script.text = " We pushed the boat off. "
    assert asked() == {
        "direction": {"strength_jaw": 1.2, "smoothing_s": 0.1, "live_blinks": False},
        "text": "We pushed the boat off.",
        "language": "en",
    }
    block = bpy.data.texts.new("line")
    block.from_string("Wir schoben\ndas Boot.\n")
    panel.script.block, panel.script.language = block, "de"
    assert (asked()["text"], asked()["language"]) == ("Wir schoben\ndas Boot.", "de")
    panel.emotion.as_heard = True
    assert asked()["emotion"] == "heard"
    bpy.ops.mouthpiece.reset_direction()
    assert asked()["direction"] == {"live_blinks": False}


def test_the_worker_is_told(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    start = Job.__init__

    def listen_in(self: Job, command: object, order: dict) -> None:
        told.append(order)
        start(self, command, order)

    monkeypatch.setattr(Job, "__init__", listen_in)
    scene.mouthpiece.emotion.happy = 0.75
    scene.mouthpiece.direction.strength_brows = 0.5
    scene.mouthpiece.recording = str(SAMPLES / "line.wav")  # words are refused where nobody says them
    scene.mouthpiece.script.text = (SAMPLES / "line.txt").read_text().strip()
    bpy.ops.mouthpiece.animate()
    guidance = guidance_from(told[0])
    assert guidance.emotion.left[0, 0] == 0.75
    assert guidance.direction == Direction(strength_brows=0.5)
    assert guidance.script.text.startswith("When the moon came up")
    assert not DESK.busy


def test_what_the_voice_suggested_is_kept(scene: bpy.types.Scene) -> None:
    scene.mouthpiece.emotion.as_heard = True
    bpy.ops.mouthpiece.animate()
    assert "sure)" in scene.mouthpiece.heard
    scene.mouthpiece.emotion.as_heard = False
    bpy.ops.mouthpiece.animate()
    assert scene.mouthpiece.heard == ""


def test_words_in_a_language_that_is_none(scene: bpy.types.Scene) -> None:
    scene.mouthpiece.script.text, scene.mouthpiece.script.language = "hello", "?!"
    with pytest.raises(RuntimeError, match="not understood"):
        bpy.ops.mouthpiece.animate()
    assert not bpy.data.actions


def test_settings_are_kept_in_the_file(panel: bpy.types.PropertyGroup, tmp_path: Path) -> None:
    panel.emotion.angry, panel.direction.style_lip, panel.script.text = 0.5, 0.25, "hello"
    key(panel.emotion, "angry", f1=0.25, f20=0.5)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    found = asked()
    assert found["direction"] == {"style_lip": 0.25}
    assert found["text"] == "hello"
    assert found["emotion"]["left"][0][EMOTIONS.index("angry")] == 0.25


class OpenLayout:
    """Stands for a region of the panel with every fold open; it keeps what it was told to show."""

    def __init__(self, shown: list[str]) -> None:
        self.shown = shown

    def prop(self, owner: bpy.types.PropertyGroup, name: str, **_: object) -> None:
        assert name in owner.bl_rna.properties
        self.shown.append(name)

    def operator(self, name: str, **_: object) -> None:
        assert getattr(bpy.ops.mouthpiece, name.partition(".")[2]).get_rna_type()
        self.shown.append(name)

    def label(self, text: str = "", **_: object) -> None:
        self.shown.append(text)

    def panel(self, name: str, **_: object) -> tuple[OpenLayout, OpenLayout]:
        self.shown.append(name)
        return self, self

    def column(self, **_: object) -> OpenLayout:
        return self

    row = column

    def separator(self) -> None:
        """Nothing to see."""


def test_every_slider_is_shown_once(panel: bpy.types.PropertyGroup) -> None:
    from mouthpiece.addon.panels_guidance import draw_guidance

    panel.heard = "happy=0.40 (62% sure)"
    shown: list[str] = []
    draw_guidance(OpenLayout(shown), panel)
    wanted = [*EMOTIONS, "balance", "as_heard", "text", "block", "language", panel.heard]
    wanted += [item.name for item in (*PARAMETERS, *SWITCHES)]
    assert [shown.count(name) for name in wanted] == [1] * len(wanted)
