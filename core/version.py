"""Which Mouthpiece this is."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def version() -> str:
    """The version the extension's manifest states, or the project file where there is no manifest."""
    for name, table in (("blender_manifest.toml", None), ("pyproject.toml", "project")):
        path = ROOT / name
        if path.is_file():
            found = tomllib.loads(path.read_text(encoding="utf-8"))
            return str((found[table] if table else found)["version"])
    return "unknown"
