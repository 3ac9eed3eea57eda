"""The page about portraits' heads: its second table and the means below it."""

from __future__ import annotations

import pytest

for package in ("torch", "mediapipe", "numba"):
    pytest.importorskip(package)

from benchmarks.portrait.heads import others_table  # noqa: E402


def test_means_leave_out_what_does_not_move():
    rows = [("one", "two", (0.9, 1), (0.5, 4)), ("two", "one", (0.7, 1), (0.0, 0))]
    lines = others_table(rows).splitlines()
    assert lines[0] == "| one | two | 0.90 (1) | 0.50 (4) |"
    assert lines[1] == "| two | one | 0.70 (1) | none moves |"
    assert lines[2] == "| mean | | 0.80 | 0.50 |"
