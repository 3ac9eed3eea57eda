"""Heads learned from a tiny video: every configuration learns, goes on after a kill, bakes, and says something new."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("numba")
pytest.importorskip("cv2")
pytest.importorskip("yaml")

from talking_ball import JAW, ball_video, hum  # noqa: E402

from core.avatar.bake import is_linear  # noqa: E402
from core.avatar.drive import Scene, head_pictures, learned_pictures  # noqa: E402
from core.avatar.evaluate import judged  # noqa: E402
from core.avatar.prepared import read_prepared  # noqa: E402
from core.avatar.raster.cpu import CpuRasteriser  # noqa: E402
from core.avatar.runs import BakeWish, bake_run, open_run  # noqa: E402
from core.avatar.settings import configurations, read_settings  # noqa: E402
from core.avatar.train import Training, drawn_frame  # noqa: E402
from core.avatar.voice import Part  # noqa: E402
from core.errors import Cancelled, FormatError, ModelError  # noqa: E402
from core.splat.head_files import read_head, write_head  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
TINY = {
    "size": "48",
    "splats.count": "300",
    "splats.most": "360",
    "stages.static": "30",
    "stages.deform": "50",
    "stages.lips": "8",
    "stages.batch": "1",
    "density.start": "20",
    "density.every": "20",
    "density.end": "60",
}
SMALL_GRIDS = {
    "gaussiantalker_ku": {"field.options": "{base: 16, channels: 8}"},
    "gstalker": {"field.options": "{levels: 4, log2_size: 10, finest: 64}"},
}
RASTER = CpuRasteriser(1)


def silent(part, text):
    return None


def tiny(name, **more):
    changes = TINY | SMALL_GRIDS.get(name, {}) | {key.replace("__", "."): value for key, value in more.items()}
    if name in ("mouthpiece", "gaussiantalker_alibaba"):
        changes |= {"shapes.count": "4", "translator.steps": "30", "rates.tracks": "0.01"}
    return read_settings(name, changes)


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    torch.set_num_threads(1)
    return ball_video(tmp_path_factory.mktemp("ball"))


@pytest.fixture(scope="module")
def runs(video, tmp_path_factory):
    """Each configuration, trained."""
    made = {}
    for name in configurations():
        folder = tmp_path_factory.mktemp(name)
        training = Training(video, tiny(name), folder, RASTER, silent)
        training.run()
        made[name] = folder, training
    return made


def test_the_four_configurations_ship():
    assert configurations() == ("gaussiantalker_alibaba", "gaussiantalker_ku", "gstalker", "mouthpiece")


@pytest.mark.parametrize("name", ["gaussiantalker_alibaba", "gaussiantalker_ku", "gstalker", "mouthpiece"])
def test_every_configuration_learns(runs, video, name, tmp_path):
    _, training = runs[name]
    fresh = Training(video, tiny(name), tmp_path, RASTER, silent)
    frame = video.split
    before, after = (drawn_frame(t.avatar, t.lesson, RASTER, frame)[1] for t in (fresh, training))
    assert after > before + 3 and after > 20


@pytest.mark.parametrize("name", ["gaussiantalker_alibaba", "gaussiantalker_ku", "gstalker", "mouthpiece"])
def test_a_head_bakes_and_the_loss_is_told(runs, name, tmp_path):
    folder, training = runs[name]
    run = open_run(folder)
    head, loss = bake_run(run, run.lesson(), RASTER, BakeWish(bases=4, components=3), {"name": name})
    assert loss.to_learned > (45 if is_linear(training.avatar) else 28)
    assert abs(loss.learned_to_video - loss.baked_to_video) < (0.1 if is_linear(training.avatar) else 3)
    assert bool(head.clips) != is_linear(training.avatar)
    write_head(head, tmp_path / "ball.splathead")
    assert len(read_head(tmp_path / "ball.splathead")) == len(training.avatar.offsets)


def test_a_baked_linear_head_draws_what_was_learned_at_any_dial(runs):
    run = open_run(runs["mouthpiece"][0])
    head, _ = bake_run(run, run.lesson(), RASTER, BakeWish(), {})
    weights = np.zeros((3, 52), np.float32)
    weights[:, JAW] = 0, 0.5, 1
    turns = np.array([[0, 0, 0], [0.2, 0, 0], [0, 0.1, 0.1]], np.float32)
    part = Part(25.0, weights, turns, np.zeros((3, 8, 384), np.float32), np.zeros((3, 0), np.float32))
    scene = Scene(RASTER, run.kept.camera)
    for one, other in zip(head_pictures(head, part, scene), learned_pictures(run.avatar, part, scene), strict=True):
        assert np.abs(one - other).max() < 0.06
        assert np.abs(one - other).mean() < 2e-3


def test_the_mouth_opens_when_it_is_told_to(runs):
    run = open_run(runs["mouthpiece"][0])
    lesson = run.lesson()
    rows, columns = lesson.lips[int(lesson.weights[:, JAW].argmax())]
    shut, wide = (np.zeros((1, 52), np.float32) for _ in range(2))
    wide[:, JAW] = 1
    head, _ = bake_run(run, lesson, RASTER, BakeWish(), {})
    pictures = []
    for weights in (shut, wide):
        still = (np.zeros((1, *more), np.float32) for more in ((3,), (8, 384), (0,)))
        part = Part(25.0, weights, *still)
        pictures.append(next(head_pictures(head, part, Scene(RASTER, lesson.camera))))
    moved = np.abs(pictures[0] - pictures[1]).mean(2)
    inside = moved[rows, columns].mean()
    assert inside > 0.02 and inside > 4 * np.delete(moved, np.arange(rows.start, rows.stop), 0).mean()


def test_a_head_is_judged_on_what_it_never_saw(runs):
    run = open_run(runs["mouthpiece"][0])
    result = judged(run.avatar, run.lesson(), RASTER, run.translator)
    assert result.tracked.frames == len(run.lesson().reel) - run.lesson().reel.prepared.split
    assert result.tracked.pasted > result.tracked.psnr > 18
    assert 0.5 < result.tracked.ssim < 1 and np.isnan(result.tracked.lmd)  # a ball has no face
    assert result.frames_per_s > result.heard_per_s > 0


def test_a_killed_training_goes_on_to_the_same_end(video, tmp_path):
    settings = replace(tiny("mouthpiece"), keep=0.0)
    whole = Training(video, settings, tmp_path / "whole", RASTER, silent).run()
    script = (
        "import sys; sys.path[:0] = [sys.argv[1], sys.argv[1] + '/tests/core']\n"
        "import torch; torch.set_num_threads(1)\n"
        "from pathlib import Path\n"
        "from dataclasses import replace\n"
        "from test_avatar_train import RASTER, tiny\n"
        "from core.avatar.prepared import read_prepared\n"
        "from core.avatar.train import Training\n"
        "settings = replace(tiny('mouthpiece'), keep=0.0)\n"
        "say = lambda part, text: sys.stdout.write(f'{text}\\n') and sys.stdout.flush()\n"
        "training = Training(read_prepared(Path(sys.argv[2])), settings, Path(sys.argv[3]), RASTER, say)\n"
        "sys.stdout.write('begun\\n'); sys.stdout.flush()\n"
        "training.run()\n"
    )
    run = tmp_path / "killed"
    words = [sys.executable, "-c", script, str(ROOT), str(video.folder), str(run)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    while "begun" not in (process.stdout.readline() or "begun"):
        pass
    deadline = time.monotonic() + 120
    while not (run / "checkpoint.safetensors").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    process.wait()
    process.stdout.close()
    stopped = open_run(run).kept.step
    assert 0 < stopped < 88
    again = Training(read_prepared(video.folder), settings, run, RASTER, silent)
    assert again.step >= stopped
    made = again.run()
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(made.state_dict()[name], value, rtol=0, atol=0, msg=name)


def test_a_stopped_training_keeps_its_work_and_says_so(video, tmp_path):
    def stop(part, text):
        if part > 0:
            raise KeyboardInterrupt

    training = Training(video, tiny("mouthpiece"), tmp_path, RASTER, stop)
    with pytest.raises(Cancelled, match="run it again to go on"):
        training.run()
    assert open_run(tmp_path).kept.step == training.step > 0
    assert (tmp_path / "preview.png").is_file()


def test_memory_that_runs_out_is_one_sentence(video, tmp_path):
    class Greedy(CpuRasteriser):
        def render(self, gaussians, camera, background=None):
            if background is not None:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return super().render(gaussians, camera)

    with pytest.raises(ModelError, match=r"graphics card's memory.*smaller size"):
        Training(video, tiny("mouthpiece"), tmp_path, Greedy(1), silent).run()


def test_a_damaged_checkpoint_is_one_sentence(runs, tmp_path):
    folder = runs["mouthpiece"][0]
    for name in ("settings.json", "person.safetensors", "checkpoint.safetensors"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    data = (folder / "checkpoint.safetensors").read_bytes()
    (tmp_path / "checkpoint.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(FormatError, match="damaged"):
        open_run(tmp_path)
    with pytest.raises(FormatError, match="train a head there first"):
        open_run(tmp_path / "nowhere")


def test_the_translator_hears_the_hum(runs):
    run = open_run(runs["mouthpiece"][0])
    from core.avatar.voice import part_of

    loud = 0.5 - 0.5 * np.cos(np.arange(30) * 0.5)
    part = part_of(hum(loud), 25.0, run.translator)
    assert part.weights.shape == (30, 52) and part.weights.min() >= 0 and part.weights.max() <= 1
