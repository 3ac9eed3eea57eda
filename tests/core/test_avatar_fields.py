"""Parts of the fields and the translator, each by what it promises."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.avatar.bake import regressed  # noqa: E402
from core.avatar.blendshapes import first_mix  # noqa: E402
from core.avatar.correction import Correction  # noqa: E402
from core.avatar.fields.conditions import AROUND, SMOOTHINGS, AudioNet, around  # noqa: E402
from core.avatar.fields.deformation import Field, FieldShape  # noqa: E402
from core.avatar.fields.fusion import Attention  # noqa: E402
from core.avatar.fields.grids import HashPlanes, Planes  # noqa: E402
from core.avatar.fields.warming import warm  # noqa: E402
from core.avatar.sync import JAW, shifted, sound_lag  # noqa: E402
from core.avatar.translator import SPOKEN, Heard, Translator, fit_translator  # noqa: E402


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)
    torch.set_num_threads(1)


@pytest.mark.parametrize("grid", [Planes(8, (1, 2), 4), HashPlanes(4, 2, 4, 32, 6), HashPlanes(3, 1, 4, 16, 12)])
def test_grids_are_continuous_and_learn_a_place(grid):
    places = torch.rand(200, 3) * 2 - 1
    near = (grid(places) - grid(places + 1e-5)).abs().max()
    assert grid(places).shape == (200, grid.width) and near < 1e-2
    leave = torch.nn.Linear(grid.width, 1)
    goal = torch.sin(3 * places[:, :1]) * places[:, 1:2]
    optimiser = torch.optim.Adam([*grid.parameters(), *leave.parameters()], 0.02)
    for _ in range(150):
        loss = (leave(grid(places)) - goal).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 0.15 * goal.square().mean()
    assert grid.roughness() > 0


def test_places_beyond_the_box_are_held_at_its_side():
    for grid in (Planes(4, (1,), 2), HashPlanes(2, 1, 4, 8, 6)):
        inside, outside = torch.tensor([[1.0, -1.0, 0.3]]), torch.tensor([[1.7, -3.0, 0.3]])
        torch.testing.assert_close(grid(inside), grid(outside))


def test_attention_shares_itself_out_over_four_tokens():
    fusion = Attention(16)
    weights = fusion.weights(torch.randn(30, 16), torch.randn(4, 16))
    assert weights.shape == (30, 4)
    torch.testing.assert_close(weights.sum(1), torch.ones(30))


@pytest.mark.parametrize("grid", ["planes", "hash"])
@pytest.mark.parametrize("fusion", ["attention", "concatenation"])
@pytest.mark.parametrize("smoothing", ["attention", "kernel", "none"])
def test_every_field_begins_at_nothing_and_hears(grid, fusion, smoothing):
    small = {"planes": (("base", 4), ("channels", 2)), "hash": (("levels", 2), ("log2_size", 6), ("finest", 32))}
    field = Field(FieldShape(grid, fusion, smoothing, 6, 16, small[grid]))
    places, windows = torch.rand(20, 3), torch.randn(AROUND, 8, 6)
    moment = field.tokens(windows, torch.rand(6), torch.rand(3, 4))
    assert field(field.features(places), moment).abs().max() == 0
    for head in field.heads.values():
        torch.nn.init.normal_(head[-1].weight)
    one = field(field.features(places), moment)
    other = field(field.features(places), field.tokens(windows * 3 + 1, torch.rand(6), torch.rand(3, 4)))
    assert one.shape == (20, 13) and (one - other).abs().max() > 1e-5


def test_an_audio_path_is_warmed_by_what_a_face_does():
    windows = torch.randn(300, 8, 12)
    windows[:, :, 3:] *= 0.05  # what speech differs in may be small
    goal = torch.stack([windows[:, 2:6, 7].mean(1).sigmoid(), torch.full((300,), 0.3)], 1)
    audio = AudioNet(12)
    assert warm(audio, windows, goal, torch.ones(300)) < 0.5
    told = audio(windows).detach()
    assert told.std(0).mean() > 0.1
    rows = torch.cat([told, torch.ones(300, 1)], 1)
    guess = rows @ torch.linalg.lstsq(rows, goal[:, :1]).solution
    assert np.corrcoef(guess[:, 0], goal[:, 0])[0, 1] > 0.8


def test_an_audio_path_begins_with_principal_components():
    windows, audio = torch.randn(100, 8, 12) * torch.linspace(0.01, 1, 12), AudioNet(12)
    audio.settle(windows)
    entered = audio.enter(torch.nn.functional.layer_norm(windows, (12,))).detach().flatten(0, 1)
    spread = entered.std(0)
    alive = spread > 1e-3
    assert 8 <= alive.sum() <= 12  # no more than there are numbers
    torch.testing.assert_close(spread[alive], torch.ones(int(alive.sum())), atol=0.02, rtol=0)


def test_smoothing_is_calmer_than_none():
    frames = torch.randn(60, 5)
    course = {}
    for name in ("kernel", "none"):
        smooth = SMOOTHINGS[name]()
        course[name] = torch.stack([smooth(around(frames, t)) for t in range(60)]).diff(dim=0).square().mean()
    assert course["kernel"] < 0.7 * course["none"]
    torch.testing.assert_close(around(frames, 0)[:5], frames[:1].expand(5, 5))


def test_a_translator_learns_a_persons_way_and_keeps_to_what_speech_decides():
    random = np.random.default_rng(0)
    curves = torch.from_numpy(random.random((400, 52)).astype(np.float32))
    features = torch.from_numpy(random.normal(size=(400, 8, 5)).astype(np.float32))
    goal = curves.clone()
    goal[:, SPOKEN] = (0.5 * curves[:, SPOKEN] + 0.2).clamp(0, 1)
    heard = Heard(features, curves)
    latent = goal[:, SPOKEN[:3]] * 2
    made = fit_translator(heard, (goal, latent), torch.ones(400), 60, lambda part: None)
    rest = torch.full((400, 52), 0.7)
    with torch.no_grad():
        weights, told = made.weights(heard, rest)
    others = [k for k in range(52) if k not in SPOKEN]
    assert (weights[:, others] == 0.7).all()
    before = (curves - goal)[:, SPOKEN].square().mean()
    assert (weights - goal)[:, SPOKEN].square().mean() < 0.05 * before
    assert (told - latent).square().mean() < 0.1 * latent.var()


def test_speakers_of_one_translator_differ():
    made = Translator(5, speakers=2)
    torch.nn.init.normal_(made.leave.weight)
    heard = Heard(torch.randn(9, 8, 5), torch.rand(9, 52))
    assert (made(heard, 0)[0] - made(heard, 1)[0]).abs().max() > 1e-3


def test_the_first_mix_spans_how_a_face_moved():
    random = np.random.default_rng(1)
    weights = random.random((300, 3)) @ random.random((3, 52))
    mix = first_mix(weights, 5)
    course = weights @ mix.T
    assert mix.shape == (5, 52)
    np.testing.assert_allclose(np.sqrt((course[:, :3] ** 2).mean(0)), 1, rtol=1e-3)
    assert np.abs(mix[3:]).max() == 0  # nothing moved that way


def test_what_is_linear_in_weights_is_found_again():
    random = np.random.default_rng(2)
    weights = random.random((120, 52)).astype(np.float32)
    weights[:, 4:] = 0
    bases = random.normal(size=(4, 30, 13)).astype(np.float32)
    changes = np.einsum("tk,kna->tna", weights[:, :4], bases)
    mix, found = regressed(changes, weights, 6)
    made = np.einsum("tk,kna->tna", weights @ mix.T, found)
    assert np.abs(made - changes).max() < 0.02 * np.abs(changes).max()


def test_a_correction_is_nothing_at_first_and_stays_rigid():
    correction = Correction(3)
    affine, weights = torch.eye(3, 4), torch.rand(52)
    torch.testing.assert_close(correction.affine(1, affine), affine)
    torch.testing.assert_close(correction.weight(1, weights), weights)
    torch.nn.init.normal_(correction.poses)
    torch.nn.init.constant_(correction.weights, 30.0)
    moved = correction.affine(2, affine)
    torch.testing.assert_close(moved[:, :3] @ moved[:, :3].T, torch.eye(3), atol=1e-5, rtol=0)
    weights[5] = 0
    got = correction.weight(2, weights)
    assert got[5] == 0 and got.max() == 1


@pytest.mark.parametrize("lag", [-6, 0, 5])
def test_sound_that_is_late_is_noticed(lag):
    random = np.random.default_rng(3)
    course = np.convolve(random.random(240), np.ones(5) / 5, "same")
    tracked, heard = (np.zeros((200, 52), np.float32) for _ in range(2))
    tracked[:, JAW], heard[:, JAW] = course[20:220], course[20 - lag : 220 - lag]
    assert sound_lag(heard, tracked, np.ones(200, bool), 25.0) == lag
    inner = slice(10, 190)
    np.testing.assert_array_equal(shifted(heard, lag, 200)[inner], tracked[inner])


def test_noise_is_not_taken_for_late_sound():
    random = np.random.default_rng(4)
    noise = random.random((2, 400, 52)).astype(np.float32)
    assert sound_lag(noise[0], noise[1], np.ones(400, bool), 25.0) == 0
