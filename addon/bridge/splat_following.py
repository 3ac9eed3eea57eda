"""A head of splats that follows the shape keys of a mesh: drivers on its sliders, no code in them."""

from __future__ import annotations

import bpy

from ...core.errors import RigError
from ...core.splat.head import SplatHead
from .family import family_of, match_of
from .inventory import key_path, property_path
from .splat_sliders import slider_names


def follow(made: bpy.types.Object, head: SplatHead, leader: bpy.types.Object) -> int:
    """Let the sliders of a head take what a character's shape keys of the same meaning have; returns how many do.

    leader: any object of the character. Raises RigError when none of its shapes has a slider.
    """
    keys = _keys(made, leader)
    names = [name for name in slider_names(head) if name in keys and name in made]
    if not names:
        raise RigError(f"{leader.name} has no shape keys that {made.name} has sliders for; choose another character.")
    unfollow(made)
    for name in names:
        key, block = keys[name]
        driver = made.driver_add(property_path(name)).driver
        driver.type = "SUM"
        variable = driver.variables.new()
        variable.type = "SINGLE_PROP"
        target = variable.targets[0]
        target.id_type, target.id, target.data_path = "KEY", key, key_path(block)
    return len(names)


def unfollow(made: bpy.types.Object) -> int:
    """Take the drivers of sliders away again; returns how many there were."""
    rows = [row for row in (made.animation_data.drivers if made.animation_data else ()) if _is_ours(row)]
    for row in rows:
        made.animation_data.drivers.remove(row)
    return len(rows)


def is_following(made: bpy.types.Object) -> bool:
    """Whether shape keys of a mesh move a head's sliders."""
    return any(_is_ours(row) for row in (made.animation_data.drivers if made.animation_data else ()))


def _is_ours(row: bpy.types.FCurve) -> bool:
    targets = [target for variable in row.driver.variables for target in variable.targets]
    return row.data_path.startswith('["') and len(targets) == 1 and targets[0].id_type == "KEY"


def _keys(made: bpy.types.Object, leader: bpy.types.Object) -> dict[str, tuple[bpy.types.Key, str]]:
    """For each slider the shape keys and the name of the one it may follow: by ARKit's name, else by its own."""
    found: dict[str, tuple[bpy.types.Key, str]] = {}
    for member in family_of(leader):
        if member == made or member.type != "MESH" or not member.data.shape_keys:
            continue
        key = member.data.shape_keys
        for name, blocks in match_of(member).matched.items():
            found.setdefault(name, (key, blocks[0]))
        for block in key.key_blocks:
            if block != key.reference_key:
                found.setdefault(block.name, (key, block.name))
    return found
