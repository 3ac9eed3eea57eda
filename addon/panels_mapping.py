"""The Mapping panel: which curves move what of the character, in a list with search."""

from __future__ import annotations

import bpy

from ..core.errors import RigError
from ..core.rig.profiles import PROFILES
from .bridge.family import family_of
from .bridge.memory import mapping_of, memory_of
from .panels import write_text
from .props import chosen_object
from .sidebar import SidebarTab

_ICONS = {"shape_key": "SHAPEKEY_DATA", "bone": "BONE_DATA", "property": "PROPERTIES"}
_ROWS = 6
_SHARE, _SHARES = 0.45, (0.3, 0.6)
"""Of a line's width that its curve has, and may have where one of its names is long."""
_LONG = 13
"""Letters of a name that its share shows in a sidebar of usual width."""
_FIELD = 26
"""Letters of a name that a field as wide as the panel shows."""
_PREFIXES = ("CTRL_expressions_", "CTRL_")


class MOUTHPIECE_UL_drives(bpy.types.UIList):
    """The lines of a mapping; the search looks at curves and targets alike"""

    bl_idname = "MOUTHPIECE_UL_drives"

    def draw_item(
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: bpy.types.PropertyGroup,
        item: bpy.types.PropertyGroup,
        icon: int,
        active_data: bpy.types.PropertyGroup,
    ) -> None:
        """Called by Blender."""
        source, target = short_name(item.source) or "No curve", short_name(said_target(item)) or "No target"
        kind = _ICONS[item.kind] if item.target else "ERROR"
        if source == target:  # Many characters call what is moved as the rig calls the curve.
            layout.label(text=source, icon=kind)
            return
        row = layout.split(factor=_share(len(source), len(target)), align=True)
        row.label(text=source, icon="NONE" if item.source else "ERROR")
        row.label(text=target, icon=kind)

    def filter_items(
        self, context: bpy.types.Context, data: bpy.types.PropertyGroup, property: str
    ) -> tuple[list[int], list[int]]:
        """Called by Blender."""
        lines = getattr(data, property)
        wanted = self.filter_name.lower()
        found = [wanted in f"{line.source} {said_target(line)}".lower() for line in lines]
        shown = [self.bitflag_filter_item if hit else 0 for hit in found] if wanted else []
        order = []
        if self.use_filter_sort_alpha:
            order = bpy.types.UI_UL_list.sort_items_helper(
                [(index, line.source.lower()) for index, line in enumerate(lines)], lambda row: row[1]
            )
        return shown, order


class MOUTHPIECE_PT_mapping(SidebarTab, bpy.types.Panel):
    """What moves it"""

    bl_label = "Mapping"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        return chosen_object(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        memory = memory_of(family_of(chosen_object(context)))
        row = self.layout.row(align=True)
        row.operator_menu_enum("mouthpiece.match_rig", "profile", text=_matched(memory), icon="VIEWZOOM")
        row.menu("MOUTHPIECE_MT_mapping", text="", icon="DOWNARROW_HLT")
        if memory is None:
            write_text(self.layout, context, "Without lines, ARKit names move it. Match finds other rigs.", "INFO")
            self.layout.operator("mouthpiece.add_drive", icon="ADD")
            return
        if _foreign(memory):
            self.layout.operator("mouthpiece.edit_mapping", icon="LIBRARY_DATA_OVERRIDE")
        _draw_list(self.layout, context, memory)
        try:
            mapping_of(memory)
        except RigError as error:
            write_text(self.layout, context, str(error), "ERROR")
        _draw_notes(self.layout, context, memory)


class MOUTHPIECE_MT_mapping(bpy.types.Menu):
    """What can be done with all lines"""

    bl_label = "Mapping"

    def draw(self, context: bpy.types.Context) -> None:
        """Called by Blender."""
        self.layout.operator("mouthpiece.swap_drives", icon="MOD_MIRROR")
        self.layout.operator("mouthpiece.swap_drives", text="Swap This Curve").only_shown = True
        self.layout.operator("mouthpiece.remove_drive", text="Remove All Lines", icon="TRASH").every = True
        self.layout.separator()
        self.layout.operator("mouthpiece.load_mapping", icon="IMPORT")
        self.layout.operator("mouthpiece.save_mapping", icon="EXPORT")


def _share(source: int, target: int) -> float:
    """The share of a line that its curve gets. source, target: letters."""
    if max(source, target) <= _LONG:
        return _SHARE
    low, high = _SHARES
    return min(max(source / (source + target), low), high)


def short_name(name: str) -> str:
    """A name without what all names of its rig begin and end with; the full one stands below the list."""
    prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), "")
    return name.removeprefix(prefix).removesuffix(".ty") if prefix else name


def said_target(line: bpy.types.PropertyGroup) -> str:
    """What a line moves, in words."""
    owner = f"{line.owner.name}: " if line.owner else ""
    return f"{owner}{line.target} {line.channel}" if line.kind == "bone" and line.target else f"{owner}{line.target}"


def _matched(memory: bpy.types.PropertyGroup | None) -> str:
    known = memory is not None and memory.profile in PROFILES
    return f"Match ({PROFILES[memory.profile].title})" if known else "Match"


def _foreign(memory: bpy.types.PropertyGroup) -> bool:
    """Whether the mapping is the library's, which an override cannot change for good."""
    owner = memory.id_data
    return isinstance(owner, bpy.types.Object) and bool(owner.library or owner.override_library)


def _draw_list(layout: bpy.types.UILayout, context: bpy.types.Context, memory: bpy.types.PropertyGroup) -> None:
    # Buttons below rather than beside the list, whose names need the panel's whole width.
    column = layout.column(align=True)
    column.template_list("MOUTHPIECE_UL_drives", "", memory, "drives", memory, "active", rows=_ROWS)
    buttons = column.row(align=True)
    buttons.operator("mouthpiece.add_drive", text="Add", icon="ADD")
    buttons.operator("mouthpiece.remove_drive", text="Remove", icon="REMOVE")
    buttons.operator("mouthpiece.swap_drives", text="", icon="MOD_MIRROR")
    if 0 <= memory.active < len(memory.drives):
        column = layout.column()
        column.enabled = not _foreign(memory)
        _draw_line(column, context, memory.drives[memory.active])


def _draw_line(layout: bpy.types.UILayout, context: bpy.types.Context, line: bpy.types.PropertyGroup) -> None:
    """One line in full; its two names have the panel's whole width, and as many lines as they need."""
    for name, icon in ((line.source, "FCURVE"), (said_target(line), _ICONS[line.kind])):
        if len(name) > _FIELD:
            write_text(layout, context, name, icon)
    names = layout.column(align=True)
    names.prop(line, "source", text="", icon="FCURVE", placeholder="Curve")
    names.prop(line, "target", text="", icon=_ICONS[line.kind], placeholder="Target")
    layout.use_property_split = True
    layout.use_property_decorate = False
    layout.prop(line, "part")
    layout.prop(line, "kind")
    layout.prop(line, "owner")
    if line.kind == "property":
        layout.prop(line, "bone")
    if line.kind == "bone":
        layout.prop(line, "channel")
    layout.prop(line, "gain")
    layout.prop(line, "offset")
    for use, value in (("use_low", "low"), ("use_high", "high")):
        row = layout.row(heading=line.bl_rna.properties[value].name)
        row.prop(line, use, text="")
        field = row.row()
        field.active = getattr(line, use)
        field.prop(line, value, text="")


def _draw_notes(layout: bpy.types.UILayout, context: bpy.types.Context, memory: bpy.types.PropertyGroup) -> None:
    notes = [note for note in memory.notes.split("\n") if note]
    if not notes:
        return
    header, body = layout.panel("mouthpiece_matched", default_closed=True)
    header.label(text="Last Match")
    for note in notes if body else ():
        write_text(body, context, note, "INFO")
