"""Stage the extension, pack it reproducibly and let Blender's own tool validate it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from . import environments, wheels
from .errors import BuildError
from .manifest import read_manifest, staged_manifest
from .paths import CACHE, DIST, ROOT
from .templates import ensure_templates

STAGE = CACHE / "stage"
LIMIT_MB = 56
# What the extension carries, as globs from the repository root; everything else stays at home.
CONTENT = (
    "__init__.py",
    "worker_main.py",
    "LICENSE",
    "README.md",
    "CHANGELOG.md",
    "docs/third_party.md",
    "core/**/*",
    "addon/**/*",
    "shaders/*.glsl",
    "blend_templates/*.blend",
    "blend_templates/*.splathead",
    "samples/line.*",
)
LEFT_OUT = ("core/training", "__pycache__")
# ZIP holds no earlier date; one date for all makes two builds of the same content equal.
EPOCH = (1980, 1, 1, 0, 0, 0)


def build(relock: bool = False) -> Path:
    """Make dist/mouthpiece-VERSION.zip.

    relock: renew tools/wheels.lock from what pip finds now.
    Returns the path of the zip.
    Raises BuildError when something is missing, too large or refused by Blender's tool.
    """
    ensure_templates()
    found = wheels.ensure_wheels(relock)
    stage(found)
    target = DIST / f"mouthpiece-{read_manifest()['version']}.zip"
    part = target.with_name(target.name + ".part")
    DIST.mkdir(exist_ok=True)
    pack(STAGE, part)
    try:
        size_mb = part.stat().st_size / 1e6
        if size_mb > LIMIT_MB:
            raise BuildError(f"The extension is {size_mb:.1f} MB, but must stay within {LIMIT_MB} MB.")
        validate(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    sys.stdout.write(
        f"{target.relative_to(ROOT)}: {size_mb:.1f} MB, {len(found)} wheels, validated by Blender's tool\n"
    )
    return target


def content() -> list[Path]:
    """The files of the extension, less manifest and wheels, as sorted paths from the root."""
    chosen = {path for pattern in CONTENT for path in ROOT.glob(pattern) if path.is_file()}
    rows = sorted(path.relative_to(ROOT) for path in chosen)
    return [row for row in rows if not any(row.as_posix().startswith(out) or out in row.parts for out in LEFT_OUT)]


def stage(found: list[Path]) -> None:
    """Lay the extension out under the cache folder."""
    shutil.rmtree(STAGE, ignore_errors=True)
    for row in content():
        (STAGE / row).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / row, STAGE / row)
    (STAGE / "wheels").mkdir(parents=True)
    for path in found:
        shutil.copyfile(path, STAGE / "wheels" / path.name)
    names = [platform.name for platform in wheels.PLATFORMS]
    (STAGE / "blender_manifest.toml").write_text(staged_manifest(found, names), encoding="utf-8")


def pack(folder: Path, target: Path) -> None:
    """Zip a folder so that the same content gives the same bytes; wheels are stored as they are."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_STORED if path.suffix == ".whl" else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), compresslevel=9)


def validate(path: Path) -> None:
    """Ask the extension tool that Blender ships whether it would take this zip.

    Raises BuildError with the tool's own words when it would not.
    """
    python = environments.ensure("bpy45")
    tool = next(python.parent.parent.rglob("bl_pkg/cli/blender_ext.py"))
    command = [str(python), str(tool), "validate", "--valid-tags=", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"Blender's extension tool refuses the zip:\n{(done.stdout + done.stderr).strip()}")
