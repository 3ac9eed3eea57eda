"""Where things lie in the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENVS = ROOT / ".venvs"
CACHE = VENVS / "cache"
DIST = ROOT / "dist"
OUT = ROOT / "out"
TEMPLATES = ROOT / "blend_templates"
SAMPLE = ROOT / "samples" / "line.wav"
