"""Each test starts in an empty file; nothing it registers outlives it."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import pytest


@pytest.fixture(autouse=True)
def empty_file() -> Iterator[None]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.scene.render.fps = 24
    bpy.context.scene.render.fps_base = 1.0
    yield
