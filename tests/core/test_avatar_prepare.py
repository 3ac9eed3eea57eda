"""A video becomes a folder to learn a head from; what stops in the middle goes on; what cannot be used is said."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import CoreError, FormatError, SettingError

pytest.importorskip("mediapipe")
pytest.importorskip("av")
from filmed_faces import talking, turn_film, write_film

from core.avatar.prepare import prepare_video
from core.avatar.prepare import run as steps
from core.avatar.prepare.crop import crop_for
from core.avatar.prepare.masks import shared_out, with_mouth
from core.avatar.prepare.run import PrepareJob, prepare
from core.avatar.prepared import BACKGROUND, HEAD, MOUTH, TORSO, read_prepared
from core.rig.arkit import ARKIT_52
from core.template.camera import Lens, moved

COUNT = 60


class Quiet:
    def __init__(self):
        self.warnings, self.last = [], -1.0

    def progress(self, value, text):
        assert 0 <= value <= 1
        self.last = value

    def warn(self, text):
        self.warnings.append(text)


@pytest.fixture(scope="module")
def frames():
    return talking(COUNT, 256)


@pytest.fixture(scope="module")
def made(tmp_path_factory, frames):
    folder = tmp_path_factory.mktemp("prepared")
    film = write_film(folder / "talk.mp4", frames, sound=True)
    quiet = Quiet()
    return prepare(PrepareJob(film, folder / "out", size=128), quiet), quiet, folder / "out"


def test_folder_is_what_training_reads(made):
    prepared, quiet, folder = made
    assert len(prepared) == COUNT and prepared.fps == 25 and max(prepared.size) <= 128
    assert prepared.split == COUNT * 10 // 11
    assert prepared.features.shape[:2] == (COUNT, 8) and np.abs(prepared.features).max() > 0
    assert not quiet.warnings and (folder / "report.html").is_file()
    assert read_prepared(folder).focal == prepared.focal
    opened = prepared.track.weights[:, ARKIT_52.index("jawOpen")]
    wanted = np.maximum(0, np.sin(np.arange(COUNT) / 3))
    assert np.corrcoef(opened, wanted)[0, 1] > 0.75


def test_mesh_lies_on_the_face(made):
    prepared, _, _ = made
    vertices = prepared.sitter.template.points[None].astype(np.float64)
    placed = moved(prepared.track.pose[:1].astype(np.float64), vertices)[0]
    pixels = Lens(prepared.focal, prepared.center).pixels(placed)
    from core.template.files import head_template

    miss = np.linalg.norm(head_template().at_landmarks(pixels) - prepared.track.landmarks[0], axis=1)
    eyes = np.linalg.norm(prepared.track.landmarks[0, 33] - prepared.track.landmarks[0, 263])
    assert np.median(miss) < 0.06 * eyes


def test_masks_tell_head_mouth_and_torso(made):
    prepared, _, _ = made
    opened = int(prepared.track.weights[:, ARKIT_52.index("jawOpen")].argmax())
    mask = prepared.mask(opened)
    for part in (BACKGROUND, HEAD, TORSO):
        assert (mask == part).mean() > 0.03
    assert (mask == MOUTH).sum() > 3
    nose = np.round(prepared.track.landmarks[opened, 4]).astype(int)
    assert mask[nose[1], nose[0]] == HEAD and mask[2, 2] == BACKGROUND and mask[-2, mask.shape[1] // 2] == TORSO


def test_goes_on_after_a_kill(tmp_path, frames, monkeypatch):
    film = write_film(tmp_path / "talk.mp4", frames)
    job = PrepareJob(film, tmp_path / "out", size=96)
    written = steps.write_frame

    def stop(folder, frame, picture, mask):
        if frame == 20:
            raise KeyboardInterrupt
        written(folder, frame, picture, mask)

    monkeypatch.setattr(steps, "write_frame", stop)
    with pytest.raises(KeyboardInterrupt):
        prepare(job, Quiet())
    again = []
    monkeypatch.setattr(steps, "write_frame", lambda *words: (again.append(words[1]), written(*words)))
    monkeypatch.setattr(steps, "watch", None)  # not looked at twice
    assert len(prepare(job, Quiet())) == COUNT
    assert again == list(range(20, COUNT))


def test_silent_slow_and_turned_video_is_prepared_with_words(tmp_path, frames):
    turned = [np.ascontiguousarray(np.rot90(f, 1)) for f in frames[::5]]
    film = turn_film(write_film(tmp_path / "phone.mp4", turned, fps=5), 90)
    sentence = prepare_video(film, tmp_path / "out", 96, lambda value, text: None)
    assert "no sound" in sentence and "5 pictures a second" in sentence
    made = read_prepared(tmp_path / "out")
    assert made.fps == 5 and made.track.confidence.min() > 0.2


def test_face_lost_for_seconds_is_marked(tmp_path, frames):
    wall = np.full_like(frames[0], 90)
    film = write_film(tmp_path / "lost.mp4", [*frames[:40], *[wall] * 25, *frames[40:]])
    quiet = Quiet()
    made = prepare(PrepareJob(film, tmp_path / "out", size=96), quiet)
    assert any("lost for" in warning for warning in quiet.warnings)
    assert (made.track.confidence[42:63] == 0).all()


def test_what_cannot_be_learned_from_is_said(tmp_path, frames):
    wall = [np.full((96, 96, 3), 128, np.uint8)] * 60
    cases = {
        "wall": (wall, "No face"),
        "short": (frames[:12], "needs 2 s"),
        "seldom": ([*frames[:30], *[np.full_like(frames[0], 90)] * 60], "Only"),
    }
    for name, (pictures, words) in cases.items():
        film = write_film(tmp_path / f"{name}.mp4", pictures)
        with pytest.raises(SettingError, match=words):
            prepare(PrepareJob(film, tmp_path / name, size=96), Quiet())
        assert (tmp_path / name / "seen.npz").is_file()  # the work so far is kept


def test_folder_of_another_video_is_left_alone(made, tmp_path, frames):
    _, _, folder = made
    film = write_film(tmp_path / "other.mp4", frames[:30])
    with pytest.raises(FormatError, match="another video"):
        prepare(PrepareJob(film, folder, size=128), Quiet())
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    with pytest.raises(FormatError, match="not empty"):
        prepare(PrepareJob(film, tmp_path / "full", size=128), Quiet())


def test_disk_full_is_a_sentence(tmp_path, frames, monkeypatch):
    film = write_film(tmp_path / "talk.mp4", frames)

    def full(*words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(steps, "write_frame", full)
    with pytest.raises(CoreError, match="no space left"):
        prepare(PrepareJob(film, tmp_path / "out", size=96), Quiet())


def test_damaged_video_is_used_as_far_as_it_goes(tmp_path, frames):
    path = write_film(tmp_path / "whole.mkv", [*frames, *frames])
    data = path.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: int(len(data) * 0.8)])
    made = prepare(PrepareJob(tmp_path / "cut.mkv", tmp_path / "out", size=96), Quiet())
    assert COUNT <= len(made) < 2 * COUNT


def test_crop_keeps_the_face_and_its_lens():
    landmarks = np.zeros((4, 478, 2))
    landmarks[:] = np.random.default_rng(0).uniform((600, 200), (700, 330), (478, 2))
    crop = crop_for(landmarks, np.ones(4, bool), (1280, 720), 256)
    assert crop.size <= 256 and crop.left >= 0 and crop.left + crop.side <= 1280 and crop.top + crop.side <= 720
    point = np.array([0.05, 0.1, -1.0])
    lens = Lens(900.0, (640.0, 360.0))
    np.testing.assert_allclose(crop.lens(lens).pixels(point), crop.pixels(lens.pixels(point)), atol=1e-9)


def test_hair_on_a_shoulder_is_head_and_a_shoulder_is_torso():
    picture = np.full((120, 120, 3), 200, np.uint8)
    drawn = np.zeros((120, 120), np.uint8)
    drawn[30:80, 45:75], drawn[85:, 20:100] = HEAD, TORSO
    there = np.zeros((120, 120), bool)
    there[15:, 30:90] = there[85:, 10:110] = True
    picture[there] = (40, 60, 160)
    picture[15:80, 30:90][~(drawn[15:80, 30:90] == HEAD)] = (30, 20, 10)  # hair around the face
    picture[80:100, 30:42] = (30, 20, 10)  # and a lock over the right shoulder
    parts = shared_out(picture, there, drawn, 82)
    assert parts[92, 36] == HEAD and parts[95, 85] == TORSO and parts[20, 60] == HEAD


def test_closed_mouth_has_no_inside():
    ring = np.zeros((478, 2))
    mask = np.full((40, 40), HEAD, np.uint8)
    ring[:] = (20, 20)
    assert (with_mouth(mask.copy(), ring) == HEAD).all()
