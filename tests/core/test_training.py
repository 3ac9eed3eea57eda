"""Training at tiny size: labels, measures, sources, and a fit that learns."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from core.errors import FormatError, ModelError
from core.training import judge, labels
from core.training.sources import find_sources, is_test, training_clips

RNG = np.random.default_rng(0)


def face() -> np.ndarray:
    """A made-up resting face in which no three rigid points lie on a line, [478, 3]."""
    points = RNG.normal(0, 0.3, (478, 3))
    points[33], points[263] = (-0.5, 0, 0), (0.5, 0, 0)
    return points


def test_rigid_motion_and_size_are_taken_out():
    rest = face()
    angle = 0.3
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    moved = (rest @ turn * 240 + (300, 200, 10))[None]
    np.testing.assert_allclose(labels.steady(moved, rest[labels.RIGID_LANDMARKS])[0], rest, atol=1e-4)


def test_solved_curves_explain_what_was_filmed():
    basis = labels.MouthBasis(RNG.normal(0, 0.12, (len(labels.SOLVED), len(labels.LANDMARKS), 3)).astype(np.float32))
    truth = np.zeros((6, len(labels.SOLVED)), np.float32)
    truth[np.arange(6), [0, 3, 5, 8, 20, 22]] = np.linspace(0.2, 0.9, 6)
    rest = face().astype(np.float32)
    track = np.tile(rest, (6, 1, 1))
    track[:, labels.LANDMARKS] += np.einsum("tc,cpx->tpx", truth, basis.offsets)
    track = track * np.array([1, -1, -1], np.float32)  # as a tracker gives it: y down, z away
    # The priors of the real recipe pull little against signals of this size.
    got = labels.solve_curves(track, np.zeros((6, 52), np.float32), rest, basis)
    assert np.abs(got - truth).max() < 0.12
    assert got.min() >= 0 and got.max() <= 1


def test_tics_go_and_twins_agree():
    clips = [RNG.random((20, len(labels.SOLVED))).astype(np.float32) for _ in range(3)]
    left, right = (labels.SOLVED.index(f"mouthSmile{side}") for side in ("Left", "Right"))
    for clip in labels.without_tics(clips):
        np.testing.assert_array_equal(clip[:, left], clip[:, right])
        assert len(clip) == 20


def test_a_late_copy_scores_one_at_its_shift():
    filmed = np.abs(np.sin(np.arange(100) * 0.3)) ** 2
    score = judge.score_clip(filmed[3:], filmed[:-3], fps=25.0)
    assert score.r == pytest.approx(1.0)
    assert score.closure_f1 == pytest.approx(1.0)
    assert score.shift_s == pytest.approx(3 / 25)


def test_an_unmoving_mouth_scores_nothing():
    filmed = np.abs(np.sin(np.arange(100) * 0.3))
    assert judge.score_clip(np.zeros(100), filmed, fps=25.0).r == 0.0


def test_closure_f1_counts_matches_within_one_frame():
    filmed = np.ones(20)
    filmed[[5, 12]] = 0
    near, far = np.ones(20), np.ones(20)
    near[[6, 12]] = 0
    far[[8, 16]] = 0
    assert judge.closure_f1(near, filmed) == pytest.approx(1.0)
    assert judge.closure_f1(far, filmed) == pytest.approx(0.0, abs=1e-6)


def test_clips_kept_for_others_and_for_us_are_left_out(tmp_path):
    clips = [tmp_path / f"{number:04}.mpg" for number in range(1, 1001)]
    used = training_clips(clips)
    assert len(used) == 970
    assert not {f"{33 * k:04}" for k in range(1, 31)} & {clip.stem for clip in used}
    assert 75 < sum(is_test(place) for place in range(len(used))) < 90


def test_missing_sources_are_named_in_one_sentence(tmp_path):
    with pytest.raises(FormatError, match=r"lacks grid/\*.mpg, librispeech.*face_landmarker.task"):
        find_sources(tmp_path)


def whisper_file(path, version: int = 6) -> dict[str, np.ndarray]:
    """Write a tiny file in CTranslate2's layout and return its encoder tensors."""
    tensors = {f"encoder/{part}": RNG.normal(size=shape).astype(np.float16) for part, shape in _WHISPER_PARTS.items()}

    def text(value: str) -> bytes:
        return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"

    data = struct.pack("<I", version) + text("WhisperSpec") + struct.pack("<II", 3, len(tensors))
    for name, tensor in tensors.items():
        data += text(name) + struct.pack(f"<B{tensor.ndim}IBI", tensor.ndim, *tensor.shape, 4, tensor.nbytes)
        data += tensor.tobytes()
    path.write_bytes(data)
    return tensors


_WHISPER_PARTS = {"position_encodings/encodings": (4, 2)} | {
    f"{conv}/{part}": (2, 2, 3) if part == "weight" else (2,)
    for conv in ("conv1", "conv2")
    for part in ("weight", "bias")
} | {
    f"layer_0/{layer}/{part}": (2, 2) if part == "weight" else (2,)
    for layer, parts in {
        "self_attention/layer_norm": ("gamma", "beta"), "self_attention/linear_0": ("weight", "bias"),
        "self_attention/linear_1": ("weight", "bias"), "ffn/layer_norm": ("gamma", "beta"),
        "ffn/linear_0": ("weight", "bias"), "ffn/linear_1": ("weight", "bias"),
    }.items()
    for part in parts
}  # fmt: skip


def test_the_encoder_is_read_from_its_file(tmp_path):
    from core.training.whisper_file import read_encoder

    tensors = whisper_file(tmp_path / "model.bin")
    encoder = read_encoder(tmp_path / "model.bin", blocks=1)
    np.testing.assert_array_equal(encoder["encoder.conv1.weight"], tensors["encoder/conv1/weight"])
    np.testing.assert_array_equal(
        encoder["encoder.blocks.0.feed_norm.weight"], tensors["encoder/layer_0/ffn/layer_norm/gamma"]
    )
    whisper_file(tmp_path / "old.bin", version=3)
    with pytest.raises(ModelError, match="version 3"):
        read_encoder(tmp_path / "old.bin")


def test_a_tiny_fit_learns_and_repeats():
    torch = pytest.importorskip("torch")
    from core.training.corpus import CONTROLS, Passage
    from core.training.diet import Diet
    from core.training.teacher_fit import Lips, Recipe, fit

    torch.set_num_threads(1)
    mix = RNG.normal(0, 0.05, (384, len(CONTROLS)))
    passages = []
    for _ in range(8):
        hidden = RNG.standard_normal((40, 384)).astype(np.float16)
        goal = 1 / (1 + np.exp(2 - hidden.astype(np.float32) @ mix))
        passages.append(Passage(hidden, goal.astype(np.float32)))
    lips = Lips(torch.full((len(CONTROLS),), 0.01), 0.0)
    diet = Diet((passages,), (4,))

    def error(steps: int) -> float:
        decoder = fit(diet, lips, Recipe(steps=steps, width=24, length=32, dropout=0.0))
        with torch.no_grad():
            got = decoder(torch.from_numpy(passages[0].hidden.astype(np.float32))[None])[0].numpy()
        return float(np.square(got - passages[0].goal).mean())

    assert error(80) < 0.5 * error(1)
    assert error(5) == error(5)


def test_augmented_speech_keeps_its_timing():
    signal = pytest.importorskip("scipy.signal")
    from core.training.augment import augment

    click = np.zeros(16_000, np.float32)
    click[8_000:8_200] = np.sin(np.arange(200) * 0.6)
    for seed in range(8):
        changed, speed = augment(click, np.random.default_rng(seed))
        smooth = signal.fftconvolve(np.square(changed), np.ones(200), mode="same")
        assert abs(smooth.argmax() * speed - 8_100) < 500, seed
        assert abs(len(changed) * speed - 16_000) < 3
