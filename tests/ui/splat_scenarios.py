"""What a user does with splats in a window: drop files on the viewport, and take it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bpy
from stage import RESULT, note, viewport

WAIT = 20
"""Ticks in which Blender draws what is there."""


def drop_splats() -> Iterator[None]:
    """A head and a cloud dropped together, a file that is none, and an undo; between all, Blender draws."""
    # What the extension is called in tests, the stage says; so it comes first.
    from mouthpiece.core.splat.files import write_splats
    from mouthpiece.core.splat.head_files import write_head
    from splat_cast import small_head, some_splats

    folder = Path(RESULT).parent
    write_head(small_head(), folder / "head.splathead")
    write_splats(folder / "cloud.spz", some_splats())
    (folder / "none.spz").write_bytes(b"no")
    yield
    before = set(bpy.data.objects.keys())
    with bpy.context.temp_override(**viewport()):
        bpy.ops.ed.undo_push(message="Before")
    yield from _dropped(folder, "head.splathead", "cloud.spz")
    note(dropped=sorted(set(bpy.data.objects.keys()) - before))
    with bpy.context.temp_override(**viewport()):
        bpy.ops.ed.undo()
    yield from _drawn()
    note(after_undo=sorted(set(bpy.data.objects.keys()) - before))
    # Last, for its message stays open in the window.
    yield from _dropped(folder, "none.spz")
    note(refused=sorted(set(bpy.data.objects.keys()) - before))


def _dropped(folder: Path, *names: str) -> Iterator[None]:
    files = [{"name": name} for name in names]
    with bpy.context.temp_override(**viewport()):
        bpy.ops.wm.drop_import_file("INVOKE_DEFAULT", True, directory=str(folder), files=files)
    yield from _drawn()


def _drawn() -> Iterator[None]:
    for _ in range(WAIT):
        yield
