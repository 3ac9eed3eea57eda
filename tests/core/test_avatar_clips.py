"""A learned head through its field, baked as a clip: what plays is what the field does, from every configuration."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
for _name in ("numba", "cv2", "yaml"):
    pytest.importorskip(_name)

from talking_ball import ball_video  # noqa: E402
from test_avatar_train import RASTER, silent, tiny  # noqa: E402

from core.avatar.bake import clip_at, drawn_both, is_linear, with_clip  # noqa: E402
from core.avatar.drive import Scene, drawn_splats, learned_pictures, moments_of  # noqa: E402
from core.avatar.objective import decibels, goal_of  # noqa: E402
from core.avatar.runs import BakeWish, bake_run, open_run  # noqa: E402
from core.avatar.settings import configurations  # noqa: E402
from core.avatar.train import Training  # noqa: E402
from core.avatar.voice import Part  # noqa: E402
from core.splat.head_files import read_head, write_head  # noqa: E402
from core.splat.pose import pose  # noqa: E402

COMPONENTS = 16
MOST_LOST = 0.3
"""dB against the video that a clip may be worse than the field it was baked from."""


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    torch.set_num_threads(1)
    return ball_video(tmp_path_factory.mktemp("ball"))


@pytest.fixture(scope="module", params=configurations())
def run(request, video, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    Training(video, tiny(request.param), folder, RASTER, silent).run()
    return open_run(folder)


def test_a_clip_is_as_near_to_the_video_as_its_field(run):
    lesson, avatar = run.lesson(), run.avatar
    moments = [lesson.moment(frame, avatar.mesh.center) for frame in range(len(lesson.reel))]
    head, _ = bake_run(run, lesson, RASTER, BakeWish(), {})
    head = with_clip(head, avatar, moments, ("all", run.fps, COMPONENTS))
    grey, rows, close = torch.full((3,), 0.5), [], []
    for frame, moment in enumerate(moments):
        goal = goal_of(lesson.reel.frame(frame), grey, lesson.lips[frame])
        pair = drawn_both(avatar, head, moment, (RASTER, lesson.camera), clip_at(head, "all", frame / run.fps))
        rows.append([decibels(picture, goal.picture, goal.solid) for picture in pair])
        close.append(decibels(pair[1], pair[0]))
    learned, baked = np.mean(rows, axis=0)
    assert abs(learned - baked) < MOST_LOST
    assert min(close) > 45


def test_a_new_recording_plays_from_the_file_as_through_the_field(run, tmp_path):
    """As drive --head writes it: what pose() gives for weights, turn and second is what the field draws."""
    random, count = np.random.default_rng(0), 12
    features = random.normal(size=(count, 8, run.avatar.features)).astype(np.float32)
    turns = 0.1 * np.sin(np.arange(count)[:, None] * [0.5, 0.3, 0.2]).astype(np.float32)
    weights = run.lesson().weights[:count].numpy()
    part = Part(run.fps, weights, turns.astype(np.float32), features, np.zeros((count, 0), np.float32))
    head, _ = bake_run(run, run.lesson(), RASTER, BakeWish(), {})
    playing = not is_linear(run.avatar)
    if playing:
        head = with_clip(head, run.avatar, moments_of(run.avatar, part), ("line", run.fps, COMPONENTS))
    write_head(head, tmp_path / "said.splathead")
    head, scene = read_head(tmp_path / "said.splathead"), Scene(RASTER, run.kept.camera)
    for frame, wanted in enumerate(learned_pictures(run.avatar, part, scene)):
        seconds = {"line": frame / run.fps} if playing else {}
        got = drawn_splats(pose(head, weights[frame], turns[frame], seconds), scene)
        assert decibels(torch.from_numpy(got), torch.from_numpy(wanted)) > 45
