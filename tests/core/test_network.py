"""The NumPy network against its slow meaning and against its torch twin."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ModelError
from core.speech import decoder, encoder, layers
from core.speech.weights import SHIPPED, load_model

RNG = np.random.default_rng(3)


def noise(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 4)])
def test_convolution_equals_its_definition(stride, dilation):
    x, weight, bias = noise(11, 3), noise(2, 3, 5), noise(2)
    slow = np.zeros((len(range(0, 11, stride)), 2))
    for row, centre in enumerate(range(0, 11, stride)):
        for tap in range(5):
            place = centre + (tap - 2) * dilation
            if 0 <= place < 11:
                slow[row] += weight[:, :, tap] @ x[place]
    np.testing.assert_allclose(layers.conv1d(x, weight, bias, stride, dilation), slow + bias, atol=1e-5)


def test_attention_equals_its_definition():
    q, k, v = noise(5, 8), noise(5, 8), noise(5, 8)
    slow = np.zeros((5, 8))
    for head in range(2):
        part = slice(4 * head, 4 * head + 4)
        weights = np.exp(q[:, part] @ k[:, part].T / 2)
        slow[:, part] = weights / weights.sum(axis=1, keepdims=True) @ v[:, part]
    np.testing.assert_allclose(layers.self_attention(q, k, v, heads=2), slow, atol=1e-5)


def test_layer_norm_has_mean_zero_and_variance_one():
    normed = layers.layer_norm(noise(4, 32) * 7 + 3, np.ones(32, np.float32), np.zeros(32, np.float32))
    np.testing.assert_allclose(normed.mean(axis=1), 0, atol=1e-5)
    np.testing.assert_allclose(normed.std(axis=1), 1, atol=1e-3)


def test_windows_cover_every_row_once():
    model = load_model()
    rows = 2 * encoder.WINDOW_FRAMES + 11
    kept = [hidden[keep] for hidden, keep in encoder.encode(noise(rows, 80), model.tensors)]
    assert sum(map(len, kept)) == -(-rows // 2)


def test_a_window_seam_changes_little():
    """A recording of two windows gives nearly what one window of the same speech gives."""
    model = load_model()
    cells = noise(1200, 80) * 0.3
    whole = encoder.encode_window(cells, model.tensors)
    original = encoder.WINDOW_FRAMES
    encoder.WINDOW_FRAMES = 400
    try:
        pieces = np.concatenate([hidden[keep] for hidden, keep in encoder.encode(cells, model.tensors)])
    finally:
        encoder.WINDOW_FRAMES = original
    together = [decoder.decode(x, model.tensors, model.dilations) for x in (whole, pieces)]
    assert np.abs(together[0] - together[1]).mean() < 0.02


def test_numpy_equals_torch():
    torch = pytest.importorskip("torch")
    from core.training.network import Decoder, DecoderShape, encode_window

    model = load_model()
    tensors = {name: torch.from_numpy(tensor) for name, tensor in model.tensors.items()}
    cells = noise(300, 80) * 0.3
    hidden = encoder.encode_window(cells, model.tensors)
    np.testing.assert_allclose(encode_window(torch.from_numpy(cells), tensors).numpy(), hidden, atol=2e-3)

    state = {n.removeprefix("decoder."): t for n, t in tensors.items() if n.startswith("decoder.")}
    twin = Decoder(DecoderShape(controls=len(model.controls), width=len(state["enter.bias"]))).eval()
    twin.load_state_dict(state)
    with torch.no_grad():
        expected = twin(torch.from_numpy(hidden)[None])[0].numpy()
    np.testing.assert_allclose(decoder.decode(hidden, model.tensors, model.dilations), expected, atol=1e-4)


def test_damaged_and_foreign_weights_are_refused(tmp_path):
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(SHIPPED.read_bytes()[:1000])
    for path, word in ((cut, "cannot be read"), (tmp_path / "none.safetensors", "cannot be read")):
        with pytest.raises(ModelError, match=word):
            load_model(path)
    from safetensors.numpy import save_file

    save_file({"opening": np.zeros(1, np.float32)}, tmp_path / "other.safetensors", metadata={"layout": "other"})
    with pytest.raises(ModelError, match="layout other"):
        load_model(tmp_path / "other.safetensors")
