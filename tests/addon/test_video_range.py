"""A person's range on another head, as the panel asks for it."""

from __future__ import annotations

import bpy
import pytest
from cast import build_mesh
from mouthpiece.addon.ops_video import film_request
from mouthpiece.addon.props_video import VIDEO
from mouthpiece.core.rig.arkit import ARKIT_52

pytestmark = pytest.mark.usefixtures("registered")


@pytest.fixture
def settings(tmp_path):
    """The scene's, with a film and a character chosen."""
    path = tmp_path / "me.mp4"
    path.write_bytes(b"a film")
    scene = bpy.context.scene
    scene.mouthpiece.character = build_mesh("Face", ARKIT_52)
    made = getattr(scene, VIDEO)
    made.film = str(path)
    return made


def test_a_range_is_asked_for_only_when_chosen(settings):
    assert "reach" not in film_request(bpy.context).order()
    settings.ranged, settings.reach = True, 0.7
    assert film_request(bpy.context).order()["reach"] == pytest.approx(0.7)


def test_no_range_reaches_beyond_what_shapes_can(settings):
    settings.reach = 4.0
    assert settings.reach == 1.0
