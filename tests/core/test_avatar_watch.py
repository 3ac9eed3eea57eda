"""What is shown of a training while it goes on, and a stop that keeps what was learned."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
for _name in ("numba", "cv2", "yaml", "av"):
    pytest.importorskip(_name)

from talking_ball import ball_video, say_line  # noqa: E402

from core.avatar.engine import TrainJob, train  # noqa: E402
from core.avatar.runs import open_run  # noqa: E402
from core.avatar.settings import read_settings  # noqa: E402
from core.avatar.watch import Pace, spoken_time  # noqa: E402
from core.errors import FormatError, SettingError  # noqa: E402
from core.formats import read_performance  # noqa: E402
from core.learned import HeadFolder, read_newest, stand_of  # noqa: E402
from core.splat.head_files import read_head  # noqa: E402
from core.worker_tasks import work_from  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
TINY = """
name: {name}
splats: {{count: 120, mesh: {mesh}}}
shapes: {{count: {shapes}}}
field: {field}
translator: {{steps: 5}}
stages: {{static: {static}, deform: 6, lips: 2}}
"""
FIELD = "{grid: planes, canonical: true, options: {base: 8, channels: 4}}"


class Screen:
    def __init__(self):
        self.told, self.pictures, self.warnings = [], [], []

    def progress(self, value, text):
        assert 0 <= value <= 1
        self.told.append((value, text))

    def warn(self, text):
        self.warnings.append(text)

    def show(self, path, text):
        self.pictures.append((read_newest(path), text))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A head's folder with a prepared video, and configurations small enough to learn here."""
    torch.set_num_threads(1)
    made = tmp_path_factory.mktemp("head")
    ball_video(made / "video", 14)
    words = {"mesh": "true", "shapes": 2, "field": "{grid: none, torso: false}", "static": 6}
    (made / "plain.yaml").write_text(TINY.format(name="plain", **words))
    (made / "long.yaml").write_text(TINY.format(name="plain", **words | {"static": 4000}))
    words = {"mesh": "false", "shapes": 0, "field": FIELD, "static": 6}
    (made / "field.yaml").write_text(TINY.format(name="field", **words))
    return made


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    return say_line(tmp_path_factory.mktemp("sound") / "line.wav")


def order(folder, deed, output, **more):
    """A job line."""
    asked = {"protocol": 2, "task": "head", "deed": deed, "input": "", "folder": str(folder), "output": str(output)}
    return asked | {"size": 32, "config": str(folder / "plain.yaml")} | more


def do(folder, deed, output, **more):
    screen = Screen()
    made = work_from(order(folder, deed, output, **more)).run(screen)
    return screen, made


def test_time_left_follows_the_last_half_minute():
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert pace.left_s(0.0) is None  # loading
    now[0] = 60
    assert pace.left_s(0.0) is None
    now[0] = 70
    assert pace.left_s(0.1) == pytest.approx(90)
    for second in range(71, 171):
        now[0] = second
        left = pace.left_s(0.1 + 0.005 * (second - 70))
    assert left == pytest.approx(80)  # a slower stage, noticed
    assert pace.words(0.61, "lips") == "73 s left: lips"


def test_times_are_said_as_people_say_them():
    assert [spoken_time(s) for s in (0.2, 89, 91, 600, 5390, 7200)] == [
        "1 s",
        "89 s",
        "2 min",
        "10 min",
        "90 min",
        "2.0 h",
    ]


def test_a_head_is_learned_shown_baked_and_judged(folder, tmp_path):
    screen, made = do(folder, "learn", tmp_path / "head.splathead")
    assert [value for value, _ in screen.told] == sorted(value for value, _ in screen.told)
    assert "splats after 14 steps" in made["text"] and "dB between baked and learned" in made["text"]
    newest, text = screen.pictures[-1]
    assert newest.step == 14 and newest.pictures.shape == (2, 32, 32, 3) and "After 14 steps" in text
    assert newest.decibels > screen.pictures[0][0].decibels > 5
    filmed, drawn = newest.pictures.astype(int)
    assert np.abs(filmed - drawn).mean() < 40 and filmed.std() > 20
    assert len(read_head(tmp_path / "head.splathead")) == 120
    assert stand_of(HeadFolder(folder)).is_done
    _, made = do(folder, "bake", tmp_path / "again.splathead")
    assert (tmp_path / "again.splathead").is_file()
    _, made = do(folder, "evaluate", tmp_path / "none")
    assert made["text"] == stand_of(HeadFolder(folder)).judged != "" and "dB by the sound alone" in made["text"]


def test_pictures_change_nothing_of_what_is_learned(folder, tmp_path):
    from core.avatar.prepared import read_prepared
    from core.avatar.raster.cpu import CpuRasteriser
    from core.avatar.train import Training

    job = TrainJob(folder / "video", tmp_path / "watched", str(folder / "plain.yaml"), (("size", "32"),), "cpu")
    train(job, lambda part, text: None)
    quiet = Training(
        read_prepared(folder / "video"), job.settings(), tmp_path / "quiet", CpuRasteriser(1), lambda *words: None
    ).run()
    for name, value in open_run(tmp_path / "watched").avatar.state_dict().items():
        torch.testing.assert_close(value, quiet.state_dict()[name], rtol=0, atol=0, msg=name)


def test_length_multiplies_the_steps_that_nobody_named(folder):
    usual = read_settings("mouthpiece").stages
    short = TrainJob(folder, folder, length="short").settings().stages
    assert (short.static, short.deform, short.lips) == tuple(
        round(steps / 4) for steps in (usual.static, usual.deform, usual.lips)
    )
    named = TrainJob(folder, folder, changes=(("stages.lips", "7"),), length="long").settings().stages
    assert named.lips == 7 and named.static == 3 * usual.static
    with pytest.raises(SettingError, match="short, usual, long"):
        TrainJob(folder, folder, length="endless")


def test_a_training_goes_on_as_it_was_begun_whatever_is_asked_for_now(folder, tmp_path):
    own = tmp_path / "own"
    ball_video(own / "video", 14)
    do(own, "learn", tmp_path / "head.splathead", config=str(folder / "plain.yaml"))
    other = own / "plain.yaml"
    words = {"mesh": "true", "shapes": 3, "field": "{grid: none, torso: false}", "static": 8}
    other.write_text(TINY.format(name="plain", **words))
    _, made = do(own, "learn", tmp_path / "head.splathead", config=str(other), size=48, length="long")
    stand = stand_of(HeadFolder(own))
    assert "after 48 steps" in made["text"] and stand.size == 32
    assert stand.step == stand.steps == 3 * (8 + 6 + 2)
    job = TrainJob(own / "video", own / "training", str(other), (("size", "32"),), "cpu")
    with pytest.raises(SettingError, match=r"begun with shapes\.count 2, not 3"):
        train(job, lambda part, text: None)


def test_a_recording_is_performed_as_the_person_moves(folder, recording, tmp_path):
    do(folder, "learn", tmp_path / "head.splathead")
    target = tmp_path / "performance.npz"
    _, made = do(folder, "perform", target, input=str(recording), fps=24.0)
    performed = read_performance(target)
    assert made["frames"] == len(performed.head) and performed.curves.fps == 24
    with pytest.raises(SettingError, match="plain has no field"):
        do(folder, "clip", tmp_path / "said.splathead", input=str(recording))


def test_a_field_says_a_recording_as_a_clip_beside_its_keys(folder, recording, tmp_path):
    own = tmp_path / "own"
    ball_video(own / "video", 14)
    more = {"config": str(folder / "field.yaml")}
    do(own, "learn", tmp_path / "head.splathead", **more)
    do(own, "clip", tmp_path / "said.splathead", input=str(recording), fps=30.0, **more)
    assert set(read_head(tmp_path / "said.splathead").clips) == {"video", "line"}
    assert read_performance(tmp_path / "said.npz").curves.fps == 30


def test_an_unknown_deed_is_refused(folder, tmp_path):
    with pytest.raises(SettingError, match="does not know the deed 'dance'"):
        work_from(order(folder, "dance", tmp_path / "x"))


def test_nothing_learned_is_said(tmp_path):
    with pytest.raises(FormatError, match="train a head there first"):
        do(tmp_path, "bake", tmp_path / "head.splathead", config="mouthpiece")


def start(asked):
    command = [sys.executable, str(ROOT / "worker_main.py"), "--threads", "1"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(json.dumps(asked).encode() + b"\n")
    process.stdin.flush()
    return process


def test_a_stopped_worker_keeps_what_it_learned_and_goes_on(folder, tmp_path):
    own = tmp_path / "own"
    ball_video(own / "video", 14)
    asked = order(own, "learn", tmp_path / "head.splathead", config=str(folder / "long.yaml"), patience=20)
    process = start(asked)
    events, closed = [], 0.0
    for line in process.stdout:
        events.append(json.loads(line))
        if events[-1]["event"] == "picture" and not closed:
            process.stdin.close()
            closed = time.monotonic()
    assert process.wait(timeout=30) == 130 and time.monotonic() - closed < 20
    stopped = stand_of(HeadFolder(own))
    assert 0 < stopped.step < stopped.steps
    assert events[-2]["kind"] == "Cancelled" and f"after {stopped.step} of 4008" in events[-2]["text"]
    assert not (tmp_path / "head.splathead").exists() and not list(own.rglob("*.part"))
    process = start(asked)  # goes on where it was
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "picture":
            assert int(event["text"].split()[1].replace(",", "")) > stopped.step
            break
    process.kill()
    process.wait()
    process.stdout.close()
    assert stand_of(HeadFolder(own)).step >= stopped.step
