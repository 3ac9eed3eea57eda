"""A staged character as USD with UsdSkel joints and blend shapes, by Blender's own exporter."""

from __future__ import annotations

from pathlib import Path

import bpy

from ...core.errors import FormatError
from .export_clear import clear_by_transmission
from .export_stage import Stage


def export_usd(path: Path, stage: Stage) -> None:
    """Write a .usd, .usda, .usdc or .usdz. Raises: FormatError for a Blender without USD."""
    if "usd_export" not in dir(bpy.ops.wm):
        raise FormatError("This Blender was built without USD; use one that has it.")
    clear_by_transmission(stage.copies)
    bpy.ops.wm.usd_export(
        filepath=str(path),
        check_existing=False,
        selected_objects_only=False,
        export_animation=True,
        export_armatures=True,
        export_shapekeys=True,
        export_hair=False,
        export_lights=False,
        export_cameras=False,
        export_custom_properties=False,
        convert_world_material=False,
        evaluation_mode="RENDER",
        relative_paths=True,
        # Packages are shown by phones, which demand that Y is up.
        convert_orientation=path.suffix == ".usdz",
        export_global_forward_selection="NEGATIVE_Z",
        export_global_up_selection="Y",
        root_prim_path="/root",
    )
