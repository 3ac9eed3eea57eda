"""Live sessions: a film stands in for a camera, and a scripted device for one that is not there or goes away."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from core.cli import main
from core.errors import FormatError, SettingError
from core.formats import read_performance
from core.live_lines import full_line_of, preview_of_line
from core.live_take import LiveRows, live_performance
from core.rig.arkit import ARKIT_52
from tools.paths import ROOT

pytest.importorskip("cv2")
pytest.importorskip("mediapipe")
pytest.importorskip("av")
import cv2
from filmed_faces import face, talking, write_film

from core.video import camera as cameras
from core.video.camera import Camera, CameraWish, Rate
from core.video.live import CALIBRATION
from core.video.session import LiveWish, preview_of, watched
from core.video.track import TrackOptions, track_video

FPS, CALM, TALK = 25, 28, 45
NAMES = {name: k for k, name in enumerate(ARKIT_52)}
WORKER = [sys.executable, str(ROOT / "worker_main.py")]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A calm second, then a head that talks, blinks and turns."""
    frames = [face({})] * CALM + talking(TALK)
    return write_film(tmp_path_factory.mktemp("live") / "me.mp4", frames, FPS)


@pytest.fixture(scope="module")
def moments(film):
    return follow(film, preview=True)


def follow(path, asked=lambda: "", mirrored=False, smoothing="usual", preview=False):
    """Every picture of a film, however long it takes."""
    return list(watched(LiveWish(CameraWish(path, mirrored, paced=False), smoothing, preview), asked))


def acted(path, *acts):
    """A film of a calm second and then of acts, (shapes, pictures) each; None for nobody."""
    frames = [face({})] * CALM
    for shapes, count in acts:
        frames += [np.full((320, 320, 3), 110, np.uint8) if shapes is None else face(shapes)] * count
    return write_film(path, frames, FPS)


class Device:
    """A camera as OpenCV gives them: pictures from a list, then nothing."""

    def __init__(self, images, opened=True):
        self.images, self.opened, self.released = list(images), opened, False

    def isOpened(self):  # noqa: N802  (OpenCV's name)
        return self.opened

    def set(self, what, value):
        return True

    def get(self, what):
        return 0.0

    def read(self):
        time.sleep(0.005)
        return (True, self.images.pop(0)) if self.images else (False, None)

    def release(self):
        self.released = True


def test_a_camera_that_is_not_there_or_is_taken_is_a_sentence(monkeypatch):
    monkeypatch.setattr(cv2, "VideoCapture", lambda number: Device([], opened=False))
    with pytest.raises(FormatError, match=r"[Cc]amera 98"), Camera(CameraWish(98)):
        pass
    monkeypatch.setattr(cameras.Path, "exists", lambda path: True)
    with pytest.raises(FormatError, match="no other program uses it"), Camera(CameraWish(0)):
        pass


@pytest.mark.parametrize(("count", "said"), [(0, "gives no picture"), (3, "plug it in again")])
def test_a_camera_that_gives_nothing_any_more_is_a_sentence(monkeypatch, count, said):
    monkeypatch.setattr(cameras, "FIRST_S", 0.1)
    monkeypatch.setattr(cameras, "SILENT_S", 0.1)
    picture = np.zeros((8, 10, 3), np.uint8)
    picture[:, :5] = (200, 100, 50)  # blue, green, red, on the left
    device = Device([picture] * count)
    monkeypatch.setattr(cv2, "VideoCapture", lambda number: device)
    shots = []
    with Camera(CameraWish(0, mirrored=True)) as camera:
        camera.start()
        with pytest.raises(FormatError, match=said):
            while True:
                shots.append(camera.newest(2.0))
        assert camera.fps == 30.0
    assert device.released
    if count:
        assert shots[-1].number + 1 == len(shots) + camera.dropped == count
        np.testing.assert_array_equal(shots[0].image[0, [0, -1]], [(0, 0, 0), (50, 100, 200)])


def test_who_is_slow_gets_the_newest_picture(film):
    shots = []
    with Camera(CameraWish(film)) as camera:
        camera.start()
        while not camera.ended:
            if shot := camera.newest(1.0):
                shots.append(shot)
            time.sleep(0.2)
    numbers = [shot.number for shot in shots]
    assert numbers == sorted(set(numbers)) and numbers[-1] == CALM + TALK - 1
    assert camera.dropped == CALM + TALK - len(shots) > 20
    assert [shot.seconds for shot in shots] == pytest.approx([number / FPS for number in numbers])
    assert time.time() - camera.began >= shots[-1].seconds


def test_pictures_a_second_are_counted():
    rate = Rate()
    assert rate.note(0.0) == 0
    assert [rate.note(k / 20) for k in range(1, 60)][-1] == pytest.approx(20)
    assert rate.note(30.0) == 0


def test_live_agrees_with_the_film_solved_as_a_whole(film, moments):
    whole = track_video(film, TrackOptions(), lambda value, text: None).weights.values[CALIBRATION:]
    assert len(moments) == CALM + TALK
    assert all(moment.weights is None for moment in moments[:CALIBRATION])
    live = np.stack([moment.weights for moment in moments[CALIBRATION:]])
    assert np.abs(live - whole).mean() < 0.05
    for name in ("jawOpen", "eyeBlinkLeft", "eyeBlinkRight"):
        mine, theirs = live[:, NAMES[name]], whole[:, NAMES[name]]
        fits = [np.corrcoef(mine[lag:], theirs[: len(theirs) - lag])[0, 1] for lag in range(5)]
        assert max(fits) > 0.9 and int(np.argmax(fits)) <= 1, name
    assert not moments[-1].restless
    assert moments[-1].filter_s == pytest.approx(0.04, abs=0.001)


def test_calmer_answers_move_less_and_say_their_lag(film):
    jaws, lags = {}, {}
    for smoothing in ("quick", "calm"):
        made = [moment for moment in follow(film, smoothing=smoothing) if moment.weights is not None]
        jaws[smoothing] = np.abs(np.diff([moment.weights[NAMES["jawOpen"]] for moment in made])).sum()
        lags[smoothing] = made[0].filter_s
    assert jaws["calm"] < jaws["quick"] and lags["calm"] == pytest.approx(4 * lags["quick"])
    with pytest.raises(SettingError, match="smoothing"):
        LiveWish(CameraWish(film), "rough")


def test_a_mirrored_face_does_the_other_side(tmp_path):
    path = acted(tmp_path / "smile.mp4", ({"mouthSmileLeft": 0.9}, 10))
    sides = {}
    for mirrored in (False, True):
        last = follow(path, mirrored=mirrored)[-1].weights
        sides[mirrored] = [last[NAMES[f"mouthSmile{side}"]] for side in ("Left", "Right")]
    assert sides[False][0] > 2 * sides[False][1] and sides[True][1] > 2 * sides[True][0]
    assert min(sides[False][0], sides[True][1]) > 0.2


def test_a_lost_face_is_held_and_then_rests(tmp_path):
    made = follow(acted(tmp_path / "lost.mp4", ({"jawOpen": 0.7}, 6), (None, 40)))
    jaw = [moment.weights[NAMES["jawOpen"]] for moment in made[CALM:]]
    assert [moment.seen for moment in made] == [True] * (CALM + 6) + [False] * 40
    assert jaw[10] == jaw[6] > 0.2 and jaw[-1] == 0
    assert made[-1].confidence == 0 < made[CALM + 2].confidence


def test_calibrating_anew_takes_the_face_for_neutral(tmp_path):
    asked = iter([""] * 38 + ["calibrate"])
    made = follow(acted(tmp_path / "brows.mp4", ({"browInnerUp": 1.0}, 40)), lambda: next(asked, ""))
    brow = [moment.weights[NAMES["browInnerUp"]] for moment in made[CALM:]]
    assert brow[9] > 0.3 and made[45].calibrated < 1 and brow[-1] < 0.3 * brow[9]


def test_who_talks_while_calibrating_is_told(tmp_path):
    path = write_film(tmp_path / "talk.mp4", [face({"jawOpen": 0.5 * (k % 10 < 5)}) for k in range(30)], FPS)
    made = follow(path)
    assert not made[10].restless and made[-1].restless


def test_previews_come_now_and_then_and_travel_as_text(moments):
    shown = [moment for moment in moments if moment.preview is not None]
    assert 0 < len(shown) < len(moments)
    line = json.loads(json.dumps(full_line_of(shown[0])))
    np.testing.assert_array_equal(preview_of_line(line["preview"]), shown[0].preview)
    assert shown[0].preview.shape == (120, 120, 3)
    with pytest.raises(FormatError, match="damaged"):
        preview_of_line({"width": 4, "height": 4, "rgb": "AAAA"})
    lost = preview_of(np.zeros((90, 160, 3), np.uint8), None, calibrating=False)
    assert lost.shape == (90, 160, 3) and lost[0, 0, 0] > lost[0, 0, 1]


def test_moments_become_a_take_at_any_rate():
    seconds = np.array([0.5, 0.54, 0.6, 0.71])
    weights = np.zeros((4, 52), np.float32)
    weights[:, 0] = seconds - 0.5
    rows = LiveRows(seconds, weights, np.repeat(seconds[:, None], 3, axis=1).astype(np.float32))
    made = live_performance(rows, 0.5, 0.75, 24.0)
    wanted = np.minimum(np.arange(7) / 24, 0.21)
    np.testing.assert_allclose(made.curves.values[:, 0], wanted, atol=1e-6)
    np.testing.assert_allclose(made.head[:, 2], 0.5 + wanted, atol=1e-6)
    with pytest.raises(SettingError, match="Nothing was seen"):
        LiveRows.of([])
    with pytest.raises(SettingError, match="lasts"):
        live_performance(rows, 1.0, 0.5, 24.0)


def test_the_command_prints_or_keeps(film, tmp_path, capsys):
    assert main(["live", str(film), "--every"]) == 0
    header, *lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert header["names"] == list(ARKIT_52) and len(lines) == CALM + TALK
    assert lines[0]["values"] is None and len(lines[-1]["values"]) == 52
    out = tmp_path / "take.npz"
    assert main(["live", str(film), "--every", "-o", str(out), "--fps", "24", "--seconds", "1"]) == 0
    kept = read_performance(out)
    assert len(kept.head) == 25 and kept.curves.fps == 24
    first = next(line["values"] for line in lines if line["values"])
    np.testing.assert_allclose(kept.curves.values[0], first, atol=1e-5)
    assert main(["live", str(film), "-o", str(out)]) != 0  # it exists
    assert main(["live", "0", "--every"]) == 2
    assert main(["live", str(film), "--seconds", "0"]) == 2


def test_the_worker_streams_until_it_is_asked_to_stop(film, tmp_path):
    order = {"protocol": 2, "task": "live", "input": str(film), "output": str(tmp_path / "none.npz")}
    with subprocess.Popen(WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as started:
        started.stdin.write(json.dumps(order).encode() + b"\n")
        started.stdin.flush()
        events = []
        for line in started.stdout:
            events.append(json.loads(line))
            if len(events) == 3:
                started.stdin.write(b"stop\n")
                started.stdin.flush()
    kinds = [event["event"] for event in events]
    assert kinds[:3] == ["moment"] * 3 and kinds[-2:] == ["result", "exit"] and started.returncode == 0
    assert set(events[0]["moment"]) >= {"time_s", "values", "began", "lag_ms", "camera_fps"}


def test_the_worker_leaves_with_who_started_it(film, tmp_path):
    order = {"protocol": 2, "task": "live", "input": str(film), "output": str(tmp_path / "none.npz")}
    with subprocess.Popen(WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as started:
        started.stdin.write(json.dumps(order).encode() + b"\n")
        started.stdin.flush()
        assert json.loads(started.stdout.readline())["event"] == "moment"
        started.stdin.close()
        assert started.wait(5) == 130
