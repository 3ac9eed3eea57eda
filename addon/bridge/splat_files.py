"""Splat files into the scene, and heads of splats into files of their own."""

from __future__ import annotations

from pathlib import Path

import bpy

from ...core.errors import SettingError
from ...core.splat.files import FORMATS, read_splats
from ...core.splat.head_files import ENDING, read_head, write_head
from ...core.splat.types import Splats
from ...core.splat.z_up import z_up
from .splat_cloud import new_points, write_cloud
from .splat_heads import add_head, show_cloud
from .splat_store import head_of

ENDINGS = tuple(dict.fromkeys((*(ending for form in FORMATS.values() for ending in form.endings), ENDING)))
"""Of all files that hold splats or heads of splats."""


def import_file(path: Path, axes: str, collection: bpy.types.Collection) -> tuple[bpy.types.Object, str]:
    """A new object with what a file holds, at the origin of a collection.

    axes: one of core.splat.files.AXES, or empty for the format's own.
    Returns the object, and what had to be mended in a few words. Raises CoreError before anything is made.
    """
    name = _name(path)
    if path.name.lower().endswith(ENDING):
        return add_head(read_head(path), name, collection), ""
    splats, report = read_splats(path, axes)
    return add_splats(z_up(splats), name, collection), report.sentence()


def add_splats(splats: Splats, name: str, collection: bpy.types.Collection) -> bpy.types.Object:
    """A new object of splats that are in Blender's axes."""
    cloud = new_points(name, len(splats))
    write_cloud(cloud, splats)
    return show_cloud(cloud, name, collection)


def export_head(path: Path, chosen: list[bpy.types.Object]) -> int:
    """Write the head of the first of some objects that has one, at rest as it was made; returns how many splats."""
    heads = (head_of(each.data) for each in chosen if each.type == "POINTCLOUD")
    head = next((head for head in heads if head), None)
    if head is None:
        raise SettingError("None of the selected objects is a head of splats; choose one.")
    write_head(head, path)
    return len(head)


def _name(path: Path) -> str:
    """What an object of a file is called: the file without its ending."""
    ending = max((e for e in ENDINGS if path.name.lower().endswith(e)), key=len, default=path.suffix)
    return path.name[: len(path.name) - len(ending)] or path.name
