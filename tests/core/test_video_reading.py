"""Shapes read off landmarks: rest is rest, no side is preferred, drawn people are read as they were drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import FormatError, ShapeError
from core.rig.arkit import ARKIT_52
from core.video.reading import ANGLE_SIGNS, FILE, mirrored_shapes, read_reader, shipped_reader, write_reader

COUNT = 12
NAMES = {name: k for k, name in enumerate(ARKIT_52)}


@pytest.fixture(scope="module")
def seen():
    """Landmarks that moved anyhow, how the head was turned, and what a fit found."""
    rng = np.random.default_rng(3)
    return rng.normal(0, 0.02, (COUNT, 478, 2)), rng.normal(0, 0.2, (COUNT, 3)), rng.uniform(0, 0.3, (COUNT, 52))


def test_rest_is_rest_however_the_head_is_turned():
    turned = np.random.default_rng(0).normal(0, 0.4, (50, 3))
    assert not shipped_reader().read(np.zeros((50, 478, 2)), turned, np.zeros((50, 52))).any()


def test_trembling_is_hardly_an_expression():
    trembling = np.random.default_rng(1).normal(0, 0.002, (200, 478, 2))
    found = shipped_reader().read(trembling, np.zeros((200, 3)), np.zeros((200, 52)))
    assert found.mean() < 0.02 and np.quantile(found, 0.99) < 0.15


def test_mirrored_faces_are_read_as_mirrored_shapes(seen):
    reader, (moved, angles, fitted) = shipped_reader(), seen
    sides = mirrored_shapes()
    plain = reader.read(moved, angles, fitted)
    turned = reader.read(moved[:, reader.mirror] * (-1, 1), angles * ANGLE_SIGNS, fitted[:, sides])
    assert plain.max() > 0.05
    np.testing.assert_allclose(turned[:, sides], plain, atol=1e-6)


def test_mirrors_undo_themselves():
    for pairs in (shipped_reader().mirror, mirrored_shapes()):
        np.testing.assert_array_equal(pairs[pairs], np.arange(len(pairs)))
    assert mirrored_shapes()[NAMES["mouthSmileLeft"]] == NAMES["mouthSmileRight"]
    assert mirrored_shapes()[NAMES["jawOpen"]] == NAMES["jawOpen"]


def test_what_spills_to_the_other_side_is_taken_back(seen):
    reader, (moved, angles, fitted) = shipped_reader(), seen
    alone = replace(reader, share=np.ones(52, np.float32), gain=np.ones(52, np.float32))
    found, made = alone.found(moved, angles), alone.read(moved, angles, fitted)
    left, right = NAMES["mouthSmileLeft"], NAMES["mouthSmileRight"]
    again = made[:, right] + reader.spill[left] * made[:, left]  # the share that spilled put back
    both = (made[:, left] > 0) & (made[:, right] > 0)
    np.testing.assert_allclose(again[both], found[both, right], atol=1e-5)


def test_files_keep_what_they_are_given(tmp_path, seen):
    path = tmp_path / "reader.safetensors"
    write_reader(shipped_reader(), path)
    np.testing.assert_array_equal(read_reader(path).read(*seen), shipped_reader().read(*seen))
    assert FILE.stat().st_size < 1_000_000


def test_files_that_are_none_are_refused(tmp_path):
    with pytest.raises(FormatError, match="missing"):
        read_reader(tmp_path / "none.safetensors")
    path = tmp_path / "text.safetensors"
    path.write_bytes(b"no weights at all")
    with pytest.raises(FormatError, match="cannot be read"):
        read_reader(path)


def test_a_reader_of_the_wrong_shape_is_refused():
    with pytest.raises(ShapeError, match=r"Reader\.share"):
        replace(shipped_reader(), share=np.ones(51, np.float32))
