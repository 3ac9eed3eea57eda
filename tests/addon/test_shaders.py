"""Every shader compiles on the card at hand and keeps within what every card can do."""

from __future__ import annotations

import re

import pytest
from mouthpiece.addon.drawing import shaders, solids
from on_card import on_card

NAMES = [name for name in vars(shaders) if name.endswith("_shader")]
BYTES = {"FLOAT": 4, "INT": 4, "VEC2": 8, "IVEC2": 8, "VEC3": 16, "IVEC3": 16, "VEC4": 16, "IVEC4": 16}
MOST_BYTES, MOST_TEXTURES = 128, 16
"""The least that Vulkan promises for push constants, and OpenGL for textures of a stage."""


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name):
    assert on_card(lambda: getattr(shaders, name)().name or True)


def test_the_shader_of_meshes_compiles():
    assert on_card(lambda: solids.solid_shader().name or True)


def test_all_are_listed():
    assert len(NAMES) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_it_asks_for_little(name, monkeypatch):
    """Push constants and textures, counted as they are declared."""
    asked = {"constants": [], "textures": 0}

    class Info:
        def push_constant(self, kind, name):
            asked["constants"].append(kind)

        def sampler(self, slot, kind, name):
            asked["textures"] += 1

        def __getattr__(self, _):
            return lambda *_: None

    class Passed:
        def __init__(self, name):
            pass

        def flat(self, kind, name):
            pass

    monkeypatch.setattr(shaders, "GPUShaderCreateInfo", Info)
    monkeypatch.setattr(shaders, "GPUStageInterfaceInfo", Passed)
    monkeypatch.setattr(shaders.gpu.shader, "create_from_info", lambda info: None)
    getattr(shaders, name).__wrapped__()
    assert sum(BYTES[kind] for kind in asked["constants"]) <= MOST_BYTES
    assert 0 < asked["textures"] <= MOST_TEXTURES


def test_sources_are_read_from_the_folder():
    for path in shaders.FOLDER.glob("*.glsl"):
        assert re.fullmatch(r"[a-z_]+(\.(vert|frag))?\.glsl", path.name)
