"""What a scene of splats is rendered with, beside Blender's own settings."""

from __future__ import annotations

import bpy

FILM = "mouthpiece_film"


class MOUTHPIECE_PG_film(bpy.types.PropertyGroup):
    """Settings of the engine Mouthpiece Splats, kept with the scene."""

    motion_steps: bpy.props.IntProperty(
        name="Steps",
        description="Instants that a frame with motion blur is the mean of; 8 to 16 do for faces",
        default=12,
        min=1,
        max=64,
        soft_max=16,
    )
    meshes: bpy.props.EnumProperty(
        name="Meshes",
        description="What meshes do to the splats behind them",
        items=(
            ("HIDE", "Hide Splats", "Splats behind a mesh are left out; the mesh itself is not drawn"),
            ("IGNORE", "Are Ignored", "All splats are drawn, wherever meshes are"),
        ),
    )
    edge_steps: bpy.props.IntProperty(
        name="Edge Samples",
        description="Pictures that the edges of meshes before splats are softened by; not needed where no mesh is",
        default=8,
        min=1,
        max=64,
        soft_max=16,
    )
    main: bpy.props.PointerProperty(
        name="Follows",
        description="The scene whose camera, film and motion blur this one uses",
        type=bpy.types.Scene,
    )


def film_of(scene: bpy.types.Scene) -> MOUTHPIECE_PG_film:
    """A scene's settings."""
    return getattr(scene, FILM)
