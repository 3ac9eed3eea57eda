"""FACEGOOD's recorded curves with speech (MIT): one Mandarin woman's takes, as ARKit shapes.

Their names: bsname.txt begins with the count, 116, and then names 116 shapes, as shirley_1119_bs_name.npy does. Read
so, however, column i of the curves carries the name before its own: equal columns (42 and 43, 44 and 45, 57 and 58, 59
and 60, 75 and 76, 77 and 78) then are mouth_lowerLipDepress_r beside brow_raise_r and the like, while one name on they
are left and right twins every time; and the column that follows the loudness best is then mouth_stretch_c, the jaw.
Column i therefore is line i of bsname.txt, counted from 0 and the count's line included; column 0 never moves.
Voice2Face_blendshape2ARkit.xlsx says what each ARKit shape is made of; what it calls invalid was not recorded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from ..errors import FormatError
from ..rig.arkit import ARKIT_52

TRAINING_TAKES = ("1114_2_01", "1114_2_02", "1114_2_03", "1114_2_04", "1114_3_15")
JUDGING_TAKES = ("1114_2_05", "1114_3_16")
RATE_HZ = 16_000
FPS = 30.0


@dataclass(frozen=True, slots=True)
class Take:
    """A recording and its curves: float32 samples [S] at 16 kHz, float32 ARKit shapes [T, 52] at 30 fps."""

    name: str
    samples: np.ndarray
    arkit: np.ndarray


def read_takes(folder: Path, names: tuple[str, ...]) -> list[Take]:
    """Some takes of a folder.

    Raises FormatError when a recording is not at 16 kHz.
    """
    columns, recipes = column_names(folder), read_recipes(folder)
    takes = []
    for name in names:
        samples, rate_hz = soundfile.read(folder / f"{name}.wav", dtype="float32")
        if rate_hz != RATE_HZ:
            raise FormatError(f"{name}.wav is at {rate_hz} Hz, but FACEGOOD's takes are at {RATE_HZ} Hz.")
        values = np.load(folder / f"bs_value_{name}.npy")
        takes.append(Take(name, samples, to_arkit(values, columns, recipes)))
    return takes


def column_names(folder: Path) -> list[str]:
    """The name of each column of the curves. The first is the count's line, and stands for a column without a name."""
    return (folder / "bsname.txt").read_text().split()[:116]


def read_recipes(folder: Path) -> dict[str, tuple[str, ...]]:
    """The shapes whose greatest value is an ARKit shape, for each that FACEGOOD calls valid."""
    import openpyxl

    sheet = openpyxl.load_workbook(folder / "Voice2Face_blendshape2ARkit.xlsx").worksheets[0]
    recipes = {}
    for arkit, _, recipe, *_, status in sheet.iter_rows(values_only=True):
        if arkit in ARKIT_52 and status == "valid" and recipe:
            recipes[arkit] = tuple(re.findall(r"\w+", recipe.removeprefix("max")))
    return recipes


def to_arkit(values: np.ndarray, names: list[str], recipes: dict[str, tuple[str, ...]]) -> np.ndarray:
    """values: [T, 116], columns names. Returns float32 [T, 52], 0..1."""
    out = np.zeros((len(values), len(ARKIT_52)), np.float32)
    for arkit, parts in recipes.items():
        columns = [names.index(part) for part in parts if part in names]
        if columns:
            out[:, ARKIT_52.index(arkit)] = values[:, columns].max(axis=1)
    return np.clip(out, 0.0, 1.0)
