"""What all exports ask: which frames, at what rate, from where the file counts."""

from __future__ import annotations

from fractions import Fraction

import bpy

from .bridge.export_motion import Span
from .bridge.takes import TakeInfo
from .request import rate_of

_RATES = ("24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60", "90", "120")
_AS_SCENE = "SCENE"
RATES = (
    (_AS_SCENE, "Scene", "The scene's own frame rate"),
    *((rate, f"{float(Fraction(rate)):.6g} fps", f"{float(Fraction(rate)):.6g} frames a second") for rate in _RATES),
)


class SpanChoice:
    """Mixin of operators: the frames to write."""

    frames: bpy.props.EnumProperty(
        name="Frames",
        description="Which frames of the scene are written",
        items=(
            ("TAKE", "Take", "From the first to the last frame of the take; the scene's frames where there is no take"),
            ("SCENE", "Scene", "The scene's frame range, or its preview range where that is on"),
            ("CHOSEN", "Chosen", "From one frame to another of your choice"),
        ),
        default="TAKE",
    )
    first: bpy.props.IntProperty(name="First", description="The first frame of the scene to write", default=1)
    last: bpy.props.IntProperty(name="Last", description="The last frame of the scene to write", default=250)
    rate: bpy.props.EnumProperty(
        name="Rate", description="Frames a second in the file; the time everything takes stays the same", items=RATES
    )
    start_frame: bpy.props.IntProperty(
        name="Start Frame", description="What the file calls the first frame that is written", default=0, min=0
    )

    def span(self, scene: bpy.types.Scene, take: TakeInfo | None) -> Span:
        """The moments to write. Raises: SettingError for a last frame before the first."""
        first, last = scene.frame_start, scene.frame_end
        if self.frames == "CHOSEN":
            first, last = self.first, self.last
        elif self.frames == "TAKE" and take:
            first, last = take.start, take.end
        elif scene.use_preview_range:
            first, last = scene.frame_preview_start, scene.frame_preview_end
        fps = rate_of(scene) if self.rate == _AS_SCENE else float(Fraction(self.rate))
        return Span(first, last, rate_of(scene), fps, self.start_frame)

    def draw_span(self, layout: bpy.types.UILayout) -> None:
        """The rows of the file browser's side."""
        layout.prop(self, "frames")
        if self.frames == "CHOSEN":
            column = layout.column(align=True)
            column.prop(self, "first")
            column.prop(self, "last")
        layout.prop(self, "rate")
        layout.prop(self, "start_frame")
