"""What goes wrong with films, memory, disks and processes, on the command line: a sentence, and work so far kept."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
for _name in ("numba", "cv2", "yaml", "av", "mediapipe"):
    pytest.importorskip(_name)

from filmed_faces import talking, turn_film, write_film  # noqa: E402
from talking_ball import RATE, ball_video, hum  # noqa: E402

from core.avatar import engine  # noqa: E402
from core.avatar.prepared import read_prepared  # noqa: E402
from core.avatar.raster.cpu import CpuRasteriser  # noqa: E402
from core.cli import main  # noqa: E402
from core.learned import HeadFolder, stand_of  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
COUNT = 55
TINY = ("size=32", "splats.count=120", "shapes.count=2", "stages.static=8", "stages.deform=6", "stages.lips=2")
SET = [word for pair in (*TINY, "translator.steps=5") for word in ("--set", pair)]


@pytest.fixture(scope="module")
def frames():
    torch.set_num_threads(1)
    return talking(COUNT, 256)


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return ball_video(tmp_path_factory.mktemp("head") / "video", 12).folder


def head(*words):
    return main(["head", *map(str, words)])


def unfinished(folder):
    """What was begun and neither finished nor taken away."""
    return list(Path(folder).rglob("*.part"))


def wall(like):
    return np.full_like(like, 90)


def two(frames):
    return [np.concatenate([frame, other], 1) for frame, other in zip(frames, frames[::-1], strict=True)]


FILMS = {
    "lost": (
        lambda frames: [*frames[:25], *[wall(frames[0])] * 25, *frames[25:]],
        {"sound": True},
        "is lost for 1.0 s",
    ),
    "silent": (lambda frames: frames, {}, "has no sound"),
    "slow": (lambda frames: frames[::5], {"sound": True, "fps": 5}, "5 pictures a second"),
    "two": (two, {"sound": True}, "shows several faces"),
}


@pytest.mark.parametrize("name", FILMS)
def test_a_poor_film_is_prepared_with_a_word_about_it(name, frames, tmp_path, capsys):
    pictures, options, words = FILMS[name]
    film = write_film(tmp_path / f"{name}.mp4", pictures(frames), **options)
    assert head("prepare", film, tmp_path / "out", "--size", 96) == 0
    told = capsys.readouterr()
    assert words in told.out and told.err == ""
    assert len(read_prepared(tmp_path / "out")) >= len(frames) // 5 - 1


def test_the_other_of_two_faces_is_learned_when_asked_for(frames, tmp_path):
    still = [np.concatenate([frame, frames[0]], 1) for frame in frames]
    film = write_film(tmp_path / "two.mp4", still)
    moved = {}
    for face in ("left", "right"):
        assert head("prepare", film, tmp_path / face, "--size", 96, "--face", face) == 0
        moved[face] = read_prepared(tmp_path / face).track.weights.std(0).max()
    assert moved["left"] > 3 * moved["right"]
    assert head("prepare", film, tmp_path / "none", "--face", "best") == 2


def test_a_film_turned_by_its_metadata_stands_upright(frames, tmp_path):
    turned = [np.ascontiguousarray(np.rot90(frame, 1)) for frame in frames]
    film = turn_film(write_film(tmp_path / "phone.mp4", turned), 90)
    assert head("prepare", film, tmp_path / "out", "--size", 96) == 0
    made = read_prepared(tmp_path / "out")
    eyes, chin = made.track.landmarks[0, (33, 263)].mean(0), made.track.landmarks[0, 152]
    assert chin[1] > eyes[1] + 5 and abs(chin[0] - eyes[0]) < 10


def broken_films(folder, frames):
    """Files that are no film of a face, each with its exit code and words."""
    whole = write_film(folder / "whole.mp4", frames).read_bytes()
    yield "text.mp4", b"no film at all", 4, "is no film that can be read"
    yield "cut.mp4", whole[: len(whole) // 2], 4, "is no film that can be read"
    yield "empty.mp4", b"", 4, "is no film that can be read"
    none = write_film(folder / "none.mp4", [np.full((96, 96, 3), 128, np.uint8)] * 60).read_bytes()
    yield "nobody.mp4", none, 2, "No face"


def test_what_is_no_film_of_a_face_is_one_sentence(frames, tmp_path, capsys):
    for name, data, code, words in broken_films(tmp_path, frames):
        (tmp_path / name).write_bytes(data)
        assert head("prepare", tmp_path / name, tmp_path / f"out of {name}", "--size", 96) == code
        told = capsys.readouterr().err
        assert words in told and told.count("\n") == 1, name
    assert head("prepare", tmp_path / "nowhere.mp4", tmp_path / "out") == 4
    assert not unfinished(tmp_path)


class Greedy(CpuRasteriser):
    """A card whose memory is full after some pictures."""

    left = 14

    def render(self, *words):
        self.left -= 1
        if self.left < 0:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return super().render(*words)


def test_a_card_that_is_full_keeps_what_was_learned(video, tmp_path, capsys, monkeypatch):
    run = tmp_path / "training"
    with monkeypatch.context() as patched:
        patched.setattr(engine, "rasteriser", lambda device="auto": Greedy(1))
        assert head("train", video, run, *SET) == 5
    told = capsys.readouterr().err
    assert "graphics card's memory" in told and "Work so far is kept" in told and told.count("\n") == 1
    stopped = stand_of(HeadFolder(tmp_path)).step
    assert 0 < stopped < 16 and not unfinished(run)
    assert head("train", video, run, *SET) == 0
    assert "after 16 steps" in capsys.readouterr().out
    for deed in (("bake", run, tmp_path / "head.splathead"), ("evaluate", run)):
        with monkeypatch.context() as patched:
            card = Greedy(1)
            card.left = 0
            patched.setattr(engine, "rasteriser", lambda device="auto", card=card: card)
            assert head(*deed) == 5
        assert "graphics card's memory" in capsys.readouterr().err
    assert not (tmp_path / "head.splathead").exists() and not unfinished(tmp_path)


@contextmanager
def full_disk(most):
    """No file may become longer than so many bytes, as the system itself says."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_keeps_the_checkpoint_before(video, tmp_path, capsys):
    run = tmp_path / "training"
    assert head("train", video, run, *SET, "--set", "stages.lips=1") == 0
    before = (run / "checkpoint.safetensors").read_bytes()
    capsys.readouterr()
    with full_disk(len(before) // 2):
        assert head("train", video, run, *SET) == 4
    told = capsys.readouterr().err
    assert 'The disk of "training" is full; make room' in told and told.count("\n") == 1
    assert (run / "checkpoint.safetensors").read_bytes() == before and not unfinished(run)
    assert head("train", video, run, *SET) == 0 and stand_of(HeadFolder(tmp_path)).step == 16


def test_a_full_disk_leaves_no_half_of_what_is_made(video, tmp_path, capsys):
    import soundfile

    run, line = tmp_path / "training", tmp_path / "line.wav"
    assert head("train", video, run, *SET) == 0
    soundfile.write(line, hum(np.abs(np.sin(np.arange(10)))).samples, RATE)
    before = sorted(tmp_path.rglob("*"))
    for deed in (
        ("bake", run, tmp_path / "head.splathead"),
        ("evaluate", run, "-o", tmp_path / "scores.json"),
        ("drive", run, line, tmp_path / "line.mp4"),
    ):
        capsys.readouterr()
        with full_disk(200):
            assert head(*deed) == 4, deed
        told = capsys.readouterr().err
        assert ("is full" in told or "too large" in told) and told.count("\n") == 1, told
    assert sorted(tmp_path.rglob("*")) == before


def test_a_full_disk_stops_preparing_and_it_goes_on(frames, tmp_path, capsys, monkeypatch):
    film, out = write_film(tmp_path / "talk.mp4", frames, sound=True), tmp_path / "out"
    real = Path.write_bytes

    def write_bytes(path, data):
        if len(list((out / "masks").glob("*.png"))) == 9:
            real(path, data[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, data)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", write_bytes)
        assert head("prepare", film, out, "--size", 96) == 4
    told = capsys.readouterr().err
    assert 'The disk of "out" is full; make room' in told and told.count("\n") == 1
    assert len(list((out / "masks").glob("*.png"))) == 9 and not unfinished(out)
    first = (out / "frames" / "000000.png").stat().st_mtime_ns
    assert head("prepare", film, out, "--size", 96) == 0
    assert (out / "frames" / "000000.png").stat().st_mtime_ns == first


def killed(words, sign):
    """The command line killed without warning as soon as there is a sign of its work."""
    command = [sys.executable, "-m", "core", "head", *map(str, words)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not sign() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    return process.wait()


def test_preparing_killed_in_the_middle_goes_on(frames, tmp_path):
    film, out = write_film(tmp_path / "talk.mp4", frames * 2, sound=True), tmp_path / "out"
    assert killed(("prepare", film, out, "--size", 96), lambda: len(list(out.glob("masks/*.png"))) > 5) != 0
    done = len(list(out.glob("masks/*.png")))
    assert 5 < done < 2 * COUNT and not (out / "prepared.json").exists()
    first = (out / "frames" / "000000.png").stat().st_mtime_ns
    assert head("prepare", film, out, "--size", 96) == 0
    assert len(read_prepared(out)) == 2 * COUNT
    assert (out / "frames" / "000000.png").stat().st_mtime_ns == first


def test_learning_killed_in_the_middle_comes_to_the_same_head(video, tmp_path):
    from core.avatar.runs import open_run

    words = ["--set", "keep=0.0", "--set", "stages.static=150"]
    run = tmp_path / "killed" / "training"
    assert killed(("train", video, run, *SET, *words), lambda: stand_of(HeadFolder(run.parent)).step > 3) != 0
    assert 3 < stand_of(HeadFolder(run.parent)).step < 158
    for folder in (run, tmp_path / "whole"):
        assert head("train", video, folder, *SET, *words) == 0
    whole = open_run(tmp_path / "whole").avatar.state_dict()
    for name, value in open_run(run).avatar.state_dict().items():
        torch.testing.assert_close(value, whole[name], rtol=0, atol=0, msg=name)
