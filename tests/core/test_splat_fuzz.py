"""A thousand damaged copies of a file of each format: read or refused, never a crash, a hang or a wild allocation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from splat_sets import head_like
from test_splat_files import LOSSES, rewritten, skip_without_usd

from core.splat.files import write_splats

COUNT = 1000
SLOW = ("a.usda", "a.usdc")
NAMES = [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in (*LOSSES, "ascii.ply")]


@pytest.mark.parametrize("name", NAMES)
def test_a_thousand_mutants(tmp_path, name):
    skip_without_usd(name)
    write_splats(tmp_path / name, head_like(30, 1))
    if name == "ascii.ply":
        (tmp_path / name).write_bytes(rewritten(tmp_path / name, "float", ""))
    command = [sys.executable, Path(__file__).with_name("splat_mutants.py"), tmp_path, name, str(COUNT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-2000:]}"
    read = int(done.stdout.split()[0])
    # The mutations neither miss everything nor break everything.
    assert 0 < read < COUNT or name == "a.splat"
