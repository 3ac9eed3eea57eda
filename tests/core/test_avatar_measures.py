"""What pictures of heads are held against, how near they come, and which splats come and go."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
for _name in ("numba", "cv2", "yaml"):
    pytest.importorskip(_name)

from talking_ball import ball_video  # noqa: E402

from core.avatar import measures  # noqa: E402
from core.avatar.growth import Pull, regrown  # noqa: E402
from core.avatar.measures import LIPS, LOWER, UPPER, Seen, aperture_r, landmark_distance, scores_of  # noqa: E402
from core.avatar.objective import Goal, decibels, lip_boxes, loss_of, similarity  # noqa: E402
from core.avatar.prepared import REGIONS  # noqa: E402
from core.avatar.raster.cpu import CpuRasteriser  # noqa: E402
from core.avatar.raster.protocol import Drawn  # noqa: E402
from core.avatar.settings import LossSettings, read_settings  # noqa: E402
from core.avatar.train import Training  # noqa: E402

RANDOM = np.random.default_rng(0)


def picture(seed=0, size=(24, 30)):
    return torch.from_numpy(np.random.default_rng(seed).random((*size, 3)).astype(np.float32))


def test_similarity_is_the_papers():
    """Wang et al. 2004 by scipy's Gaussian filter, 11 wide, where the whole window lies in the picture."""
    ndimage = pytest.importorskip("scipy.ndimage")
    one = picture(0).double()
    other = (0.7 * one + 0.3 * picture(1).double()).clamp(0, 1)

    def blurred(plane):
        return ndimage.gaussian_filter(plane, 1.5, truncate=5 / 1.5)[5:-5, 5:-5]

    rows = []
    for a, b in zip(one.numpy().transpose(2, 0, 1), other.numpy().transpose(2, 0, 1), strict=True):
        ma, mb = blurred(a), blurred(b)
        va, vb, both = blurred(a * a) - ma * ma, blurred(b * b) - mb * mb, blurred(a * b) - ma * mb
        rows.append((2 * ma * mb + 1e-4) * (2 * both + 9e-4) / ((ma**2 + mb**2 + 1e-4) * (va + vb + 9e-4)))
    assert float(similarity(one, other)) == pytest.approx(np.mean(rows), rel=1e-6)
    assert float(similarity(one, one)) == pytest.approx(1)


def test_decibels_are_of_the_pixels_that_count():
    one, other = picture(0), picture(0)
    other[:12] += 0.1
    where = torch.zeros(24, 30)
    assert decibels(one.clamp(0, 0.8), one.clamp(0, 0.8) + 0.1) == pytest.approx(20, abs=1e-3)
    where[12:] = 1
    assert decibels(one, other, where) > 100
    where[:] = 0
    where[:12] = 0.5
    assert decibels(one, other, where) == pytest.approx(20, abs=1e-3)


def test_a_loss_is_least_for_the_goal_itself_and_minds_the_lips():
    goal = Goal(picture(0), torch.ones(24, 30), (slice(4, 10), slice(5, 15)))

    def loss(color, cover=1.0, **changes):
        cover = torch.full((24, 30), cover)
        drawn = Drawn(color, cover, cover, torch.zeros(1, 2), torch.ones(1, dtype=torch.bool))
        return float(loss_of(drawn, goal, LossSettings(**({"l1": 1, "ssim": 0, "lips": 0.5, "alpha": 0} | changes))))

    assert loss(goal.picture) == 0
    at_lips, elsewhere = goal.picture.clone(), goal.picture.clone()
    at_lips[5:8, 6:9] += 0.2
    elsewhere[15:18, 20:23] += 0.2
    share = 0.2 * 9 / (24 * 30)
    assert loss(elsewhere) == pytest.approx(share, rel=1e-4)
    assert loss(at_lips) == pytest.approx(share + 0.5 * 0.2 * 9 / 60, rel=1e-4)
    assert loss(goal.picture, 0.75, alpha=2) == pytest.approx(0.5)
    assert loss(elsewhere, ssim=1) > loss(elsewhere)


def lips_of(opening, shift=0.0, scale=1.0):
    """Landmarks [n, 40, 2] of a mouth that opens as told."""
    still = np.random.default_rng(1).random((40, 2)) * 20
    rows = np.repeat(still[None], len(opening), 0)
    rows[:, UPPER], rows[:, LOWER] = (10, 5), (10, 5)
    rows[:, LOWER, 1] += scale * np.asarray(opening)
    return rows + shift


def test_landmarks_are_compared_about_their_means_and_openings_by_their_course():
    opening = np.abs(np.sin(np.arange(20))) * 10
    truth = lips_of(opening)
    assert landmark_distance(lips_of(opening, shift=7.0), truth) == pytest.approx(0)
    moved = truth.copy()
    moved[:, ::2, 0] += 1
    moved[:, 1::2, 0] -= 1
    assert landmark_distance(moved, truth) == pytest.approx(1)
    assert aperture_r(lips_of(opening, 3.0, 0.4), truth) == pytest.approx(1)
    assert aperture_r(lips_of(10 - opening), truth) == pytest.approx(-1)
    assert aperture_r(lips_of(np.full(20, 3.0)), truth) == 0


def test_scores_tell_what_was_found_and_what_was_not(monkeypatch):
    head = torch.zeros(24, 30)
    head[4:20, 5:25] = 1
    truth = picture(0)
    drawn = truth * 0.9 + 0.05
    drawn[head == 0] = 1.0  # what lies beside the head is nobody's fault
    frames = [Seen(drawn, truth, head, (slice(8, 14), slice(8, 20)))] * 4
    monkeypatch.setattr(measures, "mouth_landmarks", lambda picture: None)
    scores = scores_of(frames)
    assert np.isnan(scores.lmd)
    assert np.isnan(scores.aperture)
    assert 25 < scores.psnr < scores.pasted
    assert 0 < scores.ssim < 1
    told = iter(np.repeat(lips_of([1.0, 4.0, 2.0, 5.0]), 2, 0))
    monkeypatch.setattr(measures, "mouth_landmarks", lambda picture: next(told))
    scores = scores_of(frames)
    assert scores.lmd == 0
    assert scores.aperture == pytest.approx(1)
    assert "head only" in scores.sentence()
    assert len(LIPS) == len(set(LIPS)) == 40


def test_a_face_is_found_where_there_is_one():
    pytest.importorskip("mediapipe")
    assert measures.mouth_landmarks(np.full((64, 64, 3), 0.5, np.float32)) is None


@pytest.fixture
def training(tmp_path):
    torch.set_num_threads(1)
    changes = {"size": "40", "splats.count": "200", "splats.most": "230", "stages.static": "4", "shapes.count": "2"}
    settings = read_settings("mouthpiece", changes | {"density.start": "1000", "splats.cards": "false"})
    made = Training(
        ball_video(tmp_path / "ball", 8), settings, tmp_path / "run", CpuRasteriser(1), lambda part, text: None
    )
    for _ in range(12):
        made._learn()
    return made


def test_splats_come_where_pictures_pull_and_faint_ones_go(training):
    avatar, memory = training.avatar, training.optimiser.state
    with torch.no_grad():
        avatar.logits[:5] = -9
    before = {name: getattr(avatar, name).detach().clone() for name in ("offsets", "logits", "colors")}
    moment = memory[avatar.offsets]["exp_avg"].clone()
    lips = avatar.sitter.regions[avatar.triangles] == REGIONS.index("lips")
    count, bases = len(avatar.offsets), avatar.shapes.bases.shape
    assert lips[5:].sum() >= 3
    pull = Pull(torch.ones(count), torch.ones(count))
    made = regrown(avatar, training.optimiser, pull, training.settings, np.random.default_rng(0))
    kept, added = count - 5, len(avatar.offsets) - (count - 5)
    assert added == min(230 - kept, int(training.settings.density.growth * kept))
    own = avatar.sitter.regions[avatar.triangles]
    names = {REGIONS[region] for region in own[kept:]}
    assert names <= {"lips"} or lips[5:].sum() < added  # all pull alike, so that the mouth's weight decides
    assert torch.equal(avatar.logits[:kept].detach(), before["logits"][5:])
    assert torch.equal(avatar.colors[:kept].detach(), before["colors"][5:])
    state = made.state[avatar.offsets]
    assert torch.equal(state["exp_avg"][:kept], moment[5:])
    assert not state["exp_avg"][kept:].any()
    assert made.state[avatar.shapes.bases]["exp_avg"].shape[1] == kept + added
    assert avatar.shapes.bases.shape == (bases[0], kept + added, bases[2])
    training.optimiser, training.pull = made, Pull(torch.zeros(kept + added), torch.zeros(kept + added))
    training._learn()
    assert all(torch.isfinite(value).all() for value in avatar.parameters())


def test_a_split_splat_is_two_that_cover_what_one_did(training):
    avatar = training.avatar
    frame = training.lesson.moment(0, avatar.mesh.center)
    shown = training.raster.render(
        avatar.gaussians(avatar(frame), training.lesson.camera), training.lesson.camera
    ).color.detach()
    count = len(avatar.offsets)
    sizes = avatar.log_scales.detach().clone()
    regrown(
        avatar,
        training.optimiser,
        Pull(torch.ones(count), torch.ones(count)),
        training.settings,
        np.random.default_rng(0),
    )
    after = training.raster.render(
        avatar.gaussians(avatar(frame), training.lesson.camera), training.lesson.camera
    ).color.detach()
    assert len(avatar.offsets) > count
    assert decibels(after, shown) > 28
    smaller = (avatar.log_scales[:count].detach() < sizes - 0.1).any(1)
    assert int(smaller.sum()) == len(avatar.offsets) - count
    assert torch.equal(avatar.log_scales[:count][~smaller].detach(), sizes[~smaller])


def test_lips_are_looked_for_where_they_are(training):
    boxes = lip_boxes(training.lesson.reel, training.lesson.still)
    red = training.lesson.reel.frame(0).picture
    red = (red[..., 0] - red[..., 1:].mean(-1)) * training.lesson.reel.frame(0).head
    rows, columns = boxes[0]
    assert len(boxes) == len(training.lesson.reel)
    down, across = (float(place.float().mean()) for place in torch.nonzero(red > 0.45).unbind(1))
    assert rows.start < down < rows.stop
    assert columns.start < across < columns.stop
    assert red[rows, columns].mean() > 3 * red.mean()
    assert (rows.stop - rows.start) * (columns.stop - columns.start) < 0.25 * red.numel()
