"""One performance in every rig's words, and how much of it each rig still holds."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import RigError
from core.rig import carried
from core.rig.arkit import ARKIT_52
from core.rig.board import BOARD_NAMES
from core.rig.convert import RIGS, to_rig
from core.rig.flame import FLAME_NAMES
from core.rig.mapping import METAHUMAN_RAW_251, board_to_arkit
from core.rig.visemes import VISEMES
from core.types import Performance, RigCurves

NAMES = {
    "arkit52": ARKIT_52, "metahuman": BOARD_NAMES, "metahuman251": METAHUMAN_RAW_251, "flame": FLAME_NAMES,
    "visemes": VISEMES,
}  # fmt: skip


@pytest.fixture
def board():
    rng = np.random.default_rng(8)
    values = carried.random_poses(40, seed=8)
    return Performance(RigCurves(BOARD_NAMES, values, 30.0), rng.normal(0, 0.1, (40, 3)).astype(np.float32))


@pytest.mark.parametrize("rig", RIGS)
def test_every_rig_gets_its_curves(board, rig):
    turned = to_rig(board, rig)
    assert turned.curves.names == NAMES[rig]
    assert turned.curves.values.shape == (40, len(NAMES[rig]))
    assert turned.curves.values.dtype == np.float32
    assert turned.curves.fps == 30.0
    assert turned.head is board.head
    assert np.isfinite(turned.curves.values).all()
    assert turned.curves.values.any()


def test_arkit_curves_reach_every_rig_too(board):
    arkit = to_rig(board, "arkit52")
    np.testing.assert_array_equal(arkit.curves.values, board_to_arkit(board.curves.values))
    assert to_rig(arkit, "arkit52").curves.values is arkit.curves.values
    again = to_rig(to_rig(arkit, "metahuman"), "arkit52")
    free = [k for k, name in enumerate(ARKIT_52) if name not in ("mouthFunnel", "mouthPucker")]
    kept = np.abs(again.curves.values - arkit.curves.values)[:, free].max(1) < 1e-5
    assert kept.mean() > 0.05  # The others hold opposites, such as a blink with a widened eye.


def test_flame_takes_a_users_expressions(board):
    bridge = np.zeros((52, 100), np.float32)
    bridge[ARKIT_52.index("jawOpen"), 3] = 2
    turned = to_rig(board, "flame", bridge).curves
    np.testing.assert_allclose(turned.column("expr_003"), 2 * to_rig(board, "arkit52").curves.column("jawOpen"))


def test_what_else_a_performance_carries_stays(board):
    """Fields that a performance gains later, such as its phones, must come through unasked."""
    from dataclasses import fields

    others = [field.name for field in fields(Performance) if field.name != "curves"]
    turned = to_rig(board, "visemes")
    assert all(getattr(turned, name) is getattr(board, name) for name in others)


def test_wrong_requests_are_told(board):
    with pytest.raises(RigError, match=r'no rig "unreal"; choose one of arkit52, metahuman'):
        to_rig(board, "unreal")
    others = Performance(RigCurves(("a", "b"), np.zeros((40, 2), np.float32), 30.0), board.head)
    with pytest.raises(RigError, match=r"must be those of one rig \(arkit52, .*but these are 2 others"):
        to_rig(others, "arkit52")


def test_share_back_is_one_for_a_copy_and_none_for_stillness():
    values = np.random.default_rng(9).normal(0, 1, (100, 4))
    assert carried.share_back(values, values) == 1
    assert carried.share_back(values, np.broadcast_to(values.mean(0), values.shape)) == pytest.approx(0)
    assert carried.share_back(np.zeros((5, 2)), np.zeros((5, 2))) == 1


def test_a_linear_reader_reads_what_is_linear_and_nothing_else():
    rng = np.random.default_rng(10)
    values = rng.normal(0, 1, (2000, 6))
    seen = values[:, :3] @ rng.normal(0, 1, (3, 3))
    back = carried.read_back(values, seen)
    assert carried.share_back(values[:, :3], back[:, :3]) > 0.99
    assert abs(carried.share_back(values[:, 3:], back[:, 3:])) < 0.02


def test_the_documented_shares_hold():
    """The table of docs/rigs.md, to its two digits."""
    from pathlib import Path

    text = (Path(__file__).parents[2] / "docs" / "rigs.md").read_text(encoding="utf-8")
    table = text.split("<!-- random poses -->")[1].split("\n\n")[0].strip().splitlines()
    heads = [cell.strip() for cell in table[0].strip("|").split("|")][1:]
    found = carried.shares(carried.random_poses(4000))
    rows = {cells[0].strip(): cells[1:] for cells in (line.strip("|").split("|") for line in table[2:])}
    assert set(rows) == set(found)
    for rig, cells in rows.items():
        for head, cell in zip(heads, cells, strict=True):
            assert float(cell) == pytest.approx(found[rig][head], abs=0.0151), (rig, head)
