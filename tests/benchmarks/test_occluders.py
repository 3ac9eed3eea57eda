"""What the benchmark holds before a mouth hides it for the second that it says, and nothing else."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.portrait.occluders import COVERED_S, KINDS, covered_rows, occluded
from core.template.files import head_template

FPS, SIZE = 5.0, 120


@pytest.fixture(scope="module")
def film():
    """Four seconds of the template's landmarks on plain skin with red lips."""
    places = head_template().at_landmarks(head_template().points)[:, :2]
    marks = np.zeros((478, 3), np.float32)
    marks[:, 0], marks[:, 1] = 60 + 300 * places[:, 0], 60 - 300 * (places[:, 1] - places[:, 1].mean())
    picture = np.full((SIZE, SIZE, 3), (200, 160, 140), np.uint8)
    middle = marks[[13, 14, 61, 291], :2].mean(0).astype(int)
    picture[middle[1] - 3 : middle[1] + 4, middle[0] - 8 : middle[0] + 9] = (150, 60, 60)
    track = SimpleNamespace(landmarks=np.repeat(marks[None], 20, 0), fps=FPS)
    return SimpleNamespace(pictures=[picture.copy() for _ in range(20)], track=track), middle


@pytest.mark.parametrize("kind", KINDS)
def test_the_mouth_is_hidden_for_the_second_and_only_then(film, kind):
    shown, (x, y) = film
    made = occluded(shown, kind)
    rows = covered_rows(FPS)
    assert (rows.start, rows.stop) == tuple(round(second * FPS) for second in COVERED_S)
    for number, (picture, plain) in enumerate(zip(made, shown.pictures, strict=True)):
        if not rows.start - 2 <= number < rows.stop + 2:
            assert picture is plain
    red = [picture[y - 2 : y + 3, x - 6 : x + 7].astype(float) for picture in made]
    bare = red[0][..., 0].mean() / red[0][..., 1].mean()
    assert bare > 2
    assert all((part[..., 0] / np.maximum(part[..., 1], 1)).mean() < 0.75 * bare for part in red[rows])
    assert made[rows.start].dtype == np.uint8 and made[rows.start].shape == (SIZE, SIZE, 3)
