"""A property that counts frames: driven by the timeline, until the user drives or keys it otherwise."""

from __future__ import annotations

import bpy

from .inventory import property_path


def add_frame_property(made: bpy.types.Object, name: str, offset: float, words: str) -> None:
    """Give an object a custom property that says frame + offset, also between frames; an old one is replaced.

    The driver is of the simple kind that Blender evaluates without Python, so files need no permission to run it.
    """
    remove_frame_property(made, name)
    made[name] = 0.0
    made.id_properties_ui(name).update(description=words, step=1.0, precision=2)
    driver = made.driver_add(property_path(name)).driver
    driver.type, driver.expression = "SCRIPTED", "frame" if not offset else f"frame + {offset:g}"


def remove_frame_property(made: bpy.types.Object, name: str) -> None:
    """Take property and driver away again; nothing happens where they are not."""
    if made.animation_data:
        made.driver_remove(property_path(name))
    if name in made:
        del made[name]


def frame_of(shown: bpy.types.Object, name: str) -> float:
    """What the property says; shown: evaluated."""
    value = shown.get(name, 0.0)
    return float(value) if isinstance(value, int | float) else 0.0
