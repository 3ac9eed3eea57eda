"""The NumPy network against its slow meaning, against itself fed in pieces, and against its torch twin."""

from __future__ import annotations

import numpy as np
import pytest
from models import GENERATOR_DILATIONS, random_model, random_tensors, write_model

from core.errors import ModelError
from core.rig.board import BOARD
from core.speech.convolution import Convolution
from core.speech.encoder import STEP_HOPS, WINDOW_HOPS, Encoder, windows
from core.speech.generator import ARTICULATOR, OFFLINE, SIGNED, STREAM, Generator, SidedGenerator
from core.speech.phone_head import OF_ENCODER, OF_TRUNK, phone_posteriors
from core.speech.trunk import Trunk, silent_frame
from core.speech.weights import load_model

RNG = np.random.default_rng(3)
MODEL = random_model()
PREFIXES = (OFFLINE, STREAM, ARTICULATOR)


def noise(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


def pieces(count: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def inputs_of(prefix: str, count: int) -> np.ndarray:
    return noise(count, {ARTICULATOR: 40, STREAM: 256, OFFLINE: 384}[prefix])


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("dilation", [1, 3])
def test_convolution_equals_its_definition(causal, dilation):
    x, weight, bias = noise(23, 4), noise(4, 4, 5), noise(4)
    ahead = 0 if causal else 2 * dilation
    slow = np.tile(bias, (23, 1))
    for row in range(23):
        for tap in range(5):
            place = row + ahead + (tap - 4) * dilation
            if 0 <= place < 23:
                slow[row] += weight[:, :, tap] @ x[place]
    block = Convolution(weight, bias, dilation, causal=causal)
    got = np.concatenate([block.feed(x), block.finish()])
    np.testing.assert_allclose(got, x + np.maximum(slow, 0), atol=1e-5)


@pytest.mark.parametrize("size", [1, 7, 50])
@pytest.mark.parametrize("count", [1, 2, 5, 61])
def test_the_trunk_hears_the_same_in_pieces(size, count):
    hops = noise(count, 160) * 0.3
    whole, pieced = Trunk(MODEL), Trunk(MODEL)
    at_once = np.concatenate([whole.feed(hops), whole.finish()])
    together = np.concatenate([*(pieced.feed(hops[piece]) for piece in pieces(count, size)), pieced.finish()])
    assert at_once.shape == (count, 256)
    np.testing.assert_allclose(together, at_once, atol=1e-4)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("count", [1, 9, 61])
def test_a_generator_speaks_the_same_in_pieces(prefix, count):
    frames, emotion = inputs_of(prefix, count), np.abs(noise(count, 6)) / 4
    whole, pieced = Generator(MODEL, prefix), Generator(MODEL, prefix)
    at_once = np.concatenate([whole.feed(frames, emotion), whole.finish()])
    fed = [pieced.feed(frames[piece], emotion[piece]) for piece in pieces(count, 4)]
    assert at_once.shape == (count, 186)
    np.testing.assert_allclose(np.concatenate([*fed, pieced.finish()]), at_once, atol=1e-5)


def test_the_trunk_waits_three_hops_and_the_stream_none():
    trunk = Trunk(MODEL)
    assert [len(trunk.feed(noise(1, 160))) for _ in range(5)] == [0, 0, 0, 1, 1]
    assert len(Generator(MODEL, STREAM).feed(noise(1, 256), np.zeros((1, 6), np.float32))) == 1


def test_outputs_stay_within_their_ranges_whatever_comes_in():
    got = Generator(MODEL, STREAM).feed(1e4 * noise(50, 256), np.zeros((50, 6), np.float32))
    assert np.isfinite(got).all()
    assert got.max() <= 1
    assert got[:, ~SIGNED].min() >= 0 and got[:, SIGNED].min() >= -1


def test_a_lasting_frame_settles_at_its_still_pose():
    frame, emotion = noise(1, 384), np.full((1, 6), 0.3, np.float32)
    fed = Generator(MODEL, OFFLINE).feed(np.repeat(frame, 90, axis=0), np.repeat(emotion, 90, axis=0))
    np.testing.assert_allclose(fed[40], Generator(MODEL, OFFLINE).still(frame, emotion)[0], atol=1e-5)


def test_silence_settles_the_trunk():
    trunk = Trunk(MODEL)
    longer = trunk.feed(np.full((200, 160), -0.5, np.float32))
    np.testing.assert_allclose(silent_frame(MODEL), longer[-1], atol=1e-4)


def test_each_half_of_the_face_feels_its_own():
    frames = noise(40, 384)
    left, right = np.zeros((40, 6), np.float32), np.full((40, 6), 0.5, np.float32)
    sided = SidedGenerator(MODEL, OFFLINE, even=False)
    got = np.concatenate([sided.feed(frames, left, right), sided.finish()])
    for side, emotion in (("L", left), ("R", right)):
        alone = Generator(MODEL, OFFLINE)
        expected = np.concatenate([alone.feed(frames, emotion), alone.finish()])
        places = [place for place, control in enumerate(BOARD) if control.side == side]
        np.testing.assert_array_equal(got[:, places], expected[:, places])


@pytest.mark.parametrize(("prefix", "size"), [(OF_TRUNK, 256), (OF_ENCODER, 384)])
def test_posteriors_sum_to_one(prefix, size):
    rows = phone_posteriors(30 * noise(20, size), MODEL, prefix)
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
    assert rows.min() >= 0


def test_numpy_equals_torch():
    torch = pytest.importorskip("torch")
    from core.training import network

    def state(prefix: str) -> dict:
        parts = {n.removeprefix(prefix): x for n, x in random_tensors().items() if n.startswith(prefix)}
        return {name: torch.from_numpy(x) for name, x in parts.items()}

    hops = noise(120, 160) * 0.3
    twin = network.Trunk().eval()
    twin.load_state_dict(state("trunk."))
    silence = np.full((MODEL.delay, 160), -0.5, np.float32)
    trunk = Trunk(MODEL)
    ours = np.concatenate([trunk.feed(hops), trunk.finish()])
    with torch.no_grad():
        theirs = twin(torch.from_numpy(np.concatenate([hops, silence]))[None])[0, MODEL.delay :].numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-4)

    for prefix in PREFIXES:
        frames, emotion = inputs_of(prefix, 80), np.abs(noise(80, 6)) / 4
        shape = network.GeneratorShape(186, frames.shape[1], dilations=GENERATOR_DILATIONS, causal=prefix == STREAM)
        torch_generator = network.Generator(shape, torch.from_numpy(SIGNED)).eval()
        torch_generator.load_state_dict(state(prefix))
        with torch.no_grad():
            theirs = torch_generator(torch.from_numpy(frames)[None], torch.from_numpy(emotion)[None])[0].numpy()
        generator = Generator(MODEL, prefix)
        ours = np.concatenate([generator.feed(frames, emotion), generator.finish()])
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_the_encoder_equals_its_torch_twin():
    torch = pytest.importorskip("torch")
    from core.training.teacher import encode_window

    hops = noise(91, 160) * 0.3
    tensors = {name: torch.from_numpy(x) for name, x in random_tensors().items() if name.startswith("encoder.")}
    with torch.no_grad():
        theirs = encode_window(torch.from_numpy(hops.reshape(-1, 80)[1:-1].copy()), tensors).numpy()
    ours = Encoder(MODEL).hear(hops)
    assert ours.shape == theirs.shape == (90, 384)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_windows_keep_every_hop_once_and_never_outgrow_the_encoder():
    for count in (1, STEP_HOPS, STEP_HOPS + 1, 5000):
        kept = [hop for _, part in windows(range(0, count), count) for hop in part]
        assert kept == list(range(count))
        assert max(len(heard) for heard, _ in windows(range(0, count), count)) <= WINDOW_HOPS


def test_a_window_lies_where_it_lies_whoever_asks():
    """Two cores share a recording; its middle must sound alike to both."""
    whole = {kept.start: heard for heard, kept in windows(range(0, 5000), 5000)}
    later = {kept.start: heard for heard, kept in windows(range(2 * STEP_HOPS, 5000), 5000)}
    assert later and all(whole[start] == heard for start, heard in later.items())


def test_a_written_model_is_read_again(tmp_path):
    model = load_model(write_model(tmp_path / "speech.safetensors"))
    assert model.delay == 3 and model.generator_dilations == GENERATOR_DILATIONS
    np.testing.assert_array_equal(model.opening, MODEL.opening)
    np.testing.assert_allclose(model.tensors["trunk.enter.weight"], MODEL.tensors["trunk.enter.weight"], atol=1e-3)
    assert all(tensor.dtype == np.float32 for tensor in model.tensors.values())


def test_damaged_and_foreign_weights_are_refused(tmp_path):
    whole = write_model(tmp_path / "whole.safetensors")
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(whole.read_bytes()[:1000])
    for path in (cut, tmp_path / "none.safetensors"):
        with pytest.raises(ModelError, match="cannot be read"):
            load_model(path)
    with pytest.raises(ModelError, match="layout mouthpiece-speech-1"):
        load_model(write_model(tmp_path / "old.safetensors", layout="mouthpiece-speech-1"))
    with pytest.raises(ModelError, match="other phones"):
        load_model(write_model(tmp_path / "phones.safetensors", phones='["sil"]'))
