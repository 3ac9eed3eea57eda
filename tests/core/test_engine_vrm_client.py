"""What three-vrm, which shows VRM avatars in browsers, makes of our VRM animations."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from engine_cases import TOLERANCE, smooth_performance

from core.formats import FORMATS, Placing, write_performance
from core.formats.head_turn import quaternions
from core.formats.vrma import PRESETS
from core.rig.convert import to_rig

PACKAGES = os.environ.get("MOUTHPIECE_THREE_VRM", "")
"""A folder where npm has installed three and @pixiv/three-vrm-animation."""
NODE = shutil.which("node")
SCRIPT = Path(__file__).with_name("vrm_open.mjs")


@pytest.mark.skipif(not (PACKAGES and NODE), reason="MOUTHPIECE_THREE_VRM names no folder with three-vrm")
@pytest.mark.parametrize("rig", ["arkit52", "visemes"])
@pytest.mark.parametrize("fps", [24000 / 1001, 30.0, 60.0, 120.0])
def test_three_vrm_opens_it(tmp_path, fps, rig):
    performance = to_rig(smooth_performance(60, fps), rig)
    write_performance(tmp_path / "line.vrma", performance, FORMATS["vrma"], Placing(start_frame=12))
    script = tmp_path / "open.mjs"
    script.write_text(SCRIPT.read_text("utf-8"), "utf-8")
    # Node looks for packages beside the script.
    (tmp_path / "node_modules").symlink_to(Path(PACKAGES) / "node_modules")
    done = subprocess.run([NODE, script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    opened = json.loads((tmp_path / "opened.json").read_text("utf-8"))
    np.testing.assert_allclose(opened["times"], (12 + np.arange(60)) / fps, rtol=1e-6)
    assert len(opened["preset"]) == (len(PRESETS) if rig == "visemes" else 0)
    for name, column in zip(performance.curves.names, performance.curves.values.T, strict=True):
        track = opened["custom"].get(name) or opened["preset"][PRESETS[name]]
        np.testing.assert_allclose(track, column, rtol=0, atol=TOLERANCE)
    turns = np.reshape(opened["turns"], (-1, 4))
    np.testing.assert_allclose(turns, quaternions(performance.head), rtol=0, atol=TOLERANCE)
