"""The character as USD: usd-core opens it, its checkers are content, its blend shapes are ours."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from export_cast import CHARACTER_SHAPES, RATES, stage_actor

pytestmark = [
    pytest.mark.usefixtures("registered"),
    pytest.mark.skipif(importlib.util.find_spec("pxr") is None, reason="usd-core is not installed"),
]

READER = Path(__file__).with_name("usd_open.py")
TOLERANCE = 1e-5
START = 7


def opened(path: Path) -> dict[str, Any]:
    bpy.ops.mouthpiece.export_usd(filepath=str(path), ending=path.suffix, start_frame=START)
    done = subprocess.run([sys.executable, "-I", READER, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("ending", [".usda", ".usdc", ".usdz"])
@pytest.mark.parametrize("fps", RATES)
def test_usd_core_reads_it(tmp_path: Path, fps: float, ending: str) -> None:
    staged = stage_actor(fps)
    found = opened(tmp_path / f"face{ending}")
    assert found["fps"] == pytest.approx(fps, rel=1e-6)
    assert (found["start"], found["end"]) == (START, START + 47)
    assert set(found["faces"]) == set(CHARACTER_SHAPES)
    for mesh, face in found["faces"].items():
        assert sorted(face["names"]) == sorted(CHARACTER_SHAPES[mesh])
        order = [face["names"].index(name) for name in CHARACTER_SHAPES[mesh]]
        np.testing.assert_allclose(np.array(face["rows"])[:, order], staged.wanted(mesh), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("ending", [".usda", ".usdc", ".usdz"])
def test_usd_checkers_are_content(tmp_path: Path, ending: str) -> None:
    stage_actor()
    found = opened(tmp_path / f"face{ending}")
    assert found["validators"] > 20
    assert found["issues"] == []
    assert found["up"] == ("Y" if ending == ".usdz" else "Z")
