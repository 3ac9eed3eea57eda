"""The wheels the extension carries, for every platform and Python of Blender 4.5 and later."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from . import environments
from .errors import BuildError
from .layers import RUNTIME
from .paths import CACHE, ROOT

LOCK = ROOT / "tools" / "wheels.lock"
FOLDER = CACHE / "wheels"


@dataclass(frozen=True, slots=True)
class Platform:
    """One of Blender's platforms.

    name: as Blender's manifest writes it.
    tags: pip's platform tags, all accepted.
    """

    name: str
    tags: tuple[str, ...]


# Left out: windows-arm64, for which soxr 1.1.0 has no wheel.
PLATFORMS = (
    Platform("linux-x64", ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64")),
    Platform("macos-arm64", ("macosx_11_0_arm64",)),
    Platform("macos-x64", ("macosx_11_0_x86_64",)),
    Platform("windows-x64", ("win_amd64",)),
)
# Blender 4.5 and 5.0 run 3.11, 5.1 and 5.2 run 3.13, Debian's own build of 5.2 runs 3.14.
PYTHONS = ("3.11", "3.13", "3.14")


def ensure_wheels(relock: bool = False) -> list[Path]:
    """Fetch the wheels that tools/wheels.lock names, unless they are cached with the right content.

    relock: accept what pip finds now and write it to the lock.
    Returns their paths, sorted by name.
    Raises BuildError when a wheel is missing or differs from the lock.
    """
    if relock:
        shutil.rmtree(FOLDER, ignore_errors=True)
        _fetch()
        rows = (f"{_sha256(path)}  {path.name}\n" for path in sorted(FOLDER.glob("*.whl")))
        LOCK.write_text("".join(rows))
    elif _missing():
        _fetch()
    if missing := _missing():
        raise BuildError(f"These wheels are missing or differ from tools/wheels.lock: {', '.join(missing)}.")
    return sorted(FOLDER / name for name in read_lock())


def read_lock() -> dict[str, str]:
    """SHA-256 by wheel name."""
    rows = (line.split() for line in LOCK.read_text().splitlines())
    return {name: digest for digest, name in rows}


def _missing() -> list[str]:
    return [name for name, digest in read_lock().items() if not _holds(FOLDER / name, digest)]


def _holds(path: Path, digest: str) -> bool:
    return path.is_file() and _sha256(path) == digest


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _fetch() -> None:
    """Ask pip for every package on every platform and Python."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    pip = environments.ensure("bpy45")
    for platform in PLATFORMS:
        for python in PYTHONS:
            sys.stderr.write(f"[wheels] {platform.name}, Python {python}\n")
            _download(pip, platform, python)


def _download(pip: Path, platform: Platform, python: str) -> None:
    command = [str(pip), "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(FOLDER), "--implementation", "cp", "--python-version", python]
    for abi in ("cp" + python.replace(".", ""), "abi3", "none"):
        command += ["--abi", abi]
    for tag in platform.tags:
        command += ["--platform", tag]
    done = subprocess.run([*command, *RUNTIME], capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join(done.stderr.strip().splitlines()[-6:])
        raise BuildError(f"A wheel for {platform.name} and Python {python} could not be had; pip said:\n{tail}")
