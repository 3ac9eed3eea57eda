"""The template's file: safetensors, large arrays in half precision, shipped beside its card."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from ..errors import FormatError
from .types import HeadTemplate

FILE = Path(__file__).resolve().parent / "data" / "template.safetensors"
LAYOUT = "mouthpiece-template-1"
HALF = ("uvs", "shapes", "basis")
"""Arrays kept as float16: offsets of a few centimetres, whose last step is then below 0.02 mm."""


def write_template(template: HeadTemplate, path: Path) -> None:
    """Write a template; see LAYOUT and HeadTemplate for what is inside."""
    from safetensors.numpy import save_file

    arrays = {name: getattr(template, name) for name in HeadTemplate.__dataclass_fields__}
    arrays = {name: array.astype(np.float16) if name in HALF else array for name, array in arrays.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = {"layout": LAYOUT, "license": "CC0-1.0"}
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path, facts)


def read_template(path: Path = FILE) -> HeadTemplate:
    """Read a template file. Raises FormatError when it is not there or is of another layout."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise FormatError(
            f"The head template {path.name} is missing; run 'python -m core.training.template' to build it."
        )
    try:
        with safe_open(path, "numpy") as file:
            if (file.metadata() or {}).get("layout") != LAYOUT:
                raise FormatError(f"{path.name} is no head template of layout {LAYOUT}; build it anew.")
            arrays = {name: file.get_tensor(name) for name in HeadTemplate.__dataclass_fields__}
    except SafetensorError as fault:
        raise FormatError(f"{path.name} cannot be read as a head template ({fault}).") from None
    return HeadTemplate(**{name: array.astype(np.float32) if name in HALF else array for name, array in arrays.items()})


@lru_cache(maxsize=1)
def head_template() -> HeadTemplate:
    """The template that ships, read once."""
    return read_template()
