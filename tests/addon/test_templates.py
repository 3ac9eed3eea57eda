"""The character files: names, shapes, bones and materials, no scripts, lips and lids as Blender evaluates them."""

from __future__ import annotations

from pathlib import Path

import bpy
import mouthpiece
import numpy as np
import pytest
from mouthpiece.core.head.lids import LID_RING_LEFT
from mouthpiece.core.head.lips import LIP_INNER_LOWER, LIP_INNER_UPPER
from mouthpiece.core.rig.arkit import ARKIT_52

FOLDER = Path(mouthpiece.__file__).resolve().parent / "blend_templates"
FILES = ("woman.blend", "man.blend")
PARTS = {"Skin", "Top", "Eyes", "Corneas", "Teeth Upper", "Teeth Lower", "Tongue", "Lashes", "Brows", "Hair"}


@pytest.fixture(params=FILES)
def character(request: pytest.FixtureRequest, empty_file: None) -> str:
    path = FOLDER / request.param
    if not path.is_file():
        pytest.skip(f"{path.name} is not built; run 'python build.py templates'.")
    bpy.ops.wm.open_mainfile(filepath=str(path))
    return path.stem.capitalize()


def part(character: str, name: str) -> bpy.types.Object:
    return bpy.data.objects[f"{character} {name}"]


def pose(character: str, **values: float) -> None:
    for item in bpy.data.collections[character].objects:
        if item.type == "MESH" and item.data.shape_keys:
            for name, value in values.items():
                if name in item.data.shape_keys.key_blocks:
                    item.data.shape_keys.key_blocks[name].value = value


def shaped(item: bpy.types.Object) -> np.ndarray:
    """World places of an object's vertices after shapes and armature, without smoothing."""
    for modifier in item.modifiers:
        modifier.show_viewport = modifier.type == "ARMATURE"
    item.data.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    depsgraph.update()
    mesh = item.evaluated_get(depsgraph).data
    points = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", points)
    matrix = np.array(item.evaluated_get(depsgraph).matrix_world)
    return points.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]


def lip_gap(character: str, **values: float) -> float:
    """Height of the opening in the middle of the mouth, metres."""
    skin = part(character, "Skin")
    source = np.empty(len(skin.data.vertices), np.int32)
    skin.data.attributes["base_vertex"].data.foreach_get("value", source)
    upper, lower = (int(np.nonzero(source == line[6])[0][0]) for line in (LIP_INNER_UPPER, LIP_INNER_LOWER))
    pose(character, **values)
    points = shaped(skin)
    return float(points[upper, 2] - points[lower, 2])


def lid_height(character: str, **values: float) -> float:
    """Height of the left eye's opening at its middle, metres."""
    skin = part(character, "Skin")
    source = np.empty(len(skin.data.vertices), np.int32)
    skin.data.attributes["base_vertex"].data.foreach_get("value", source)
    upper, lower = (int(np.nonzero(source == v)[0][0]) for v in (LID_RING_LEFT[7], LID_RING_LEFT[20]))
    pose(character, **values)
    points = shaped(skin)
    return float(points[upper, 2] - points[lower, 2])


def test_one_collection_with_every_part_under_one_armature(character: str) -> None:
    rig = bpy.data.objects[f"{character} Rig"]
    assert {"neck", "head"} <= set(rig.data.bones.keys())
    meshes = [item for item in bpy.data.collections[character].objects if item.type == "MESH"]
    assert {item.name for item in meshes} == {f"{character} {name}" for name in PARTS}
    assert all(item.parent == rig for item in meshes)
    assert all(slot.material for item in meshes for slot in item.material_slots)
    assert bpy.context.scene.camera
    assert sum(item.type == "LIGHT" for item in bpy.data.objects) == 3


def test_the_skin_has_all_52_shapes_and_the_rest_only_those_that_move_them(character: str) -> None:
    assert tuple(part(character, "Skin").data.shape_keys.key_blocks.keys()[1:53]) == ARKIT_52
    assert "tongueOut" in part(character, "Tongue").data.shape_keys.key_blocks
    assert part(character, "Hair").data.shape_keys is None
    assert all(key.value == 0 for keys in bpy.data.shape_keys for key in keys.key_blocks)


def test_no_scripts_no_pictures_and_only_plain_drivers(character: str) -> None:
    assert not bpy.data.texts
    assert not [image for image in bpy.data.images if image.type == "IMAGE"]
    animated = [keys.animation_data for keys in bpy.data.shape_keys if keys.animation_data]
    drivers = [curve.driver for data in animated for curve in data.drivers]
    assert drivers
    assert all(driver.is_simple_expression and driver.is_valid for driver in drivers)


def test_files_are_small(character: str) -> None:
    assert Path(bpy.data.filepath).stat().st_size < 6_000_000


def test_lips_open_seal_and_never_cross(character: str) -> None:
    assert abs(lip_gap(character)) < 0.0012
    assert lip_gap(character, jawOpen=1.0) > 0.02
    assert abs(lip_gap(character, jawOpen=1.0, mouthClose=1.0)) < 0.0012
    assert abs(lip_gap(character, jawOpen=0.0, mouthClose=1.0)) < 0.0012


def test_a_blink_closes_the_eye_also_while_looking_down(character: str) -> None:
    rest = lid_height(character)
    assert rest > 0.008
    assert abs(lid_height(character, eyeBlinkLeft=1.0)) < 0.2 * rest
    assert abs(lid_height(character, eyeBlinkLeft=1.0, eyeLookDownLeft=1.0)) < 0.25 * rest


def test_a_head_turn_carries_every_part(character: str) -> None:
    rig = bpy.data.objects[f"{character} Rig"]
    before = {name: shaped(part(character, name)) for name in ("Eyes", "Hair", "Teeth Lower")}
    top = shaped(part(character, "Top"))
    rig.pose.bones["head"].rotation_euler = (0, 0.4, 0)
    bpy.context.view_layer.update()
    moves = [np.linalg.norm(shaped(part(character, name)) - rest, axis=1).max() for name, rest in before.items()]
    assert min(moves) > 0.015
    assert np.linalg.norm(shaped(part(character, "Top")) - top, axis=1).max() < 0.01


def test_faces_look_along_minus_y_at_real_height(character: str) -> None:
    eyes = shaped(part(character, "Eyes"))
    skin = shaped(part(character, "Skin"))
    assert 1.3 < eyes[:, 2].mean() < 1.9
    assert eyes[:, 1].mean() < skin[:, 1].mean()
