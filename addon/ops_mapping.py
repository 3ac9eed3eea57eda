"""What the buttons around the mapping do."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy_extras.io_utils import ExportHelper, ImportHelper

from ..core.errors import RigError
from ..core.rig.mirror import mirrored_curve
from ..core.rig.presets import ENDINGS, read_preset, write_preset
from ..core.rig.profiles import propose
from ..core.rig.targets import Mapping, swap_sides
from .bridge.family import family_of
from .bridge.inventory import inventory_of
from .bridge.memory import mapping_of, memory_for, memory_of, write_mapping
from .bridge.targets import locate
from .desk import DESK
from .operator_base import SentenceOperator
from .props import chosen_object
from .props_mapping import PROFILE_ITEMS

_PRESETS = ";".join(f"*{ending}" for ending in ENDINGS)


class MappingOperator(SentenceOperator):
    """Mixin for operators on the mapping of the character."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Called by Blender."""
        if DESK.busy:
            cls.poll_message_set("A performance is being made; wait for it or cancel it")
        elif chosen_object(context) is None:
            cls.poll_message_set("Select a character, or choose its face, armature or root")
        else:
            return True
        return False

    def memory(self, context: bpy.types.Context) -> bpy.types.PropertyGroup:
        """Where the mapping may be changed. Raises: RigError."""
        return memory_for(chosen_object(context), context.scene)

    def put(self, context: bpy.types.Context, mapping: Mapping) -> None:
        """Put a mapping in place of the one there is."""
        write_mapping(self.memory(context), mapping, family_of(chosen_object(context)))

    def ask(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Run, but first ask whether lines that are there may go."""
        memory = memory_of(family_of(chosen_object(context)))
        if memory is None:
            return self.execute(context)
        return context.window_manager.invoke_confirm(
            self,
            event,
            title="Replace Mapping?",
            message=f"Its {len(memory.drives)} lines give way to others.",
            confirm_text="Replace",
        )


class MOUTHPIECE_OT_match_rig(MappingOperator, bpy.types.Operator):
    """Find out by its names which rig the character is, and list what moves it"""

    bl_idname = "mouthpiece.match_rig"
    bl_label = "Match"

    profile: bpy.props.EnumProperty(
        name="Profile", description="The rig whose names are looked for", items=PROFILE_ITEMS, options={"SKIP_SAVE"}
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Called by Blender."""
        return self.ask(context, event)

    def run(self, context: bpy.types.Context) -> None:
        """Propose and write it down."""
        memory = self.memory(context)
        inventory = inventory_of(family_of(chosen_object(context)))
        proposal = propose(inventory, None if self.profile == "AUTO" else self.profile)
        self.put(context, proposal.mapping)
        memory.profile = proposal.profile
        memory.notes = "\n".join((proposal.summary, *proposal.fallbacks))
        self.report({"INFO"}, proposal.summary)


class MOUTHPIECE_OT_add_drive(MappingOperator, bpy.types.Operator):
    """Add a line to the mapping; it moves nothing until it has a curve and a target"""

    bl_idname = "mouthpiece.add_drive"
    bl_label = "Add Line"

    def run(self, context: bpy.types.Context) -> None:
        """Add it and show it."""
        memory = self.memory(context)
        memory.drives.add()
        memory.active = len(memory.drives) - 1


class MOUTHPIECE_OT_remove_drive(MappingOperator, bpy.types.Operator):
    """Remove the line that is shown, or all of them"""

    bl_idname = "mouthpiece.remove_drive"
    bl_label = "Remove Line"

    every: bpy.props.BoolProperty(name="All", description="Remove all lines", options={"SKIP_SAVE"})

    def run(self, context: bpy.types.Context) -> None:
        """Remove it and show the next."""
        memory = self.memory(context)
        if not memory.drives:
            raise RigError("The mapping has no line to remove.")
        if self.every:
            memory.drives.clear()
        else:
            memory.drives.remove(min(memory.active, len(memory.drives) - 1))
        memory.active = max(0, min(memory.active, len(memory.drives) - 1))


class MOUTHPIECE_OT_swap_drives(MappingOperator, bpy.types.Operator):
    """Swap left and right, for a character whose left is the other's right"""

    bl_idname = "mouthpiece.swap_drives"
    bl_label = "Swap Left and Right"

    only_shown: bpy.props.BoolProperty(
        name="Only This Curve",
        description="Swap only what reads the curve of the line that is shown, or its mirror",
        options={"SKIP_SAVE"},
    )

    def run(self, context: bpy.types.Context) -> None:
        """Give every line, or those of one curve and its mirror, the mirrored curve."""
        memory = self.memory(context)
        mapping = mapping_of(memory)
        if not mapping.drives:
            raise RigError("The mapping has no line to swap; match the character first.")
        only = None
        if self.only_shown:
            source = memory.drives[min(memory.active, len(memory.drives) - 1)].source
            if not source:
                raise RigError("The line that is shown has no curve to swap; choose one first.")
            only = (source, mirrored_curve(source)[0])
        self.put(context, swap_sides(mapping, only))


class MOUTHPIECE_OT_edit_mapping(MappingOperator, bpy.types.Operator):
    """Change the mapping of a library override in this file; the library keeps its own"""

    bl_idname = "mouthpiece.edit_mapping"
    bl_label = "Edit in This File"

    def run(self, context: bpy.types.Context) -> None:
        """Copy it to where it may be changed."""
        self.memory(context)


class MOUTHPIECE_OT_load_mapping(MappingOperator, ImportHelper, bpy.types.Operator):
    """Drive the character by a mapping from a JSON or YAML file"""

    bl_idname = "mouthpiece.load_mapping"
    bl_label = "Load Mapping"

    filter_glob: bpy.props.StringProperty(default=_PRESETS, options={"HIDDEN"})

    def run(self, context: bpy.types.Context) -> None:
        """Read it, put it in place, and tell what of it the character lacks."""
        mapping = read_preset(Path(bpy.path.abspath(self.filepath)))
        chosen, memory = chosen_object(context), self.memory(context)
        family = family_of(chosen)
        self.put(context, mapping)
        memory.notes = ""
        for note in locate(mapping_of(memory), family, chosen.name).notes:
            self.report({"WARNING"}, note)
        self.report({"INFO"}, f'{len(mapping.drives)} lines of "{mapping.name}" drive {chosen.name}')


class MOUTHPIECE_OT_save_mapping(MappingOperator, ExportHelper, bpy.types.Operator):
    """Write the mapping as a JSON or YAML file, to share it"""

    bl_idname = "mouthpiece.save_mapping"
    bl_label = "Save Mapping"
    bl_options = {"REGISTER"}

    filter_glob: bpy.props.StringProperty(default=_PRESETS, options={"HIDDEN"})
    format: bpy.props.EnumProperty(
        name="Format",
        description="How it is written",
        items=((".json", "JSON", "Text that every program reads"), (".yaml", "YAML", "Text that people read easily")),
    )

    @property
    def filename_ext(self) -> str:
        """The ending ExportHelper keeps the name at."""
        return self.format

    def run(self, context: bpy.types.Context) -> None:
        """Write it."""
        memory = memory_of(family_of(chosen_object(context)))
        if memory is None:
            raise RigError("There is no mapping to save; match the character first or add a line.")
        path = Path(bpy.path.abspath(self.filepath)).with_suffix(self.format)
        write_preset(path, mapping_of(memory))
        self.report({"INFO"}, f"Wrote {path.name}")
