"""Files of engines that were damaged on the way: refused in one sentence, or read; never a crash."""

from __future__ import annotations

import numpy as np
import pytest
from engine_cases import for_format

from core.errors import CoreError, FormatError
from core.formats import FORMATS, read_performance, write_performance

READERS = [name for name, form in FORMATS.items() if form.reads and name not in ("npz", "json", "livelink", "table")]
ODD = (
    b"",
    b"0",
    b"-1",
    b"1e308",
    b"1e999",
    b"nan",
    b"inf",
    b"null",
    b"{",
    b"}",
    b"[",
    b'"',
    b"\n",
    b",",
    b"\xff",
    b"(",
)


def damaged(content, random):
    """One to three places overwritten, cut out or filled with something odd."""
    content = bytearray(content)
    for _ in range(random.integers(1, 4)):
        place = int(random.integers(max(len(content), 1)))
        content[place : place + int(random.integers(0, 12))] = ODD[random.integers(len(ODD))]
    return bytes(content)


@pytest.mark.parametrize("form", READERS)
def test_damaged_files(tmp_path, form):
    path = tmp_path / f"a{FORMATS[form].ending}"
    write_performance(path, for_format(FORMATS[form], 4), FORMATS[form])
    content = path.read_bytes()
    random = np.random.default_rng(0)
    refused = 0
    for _ in range(60):
        path.write_bytes(damaged(content, random))
        try:
            read_performance(path)
        except CoreError as error:
            refused += 1
            assert isinstance(error, FormatError)
            assert str(error).startswith(f'"{path.name}"')
            assert "\n" not in str(error)
    assert refused


KEY = "      - time: {}\n        value: 0\n        inSlope: 0\n        outSlope: 0\n"
CURVE = "  m_SampleRate: 60\n  m_FloatCurves:\n  - curve:\n      m_Curve:\n{}    attribute: blendShape.a\n"
TRACK = (
    '[gd_resource type="Animation" format=3]\nstep = 0.01\ntracks/0/type = "blend_shape"\n'
    'tracks/0/path = NodePath("F:a")\ntracks/0/keys = PackedFloat32Array(0, 1, 0, 9e15, 1, 1)\n'
)
AGES = [
    ("a.tsv", "0.00\tA\n9e15\tX"),
    ("a.json", '{"mouthCues": [{"start": 0, "end": 9e15, "value": "A"}]}'),
    ("a.tres", TRACK),
    ("a.anim", CURVE.format(KEY.format(0) + KEY.format(9e15))),
    ("a.anim", CURVE.format(KEY.format("Infinity"))),
]


@pytest.mark.parametrize(("name", "text"), AGES)
def test_files_that_claim_to_last_for_ages(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match=r"it (ends|runs)"):
        read_performance(tmp_path / name)
