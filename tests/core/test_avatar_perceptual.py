"""LPIPS from arrays in a pickle: what it measures, and that such a file can do nothing but hold arrays."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmarks.heads.perceptual import FILE, PACKAGE, Perceptual, perceptual, read_arrays  # noqa: E402
from core.errors import FormatError  # noqa: E402

WIDTHS = (3, 64, 192, 384, 256, 256)
SIDES = (11, 5, 3, 3, 3)


def arrays(seed=0):
    """Weights of AlexNet's shape, random where they are learned."""
    rng, found = np.random.default_rng(seed), {"AlexNet_0": {}}
    for k, side in enumerate(SIDES):
        scale = (2 / (side * side * WIDTHS[k])) ** 0.5
        kernel = rng.normal(0, scale, (side, side, WIDTHS[k], WIDTHS[k + 1])).astype(np.float32)
        found["AlexNet_0"][f"Conv_{k}"] = {"kernel": kernel, "bias": np.zeros(WIDTHS[k + 1], np.float32)}
        weight = rng.random((1, 1, WIDTHS[k + 1], 1)).astype(np.float32)
        found[f"NetLinLayer_{k}"] = {"Conv_0": {"kernel": weight}}
    return found


@pytest.fixture
def picture():
    rows, columns = torch.meshgrid(torch.linspace(0, 9, 64), torch.linspace(0, 9, 80), indexing="ij")
    return torch.stack([rows.sin(), columns.cos(), (rows * columns).sin()], 2) * 0.4 + 0.5


def test_equal_pictures_are_at_no_distance_and_worse_ones_farther(picture):
    judge, noise = Perceptual(arrays()), torch.randn(picture.shape, generator=torch.Generator().manual_seed(1))
    assert judge(picture, picture) == 0
    far = [judge(picture, picture + noise * size) for size in (0.02, 0.1, 0.3)]
    assert 0 < far[0] < far[1] < far[2]
    assert judge(picture, picture + noise * 0.1) == pytest.approx(judge(picture + noise * 0.1, picture))


def test_it_is_the_distance_of_the_paper(picture):
    """Equation 1 of the paper, layer by layer and in double precision, by torch's own layers."""
    given = arrays(2)
    other = picture.flip(1)
    x = torch.stack([picture, other]).permute(0, 3, 1, 2).double() * 2 - 1
    x = (x - torch.tensor([-0.030, -0.088, -0.188]).view(1, 3, 1, 1)) / torch.tensor([0.458, 0.448, 0.45]).view(
        1, 3, 1, 1
    )
    total = 0.0
    for k, (stride, padding) in enumerate(((4, 2), (1, 2), (1, 1), (1, 1), (1, 1))):
        layer = (
            torch.nn.Conv2d(WIDTHS[k], WIDTHS[k + 1], SIDES[k], stride, padding, bias=False)
            .double()
            .requires_grad_(False)
        )
        layer.weight.data = torch.from_numpy(given["AlexNet_0"][f"Conv_{k}"]["kernel"]).permute(3, 2, 0, 1).double()
        x = torch.relu(layer(torch.nn.MaxPool2d(3, 2)(x) if k in (1, 2) else x))
        first, second = torch.nn.functional.normalize(x, dim=1)
        weight = torch.from_numpy(given[f"NetLinLayer_{k}"]["Conv_0"]["kernel"]).double().view(-1, 1, 1)
        total += float((weight * (first - second) ** 2).sum(0).mean())
    assert Perceptual(given)(picture, other) == pytest.approx(total, rel=1e-4)


def test_arrays_come_back_from_a_pickle_and_nothing_else_does(tmp_path):
    path = tmp_path / "weights.ckpt"
    path.write_bytes(pickle.dumps({"one": {"two": np.arange(6, dtype=np.float32).reshape(2, 3)}}, protocol=3))
    assert np.array_equal(read_arrays(path)["one"]["two"], [[0, 1, 2], [3, 4, 5]])
    path.write_bytes(pickle.dumps(print, protocol=3))
    with pytest.raises(FormatError, match=r"asks for builtins\.print, which is no array"):
        read_arrays(path)
    path.write_bytes(b"\x80\x03}q")
    with pytest.raises(FormatError, match="install them anew"):
        read_arrays(path)


def test_the_judge_is_there_where_its_package_is(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    assert perceptual() is None
    (tmp_path / PACKAGE / "weights").mkdir(parents=True)
    (tmp_path / PACKAGE / "__init__.py").write_text("raise ImportError('never imported')\n", encoding="utf-8")
    (tmp_path / PACKAGE / FILE).write_bytes(pickle.dumps(arrays(), protocol=3))
    assert isinstance(perceptual(), Perceptual)
