"""What the user sets for splats, kept with the object."""

from __future__ import annotations

import bpy


class MOUTHPIECE_PG_splats(bpy.types.PropertyGroup):
    """Settings of one object of splats."""

    write_attributes: bpy.props.BoolProperty(
        name="Write Attributes",
        description=(
            "Keep the pose in the point cloud's attributes too, for Blender 5.3's own drawing, nodes and exporters; "
            "Mouthpiece's drawing does not need it, and playback is slower"
        ),
        override={"LIBRARY_OVERRIDABLE"},
    )
