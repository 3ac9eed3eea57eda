"""What a batch flags: lips that stay open, mouths that move in pauses, doubtful sound, motion that a rig lacks."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from waves import LINE

from core.audio import doubts, read_speech
from core.batch import findings
from core.batch.holes import lost_controls
from core.batch.settings import Settings, settings_from
from core.batch.work import Order, do
from core.errors import RigError
from core.guidance import Guidance
from core.rig.board import BOARD_NAMES
from core.rig.presets import read_preset, write_preset
from core.rig.targets import Drive, Mapping, Target
from core.speech.articulation import SEALED
from core.speech.direction import Direction
from core.speech.phones import Phone, PhoneTrack
from core.types import RigCurves


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


def own(*drives):
    return Mapping("Goblin", "arkit52", tuple(Drive(Target("shape_key", "", name), source) for name, source in drives))


def test_motion_that_a_characters_own_mapping_reads_nothing_of():
    brow, jaw = "CTRL_L_brow_down__ty", "CTRL_C_jaw__ty"
    moved = board(**{brow: 0.3, jaw: 0.5, "CTRL_L_eye_blink__ty": 0.9})
    assert lost_controls(moved, own(("Jaw", "jawOpen"))) == ("CTRL_L_eye_blink.ty", "CTRL_L_brow_down.ty")
    every = own(("Jaw", "jawOpen"), ("Frown", "browDownLeft"), ("Wink", "eyeBlinkLeft"))
    assert lost_controls(moved, every) == ()
    # A gain of 0 and a part of the curve that never comes show nothing either.
    deaf = Drive(Target("shape_key", "", "Frown"), "browDownLeft", part="negative")
    still = Drive(Target("shape_key", "", "Wink"), "eyeBlinkLeft", gain=0.0)
    half = Mapping("Goblin", "arkit52", (*own(("Jaw", "jawOpen")).drives, deaf, still))
    assert lost_controls(moved, half) == ("CTRL_L_eye_blink.ty", "CTRL_L_brow_down.ty")
    (flag,) = findings.mapping_holes(half, lost_controls(moved, half))
    assert flag.text == 'The mapping "Goblin" has nothing for what moves here: L_eye_blink, L_brow_down.'


def test_curves_of_arkit_are_judged_too():
    values = np.zeros((2, 3), np.float32)
    values[1] = 0.5, 0.3, 0.9
    moved = RigCurves(("jawOpen", "mouthClose", "noseSneerLeft"), values, 30.0)
    assert lost_controls(moved, own(("Jaw", "jawOpen"), ("Shut", "mouthClose"))) == ("noseSneerLeft",)


def test_a_batch_is_judged_by_the_mapping_it_is_told(tmp_path):
    write_preset(tmp_path / "goblin.yaml", own(("Jaw", "jawOpen")))
    settings = Settings(formats=("npz",), mapping=read_preset(tmp_path / "goblin.yaml"))
    sent = settings_from(json.loads(json.dumps(settings.members())))
    assert sent.mapping == settings.mapping
    entry = do(Order(LINE, None, (tmp_path / "a.npz",)), sent)
    (hole,) = [found for found in entry["findings"] if found["code"] == "mapping_holes"]
    assert 'The mapping "Goblin" has nothing' in hole["text"]
    assert "eye_blink" in hole["text"]
    with pytest.raises(RigError, match="moves nothing"):
        Settings(mapping=own())
