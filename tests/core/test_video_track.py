"""From a film to a performance file, with a drawn head that MediaPipe takes for a face."""

from __future__ import annotations

import numpy as np
import pytest

from core.cli import main
from core.errors import SettingError
from core.formats import read_performance
from core.rig.arkit import ARKIT_52

pytest.importorskip("mediapipe")
pytest.importorskip("av")
from filmed_faces import face, talking, turn_film, write_film

from core.blend.filmed import read_filmed
from core.video.faces import FaceFollower, count_faces
from core.video.film import open_film
from core.video.track import TrackOptions, track_video

COUNT = 50


@pytest.fixture(scope="module")
def frames():
    return talking(COUNT)


def curve(path, name):
    performance = read_performance(path)
    return performance.curves.column(name)


def test_film_becomes_a_performance(tmp_path, frames, capsys):
    film = write_film(tmp_path / "talk.mp4", frames)
    out = tmp_path / "talk.npz"
    assert main(["track", str(film), "-o", str(out)]) == 0
    assert "50 frames" in capsys.readouterr().out
    wanted = 0.35 * np.maximum(0, np.sin(np.arange(COUNT) / 3))
    assert np.corrcoef(curve(out, "jawOpen"), wanted)[0, 1] > 0.8
    blink = curve(out, "eyeBlinkLeft")
    assert abs(int(blink.argmax()) - COUNT // 2) <= 1 and blink.max() > 0.6
    assert read_filmed(out).confidence.min() > 0.3


def test_other_formats_rigs_and_rates(tmp_path, frames):
    film = write_film(tmp_path / "talk.mp4", frames[:20])
    assert main(["track", str(film), "-o", str(tmp_path / "a.csv"), "--fps", "60"]) == 0
    assert len(read_performance(tmp_path / "a.csv").head) == pytest.approx(48, abs=2)
    assert main(["track", str(film), "-o", str(tmp_path / "b.json"), "--rig", "metahuman251"]) == 0
    assert any(name.startswith("CTRL_") for name in read_performance(tmp_path / "b.json").curves.names)
    assert main(["track", str(film), "-o", str(tmp_path / "a.csv")]) != 0  # it exists


def test_a_range_brings_extremes_to_where_it_ends(tmp_path, frames):
    film = write_film(tmp_path / "timid.mp4", frames)
    rows = {}
    for name, words in {"plain": [], "ranged": ["--range", "0.9"]}.items():
        out = tmp_path / f"{name}.npz"
        assert main(["track", str(film), "-o", str(out), *words]) == 0
        rows[name] = curve(out, "jawOpen")
    assert rows["ranged"].max() == pytest.approx(0.9, abs=0.08) and rows["plain"].max() < 0.8
    np.testing.assert_allclose(rows["ranged"][rows["plain"] == 0], 0)
    assert main(["track", str(film), "-o", str(tmp_path / "none.npz"), "--range", "2"]) != 0
    assert not (tmp_path / "none.npz").exists()


def test_face_lost_for_a_while_is_bridged(tmp_path, frames):
    empty = np.full_like(frames[0], 110)
    film = write_film(tmp_path / "lost.mp4", [*frames[:20], *[empty] * 12, *frames[20:40]])
    track = track_video(film, TrackOptions(), lambda value, text: None)
    assert (track.confidence[22:31] == 0).all() and track.confidence[:18].min() > 0.3
    assert np.isfinite(track.weights.values).all()


def test_portrait_film_is_tracked_upright(tmp_path, frames):
    wide = [np.ascontiguousarray(np.rot90(np.pad(f, ((0, 0), (40, 40), (0, 0)), "edge"), 1)) for f in frames[:15]]
    film = turn_film(write_film(tmp_path / "portrait.mp4", wide), 90)
    track = track_video(film, TrackOptions(), lambda value, text: None)
    assert track.confidence.min() > 0.3
    eyes = track.landmarks[:, [33, 263]]
    assert (np.abs(np.diff(eyes[..., 1], axis=1)) < 0.3 * np.abs(np.diff(eyes[..., 0], axis=1))).all()


def test_no_face_is_a_sentence(tmp_path):
    film = write_film(tmp_path / "wall.mp4", [np.full((96, 96, 3), 128, np.uint8)] * 10)
    with pytest.raises(SettingError, match="No face"):
        track_video(film, TrackOptions(), lambda value, text: None)


def test_of_two_faces_one_is_followed():
    pair = np.hstack([face({}, size=320), face({"jawOpen": 0.5}, size=320)])
    assert count_faces(pair) == 2
    for choice, left in (("left", True), ("right", False)):
        with FaceFollower(choice, 2) as follower:
            for _ in range(3):
                found = follower.find(pair)
            assert (found[:, 0].mean() < 320) == left


def test_task_file_that_is_none_is_a_sentence(tmp_path, frames, capsys):
    film = write_film(tmp_path / "talk.mp4", frames[:8])
    (tmp_path / "bad.task").write_bytes(b"nothing")
    assert main(["track", str(film), "-o", str(tmp_path / "o.npz"), "--task", str(tmp_path / "bad.task")]) != 0
    assert "no face landmark task" in capsys.readouterr().err


def test_film_facts_reach_the_track(tmp_path, frames):
    film = write_film(tmp_path / "talk.mp4", frames[:10], fps=30)
    track = track_video(film, TrackOptions(focal=900.0), lambda value, text: None)
    assert (track.fps, track.size, track.focal) == (30.0, open_film(film).size, 900.0)
    assert track.weights.names == ARKIT_52
