"""Whether this Python is the engine environment, and what to say where it is not."""

from __future__ import annotations

from importlib.util import find_spec

from .errors import SettingError

NEEDS = ("torch", "numba", "scipy", "mediapipe", "cv2", "av", "yaml", "PIL")
"""What the rooms of the engine import and Blender's own Python does not have (engine_requirements.txt)."""


def check_engine(what: str) -> None:
    """Raise SettingError unless this Python has what heads, films and portraits need. what: who needs it."""
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        raise SettingError(
            f"{what} needs {', '.join(missing)}, which this Python does not have; run it with the engine environment "
            "(docs/engine.md says how to make one)."
        )
