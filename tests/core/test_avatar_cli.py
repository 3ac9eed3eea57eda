"""The command head: every deed at tiny size, and what goes wrong in one sentence."""

from __future__ import annotations

import json
import shutil

import pytest

torch = pytest.importorskip("torch")
for _name in ("numba", "cv2", "yaml", "av"):
    pytest.importorskip(_name)

from talking_ball import ball_video, say_line  # noqa: E402

from core import engine_needs  # noqa: E402
from core.cli import main  # noqa: E402
from core.splat.head_files import read_head  # noqa: E402

TINY = ("size=32", "splats.count=120", "stages.static=6", "stages.deform=6", "stages.lips=2", "translator.steps=5")


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    torch.set_num_threads(1)
    return ball_video(tmp_path_factory.mktemp("ball"), 12).folder


def options(*more):
    return [word for pair in (*TINY, *more) for word in ("--set", pair)]


@pytest.fixture(scope="module")
def trained(video, tmp_path_factory):
    """A training of the mesh-bound head, and one with a field."""
    folder = tmp_path_factory.mktemp("run")
    assert main(["head", "train", str(video), str(folder / "plain"), *options("shapes.count=2")]) == 0
    more = options("field.options={base: 8, channels: 4}")
    words = ["--config", "gaussiantalker_ku", *more]
    assert main(["head", "train", str(video), str(folder / "field"), *words]) == 0
    return folder


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    return say_line(tmp_path_factory.mktemp("sound") / "line.wav")


def test_a_head_is_baked_driven_and_judged(trained, recording, tmp_path, capsys):
    assert main(["head", "bake", str(trained / "plain"), str(tmp_path / "ball.splathead"), "--name", "Ball"]) == 0
    assert "dB between baked and learned" in capsys.readouterr().out
    assert read_head(tmp_path / "ball.splathead").facts["name"] == "Ball"
    for source in (trained / "plain", tmp_path / "ball.splathead"):
        assert main(["head", "drive", str(source), str(recording), str(tmp_path / "line.mp4")]) == 0
        assert frames_of(tmp_path / "line.mp4") == 10
    assert main(["head", "evaluate", str(trained / "plain"), "-o", str(tmp_path / "scores.json")]) == 0
    told = json.loads((tmp_path / "scores.json").read_text())
    assert told["configuration"] == "mouthpiece" and told["tracked"]["psnr"] > 5
    assert "tracked: 2 frames" in capsys.readouterr().out


def test_a_field_says_a_recording_exactly_and_leaves_a_clip(trained, recording, tmp_path):
    words = ["head", "drive", str(trained / "field"), str(recording), str(tmp_path / "line.mp4")]
    assert main([*words, "--exact", "--head", str(tmp_path / "ball.splathead")]) == 0
    head = read_head(tmp_path / "ball.splathead")
    assert set(head.clips) == {"video", "line"} and len(head.clips["line"].coefficients) == 10


def frames_of(path):
    import av

    with av.open(str(path)) as box:
        assert box.streams.audio
        return sum(1 for _ in box.decode(video=0))


def test_training_again_goes_on_and_is_done(video, trained, capsys):
    assert main(["head", "train", str(video), str(trained / "plain"), *options("shapes.count=2")]) == 0
    assert "after 14 steps" in capsys.readouterr().out
    words = ["head", "train", str(video), str(trained / "plain")]
    assert main([*words, *options("shapes.count=2", "splats.count=130")]) == 2
    assert "was begun with splats.count 120, not 130" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--set", "splats.cuont=3"], 'a key "splats.cuont" that nobody knows; did you mean "count"?'),
        (["--set", "size=large"], "The setting size must be int, but is 'large'."),
        (["--set", "field.grid=cubes"], "The setting field.grid must be one of none, planes, hash"),
        (["--set", "size"], "A setting must be given as KEY=VALUE"),
        (["--config", "nobody"], "cannot be read"),
    ],
)
def test_settings_that_cannot_be_are_one_sentence(video, tmp_path, capsys, words, sentence):
    assert main(["head", "train", str(video), str(tmp_path / "run"), *words]) == 2
    told = capsys.readouterr().err
    assert sentence in told and told.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_folder_that_is_unfinished_or_damaged_is_one_sentence(video, tmp_path, capsys):
    broken = tmp_path / "broken"
    shutil.copytree(video, broken)
    (broken / "masks" / "000003.png").unlink()
    assert main(["head", "train", str(broken), str(tmp_path / "run")]) == 4
    assert 'lacks "000003.png"; prepare the video again' in capsys.readouterr().err
    (broken / "track.safetensors").write_bytes(b"nothing")
    assert main(["head", "train", str(broken), str(tmp_path / "run")]) == 4
    assert "is damaged" in capsys.readouterr().err
    assert main(["head", "train", str(tmp_path / "nowhere"), str(tmp_path / "run")]) == 4
    assert 'lacks "prepared.json"' in capsys.readouterr().err


def test_deeds_that_cannot_be_are_one_sentence(trained, recording, tmp_path, capsys):
    assert main(["head", "bake", str(trained / "plain"), str(tmp_path / "ball.ply")]) == 2
    assert main(["head", "drive", str(trained / "plain"), str(recording), str(tmp_path / "line.avi")]) == 4
    assert main(["head", "evaluate", str(tmp_path)]) == 4
    told = capsys.readouterr().err.splitlines()
    assert "must end in .splathead" in told[0] and "must end in .mp4" in told[1] and "train a head there" in told[2]


def test_a_python_without_the_engine_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setattr(engine_needs, "find_spec", lambda name: None)
    assert main(["head", "evaluate", "run"]) == 2
    assert "Learning heads needs torch" in capsys.readouterr().err
