"""Read the project's two descriptions and write the extension's manifest."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

from .paths import ROOT

MANIFEST = ROOT / "blender_manifest.toml"
PYPROJECT = ROOT / "pyproject.toml"
MARK = "# wheels and platforms are added here by build.py\n"


def read_manifest() -> dict[str, object]:
    """The committed manifest."""
    return tomllib.loads(MANIFEST.read_text(encoding="utf-8"))


def read_project() -> dict[str, object]:
    """The whole of pyproject.toml."""
    return tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))


def staged_manifest(wheels: Sequence[Path], platforms: Sequence[str]) -> str:
    """The manifest's text with the platforms and the wheels written at its mark."""
    text = MANIFEST.read_text(encoding="utf-8")
    if MARK not in text:
        raise ValueError("blender_manifest.toml has lost the line at which build.py adds the wheels.")
    rows = "".join(f"    {json.dumps('./wheels/' + path.name)},\n" for path in wheels)
    return text.replace(MARK, f"platforms = {json.dumps(list(platforms))}\nwheels = [\n{rows}]\n")
