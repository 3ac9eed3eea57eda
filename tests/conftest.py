"""Loads the repository as a package under the extension's name, and keeps Blender away from the user's own files."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Importing bpy puts the user's extension wheels before ours, so it must find none.
_nowhere = tempfile.mkdtemp(prefix="mouthpiece-tests-")
for _name in ("BLENDER_USER_EXTENSIONS", "BLENDER_USER_CONFIG", "BLENDER_USER_SCRIPTS", "BLENDER_USER_DATAFILES"):
    os.environ[_name] = _nowhere

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

# Relative imports in addon/ then work as they do inside an installed extension.
if "mouthpiece" not in sys.modules:
    _spec = importlib.util.spec_from_file_location(
        "mouthpiece", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    _package = importlib.util.module_from_spec(_spec)
    sys.modules["mouthpiece"] = _package
    _spec.loader.exec_module(_package)


def pytest_unconfigure() -> None:
    shutil.rmtree(_nowhere, ignore_errors=True)


collect_ignore = [] if importlib.util.find_spec("bpy") else ["addon"]
