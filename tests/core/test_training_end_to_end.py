"""The whole training at a tiny size: lessons, trunk, correlation model, generators, file, performance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from models import random_encoder  # noqa: E402

from core.rig.arkit import ARKIT_52  # noqa: E402
from core.rig.board import BOARD, BOARD_NAMES, index  # noqa: E402
from core.rig.mapping import JAW_OPEN  # noqa: E402
from core.speech import level, mel  # noqa: E402
from core.speech.brief import Brief  # noqa: E402
from core.speech.perform import perform  # noqa: E402
from core.speech.phones import NUMBERS, PHONES  # noqa: E402
from core.speech.weights import load_model  # noqa: E402
from core.training import correlation, distil, encoded, fit, goals, lessons, passages, ship, train  # noqa: E402
from core.training.diet import Diet  # noqa: E402
from core.training.ears import TrunkEars  # noqa: E402
from core.training.face import Face, to_arkit  # noqa: E402
from core.training.network import Generator, GeneratorShape, Trunk  # noqa: E402
from core.types import Speech  # noqa: E402

SECONDS = 3.0
COUNT = round(SECONDS * 50)


def simple_face() -> Face:
    """Lips that only the jaw parts."""
    opening = np.zeros(53, np.float32)
    opening[[ARKIT_52.index("jawOpen"), ARKIT_52.index("mouthClose"), -1]] = 0.4, -0.4, 0.002
    return Face(opening, np.zeros(53, np.float32))


FACE = simple_face()


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def syllables(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A hum that swells and ebbs, float32 [S], and how far a jaw would follow it, float32 [N]."""
    rng = np.random.default_rng(seed)
    times = np.arange(round(SECONDS * mel.RATE_HZ)) / mel.RATE_HZ
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * rng.uniform(2.0, 3.0) * times)
    voice = sum(np.sin(2 * np.pi * 140 * k * times) / k for k in range(1, 20))
    return (0.1 * swell * voice).astype(np.float32), (0.5 * swell[:: level.FRAME_SAMPLES][:COUNT]).astype(np.float32)


def lesson(seed: int) -> tuple[lessons.Lesson, np.ndarray]:
    samples, jaw = syllables(seed)
    hidden = np.random.default_rng(0).normal(size=384)[None] * jaw[:, None]
    phones = np.where(jaw > 0.2, NUMBERS["AA"], NUMBERS["sil"]).astype(np.int8)
    heard = ((mel.features(level.normalise(samples)).astype(np.float16), 1.0),)
    controls = np.repeat(jaw[:, None], 26, axis=1).astype(np.float16)
    return lessons.Lesson(heard, hidden.astype(np.float16), controls, phones), jaw


def passage(taught: lessons.Lesson, jaw: np.ndarray) -> passages.Passage:
    goal = np.zeros((COUNT, passages.GOALS), np.float16)
    goal[:, JAW_OPEN] = jaw
    goal[:, index("CTRL_L_mouth_upperLipRaise.ty")] = 0.5 * jaw
    return passages.Passage(taught.heard[0][0], (jaw * 2).astype(np.float16), goal, taught.phones)


def tiny_model() -> tuple[train.Trained, list[str]]:
    pairs = [lesson(seed) for seed in range(4)]
    taught = [pair[0] for pair in pairs]
    told: list[str] = []
    pupil = distil.teach_trunk(taught, len(PHONES), distil.TrunkRecipe(steps=100, size=4, length=100), told.append)
    heard = [passage(*pair) for pair in pairs]
    motions = [part.goal[:, : len(BOARD)].astype(np.float32) for part in heard]
    model = correlation.learn_correlation(motions, 10, 0)
    diet = Diet((heard,), (6,))
    judges = fit.Judges(FACE, model, fit.channel_weights(diet))
    recipe = fit.Recipe(steps=60, length=100, dropout=0.0)
    plan = train.Plan(generator=recipe, stream=replace(recipe, rate=1.5e-3, ears_rate=6e-4))
    encoder = {name: torch.from_numpy(x) for name, x in random_encoder(np.random.default_rng(1)).items()}
    spelt = [train.spelt_passage(part.phones, part.goal, part.energy) for part in heard]
    material = train.Material(diet, Diet((spelt,), (6,)), motions)
    ears, pupil, generators = train.generate(
        material, encoded.encode_diet(diet, encoder, 0), pupil, judges, plan, told.append
    )
    return train.Trained(encoder, ears, pupil, generators, FACE), told


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    model, told = tiny_model()
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    ship.write_model(model, path)
    return model, path, told


AGREEING = [np.repeat(lesson(seed)[1][:, None], len(BOARD), axis=1) for seed in range(4)]
"""Motions in which everything goes with the jaw, float32 [N, 185] each."""


@pytest.fixture(scope="module")
def agreeing() -> correlation.Correlation:
    return correlation.learn_correlation(AGREEING, 250, 0, size=8)


def test_a_tiny_training_ends_in_a_face_that_follows_the_voice(trained):
    _, path, _ = trained
    samples, jaw = syllables(9)  # a rhythm that no lesson had
    performance = perform(Speech(samples, mel.RATE_HZ), Brief(50.0), model=load_model(path))
    assert performance.curves.names == BOARD_NAMES
    opened = performance.curves.column("CTRL_C_jaw.ty")
    assert np.corrcoef(opened, jaw)[0, 1] > 0.7
    assert np.ptp(opened) > 0.15


def test_the_shipped_arithmetic_is_the_trained_one(trained):
    from core.speech.emotion import EmotionTrack
    from core.speech.hear import hear, take_in

    model, path, _ = trained
    samples = level.normalise(syllables(9)[0])
    sound = take_in(Speech(samples, mel.RATE_HZ))
    sound.loudness.gate[:] = 1
    face, posteriors = hear(sound, load_model(path), EmotionTrack.neutral(), lambda _: None)
    hidden = encoded.encode_rows(mel.features(samples), model.encoder)
    with torch.no_grad():
        heard = ((torch.from_numpy(hidden) - model.ears.mean) * model.ears.scale)[None]
        curves = model.generators["generator"](heard, torch.zeros(1, COUNT, 6))[0].numpy()
        said = torch.softmax(model.ears.phones(heard), dim=2)[0].numpy()
    # The file holds 16-bit numbers, the network that made it 32-bit ones.
    moving = np.array([control.region != "switches" for control in BOARD])
    assert np.abs(face.board - curves[:, : len(BOARD)])[:, moving].max() < 0.02
    assert np.abs(posteriors - said).max() < 0.03


def test_the_trunk_learns_what_it_is_told(trained):
    last = [line for line in trained[2] if line.startswith("trunk step")][-1]
    hidden, controls, phones = (float(part.rsplit(" ", 1)[1]) for part in last.split(":")[1].split(","))
    assert phones < 0.3 * np.log(len(PHONES))
    assert hidden < 0.8 and controls < 0.02


def test_the_correlation_model_beats_the_mean(agreeing):
    model_error, mean_error = correlation.judge_correlation(agreeing, AGREEING)
    assert model_error < 0.9 * mean_error


def test_correlation_loss_asks_for_regions_that_agree(agreeing):
    real = torch.from_numpy(AGREEING[1][None])
    lips = torch.tensor([control.region == "lips" for control in BOARD])
    torn = torch.where(lips, real, 0.5 - real)  # all else falls when the lips rise
    masked = torch.zeros(1, len(correlation.MOVING), correlation.WINDOW, dtype=torch.bool)
    masked[:, correlation.MOVING.index("lips")] = True
    together = correlation.correlation_loss(agreeing, real, real, masked)
    assert together < correlation.correlation_loss(agreeing, torn, real, masked)


def test_the_same_seed_gives_the_same_weights():
    part = passage(*lesson(1))
    diet = Diet(([part],), (2,))
    judges = fit.Judges(FACE, None, fit.channel_weights(diet))
    recipe = fit.Recipe(steps=3, length=60)
    ears = [distil.Pupil(Trunk(), 384, 26, len(PHONES)) for _ in range(2)]
    ears[1].load_state_dict(ears[0].state_dict())
    shapes = {"stream": GeneratorShape(passages.GOALS)}
    one, two = (fit.fit(TrunkEars(pupil), diet, judges, recipe, shapes)["stream"].leave.weight for pupil in ears)
    assert torch.equal(one, two)


def test_the_losses_see_the_face_that_users_see():
    from core.rig.mapping import board_to_arkit

    rng = np.random.default_rng(0)
    board = np.clip(rng.normal(0, 0.2, (50, len(BOARD))), 0, 0.3).astype(np.float32)
    seen = np.clip(to_arkit(torch.from_numpy(board)).numpy(), 0, 1)
    np.testing.assert_allclose(seen, board_to_arkit(board), atol=1e-5)


def test_goals_have_no_side():
    goal = np.random.default_rng(0).random((5, passages.GOALS)).astype(np.float32)
    even = goals.symmetric(goal)
    left, right = index("CTRL_L_mouth_stretch.ty"), index("CTRL_R_mouth_stretch.ty")
    np.testing.assert_array_equal(even[:, left], even[:, right])
    assert not even[:, index("CTRL_C_jaw.tx")].any()
    np.testing.assert_array_equal(even[:, JAW_OPEN], goal[:, JAW_OPEN])


def test_p_b_m_are_goals_of_the_seal():
    phones = np.full(30, NUMBERS["AA"], np.int8)
    phones[10:14] = NUMBERS["P"]
    seal = goals.seal_goal(phones)
    assert (seal[10:14] == 1).all()
    assert not seal[:9].any() and not seal[15:].any()


def test_emotions_of_training_stay_in_range_and_rest_at_times():
    table = passages.random_emotions(400, 5, np.random.default_rng(0))
    assert table.min() >= 0 and table.max() <= 1
    calm = (table.amax(dim=(1, 2)) == 0).float().mean()
    assert 0.3 < calm < 0.6


def test_generators_keep_the_ranges_of_their_controls():
    signed = torch.tensor([True, False])
    generator = Generator(GeneratorShape(2), signed).eval()
    with torch.no_grad():
        curves = generator(torch.randn(1, 40, 256) * 50, torch.ones(1, 40, 6))
    assert curves[..., 0].min() >= -1 and curves[..., 1].min() >= 0 and curves.max() <= 1
