"""What a head begins as: places that are seen, their colours, cards for what a mesh lacks, and the filmed demo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
for _name in ("numba", "cv2", "yaml"):
    pytest.importorskip(_name)

from talking_ball import ball_video, hum  # noqa: E402

from core.avatar.prepared import HEAD, REGIONS, TORSO, Sitter, read_prepared  # noqa: E402
from core.avatar.raster.cpu import CpuRasteriser  # noqa: E402
from core.avatar.reel import Reel  # noqa: E402
from core.avatar.settings import SplatSettings  # noqa: E402
from core.avatar.start import begin, telling_frames  # noqa: E402
from core.avatar.synthetic import Shot, demo_speaker, film_speaker  # noqa: E402
from core.errors import FormatError  # noqa: E402
from core.splat.head import Template  # noqa: E402
from core.splat.types import SH_DC  # noqa: E402

RASTER = CpuRasteriser(1)
TORSO_REGION = REGIONS.index("torso")


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    torch.set_num_threads(1)
    return ball_video(tmp_path_factory.mktemp("ball"), 12)


def test_what_is_written_is_what_is_read(video):
    again = read_prepared(video.folder)
    assert (again.fps, again.size, again.focal, again.split) == (video.fps, video.size, video.focal, video.split)
    np.testing.assert_array_equal(again.track.pose, video.track.pose)
    np.testing.assert_array_equal(again.sitter.template.points, video.sitter.template.points)
    np.testing.assert_allclose(again.features, video.features, atol=2e-2, rtol=1e-3)
    assert set(np.unique(again.mask(0))) == {0, HEAD, TORSO}


def test_splats_begin_where_something_is_seen_in_the_colours_of_the_video(video):
    reel = Reel(video, 0)
    start = begin(reel, 0, SplatSettings(count=200, mouth=4.0), RASTER)
    template = start.sitter.template
    assert start.sitter is video.sitter  # nothing was missing
    middles = template.points[template.triangles[start.triangles]].mean(1)
    assert (middles[:, 2] > -0.05).mean() > 0.95  # the back of the ball is never seen
    colors = 0.5 + SH_DC * start.colors
    torso = start.sitter.regions[start.triangles] == TORSO_REGION
    assert colors[torso, 2].mean() > colors[torso, 0].mean() + 0.1  # blue cloth
    assert colors[~torso, 0].mean() > colors[~torso, 2].mean() + 0.1  # skin


def test_more_splats_lie_where_a_mouth_is_wanted_finer(video):
    reel, counts = Reel(video, 0), []
    for mouth in (1.0, 6.0):
        start = begin(reel, 0, SplatSettings(count=200, mouth=mouth), RASTER)
        counts.append((start.sitter.regions[start.triangles] == REGIONS.index("lips")).mean())
    assert counts[1] > 1.8 * counts[0] > 0


def test_a_torso_that_the_mesh_lacks_is_put_on_a_card(video):
    whole = video.sitter
    kept = whole.regions != TORSO_REGION
    template = Template(whole.template.points, whole.template.triangles[kept], whole.template.shapes)
    bare = Sitter(template, whole.regions[kept], whole.pivot, whole.carried)
    reel = Reel(replace(video, sitter=bare), 0)
    start = begin(reel, 0, SplatSettings(count=200), RASTER)
    on_card = start.sitter.regions[start.triangles] == TORSO_REGION
    assert on_card.sum() > 15
    assert (0.5 + SH_DC * start.colors[on_card])[:, 2].mean() > 0.4
    without = begin(reel, 0, SplatSettings(count=200, cards=False), RASTER)
    assert without.sitter is bare


def test_telling_frames_differ_and_are_learned_from(video):
    frames = telling_frames(Reel(video, 0), 4)
    assert len(set(frames)) == 4 and max(frames) < video.split
    jaw = video.track.weights[frames].sum(1)
    assert np.ptp(jaw) > 0.6


def test_a_reel_is_scaled_with_its_camera(video):
    reel, whole = Reel(video, 24), Reel(video, 0)
    assert reel.size == (24, 24) and reel.camera(0).focal[0] == pytest.approx(video.focal / 2)
    small, large = reel.frame(3), whole.frame(3)
    assert small.picture.mean().item() == pytest.approx(large.picture.mean().item(), abs=0.01)
    assert small.head.mean().item() == pytest.approx(large.head.mean().item(), abs=0.01)


def test_a_demo_character_is_filmed_with_its_truth(tmp_path):
    try:
        speaker = demo_speaker("Woman", 3000)
    except FormatError as fault:
        pytest.skip(str(fault))
    shot = Shot((48, 48), count=3)
    speech = hum(np.abs(np.sin(np.arange(20) * 0.7)))
    made = film_speaker(tmp_path, speaker, speech, shot, lambda part, text: None)
    again = read_prepared(tmp_path)
    assert len(again) == len(made) == 3 and again.split == 2
    eyes = np.unique(again.sitter.template.triangles[again.sitter.regions == REGIONS.index("eyes")])
    place = again.track.pose[0] @ np.r_[again.sitter.template.points[eyes].mean(0), 1]
    row = again.center[1] - again.focal * place[1] / -place[2]
    column = again.center[0] + again.focal * place[0] / -place[2]
    assert again.mask(0)[round(float(row)), round(float(column))] == HEAD
    assert (again.mask(0) == TORSO).mean() > 0.1
