"""Splat files: the ending picks the format, a PLY's own header which of the two. docs/splats.md describes each."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import SettingError
from ...formats.atomic import check_place, replacing
from ...paths import reason, shown
from ..types import SplatError, Splats
from . import antimatter, gltf, ply, ply_packed, spz, usd
from .axes import AXES, CORE, half_turned, turn_between
from .gather import gather
from .report import MOST_SPLATS, Fault, ReadReport, Source

__all__ = ("AXES", "FORMATS", "MOST_SPLATS", "ReadReport", "SplatFormat", "format_of", "read_splats", "write_splats")

Found = tuple[Splats, int, dict[str, int]]


@dataclass(frozen=True, slots=True)
class SplatFormat:
    """One way to store splats.

    name, title: what the command line and menus call it.
    endings: of its files, in small letters with their dots.
    read:    gets the path; returns splats, how many the file holds, and what was mended. Raises Fault, OSError.
    write:   gets a temporary path, the splats and the ending of the file to be.
    axes:    one of AXES, those its files are taken to use.
    degree:  of the harmonics it holds, 0 to 3.
    """

    name: str
    title: str
    endings: tuple[str, ...]
    read: Callable[[Path], Found]
    write: Callable[[Path, Splats, str], None]
    axes: str = CORE
    degree: int = 3


def _gathered(source: Source) -> Found:
    splats, mended = gather(source)
    return splats, source.count, mended


def _write_gltf(path: Path, splats: Splats, ending: str) -> None:
    (gltf.write_gltf if ending == ".gltf" else gltf.write_glb)(path, splats)


_LISTED = (
    SplatFormat(
        "packed-ply",
        "compressed PLY (PlayCanvas)",
        (".compressed.ply",),
        lambda path: _gathered(ply_packed.open_packed(path)),
        lambda path, splats, _: ply_packed.write_packed(path, splats),
        axes=ply.AXES,
    ),
    SplatFormat(
        "ply",
        "3DGS PLY",
        (".ply",),
        lambda path: _gathered(ply.open_ply(path)),
        lambda path, splats, _: ply.write_ply(path, splats),
        axes=ply.AXES,
    ),
    SplatFormat(
        "splat",
        ".splat (antimatter15)",
        (".splat",),
        lambda path: _gathered(antimatter.open_antimatter(path)),
        lambda path, splats, _: antimatter.write_antimatter(path, splats),
        axes=ply.AXES,
        degree=0,
    ),
    SplatFormat(
        "spz",
        "SPZ (Niantic)",
        (".spz",),
        lambda path: _gathered(spz.open_spz(path)),
        lambda path, splats, _: spz.write_spz(path, splats),
    ),
    SplatFormat("gltf", "glTF KHR_gaussian_splatting", (".glb", ".gltf"), gltf.read_gltf, _write_gltf),
    SplatFormat("usd", "USD ParticleField3DGaussianSplat", (".usda", ".usdc", ".usd"), usd.read_usd, usd.write_usd),
)
FORMATS = {form.name: form for form in _LISTED}


def format_of(path: Path) -> SplatFormat:
    """The format that a path's ending names. Raises SplatError for an unknown one."""
    name = path.name.lower()
    for form in _LISTED:
        if any(name.endswith(ending) for ending in form.endings):
            return form
    known = ", ".join(ending for form in _LISTED for ending in form.endings)
    raise SplatError(f"{shown(path)} has no known ending of a splat file; name it with one of {known}.")


def read_splats(path: Path, axes: str = "") -> tuple[Splats, ReadReport]:
    """The splats of a file in our axes, and what had to be mended.

    axes: one of AXES, where the file is known to use others than its format's.
    Raises SplatError for a missing file, an unknown ending or content that cannot be mended, SettingError for axes
    that there are not.
    """
    path = Path(path)
    form = format_of(path)
    _check_axes(axes)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SplatError(f"{shown(path)} is no ordinary file; give the path of a splat file.")
        if form.name in ("ply", "packed-ply"):
            form = FORMATS["packed-ply" if ply_packed.is_packed(path) else "ply"]
        splats, count, mended = form.read(path)
    except Fault as fault:
        remedy = "" if ";" in str(fault) else "; export it again or choose another"
        raise SplatError(f"{shown(path)} {fault}{remedy}.") from None
    except FileNotFoundError:
        raise SplatError(f"{shown(path)} does not exist; check the path of the splats.") from None
    except OSError as error:
        raise SplatError(f"{shown(path)} cannot be read ({reason(error)}); check its permissions.") from error
    return _turned(splats, form, axes), ReadReport(form.name, count, mended)


def write_splats(path: Path, splats: Splats, axes: str = "") -> None:
    """Write splats in the format that the ending names; the file appears whole or not at all.

    axes: one of AXES, where others than the format's are wanted.
    Raises SplatError for no splats, values that are no numbers, an unknown ending or splats the format has no room
    for, FormatError for a place that cannot be written, SettingError for axes that there are not.
    """
    path = Path(path)
    form = format_of(path)
    _check_axes(axes)
    if not len(splats):
        raise SplatError("There are no splats to write; make or choose some first.")
    arrays = (splats.means, splats.quats, splats.log_scales, splats.logits, splats.sh)
    if not all(np.isfinite(array).all() for array in arrays):
        raise SplatError("The splats hold values that are no numbers (NaN or infinite); make them again.")
    check_place(path)
    ending = next(ending for ending in form.endings if path.name.lower().endswith(ending))
    with replacing(path) as temporary:
        form.write(temporary, _turned(splats, form, axes), ending)


def _check_axes(axes: str) -> None:
    if axes and axes not in AXES:
        raise SettingError(f'There are no axes "{axes}"; choose one of {", ".join(AXES)}.')


def _turned(splats: Splats, form: SplatFormat, axes: str) -> Splats:
    """Splats as they are where the file's axes are others than its format's; a half turn undoes itself."""
    return splats if axes in ("", form.axes) else half_turned(splats, turn_between(form.axes, axes))
