"""Everything Blender is told about, in one list."""

from __future__ import annotations

import atexit
from collections.abc import Callable

import bpy
from bpy.app.handlers import persistent

from . import (
    cli_command,
    engine,
    ops,
    ops_batch,
    ops_export,
    ops_export_curves,
    ops_files,
    ops_film,
    ops_guidance,
    ops_heads,
    ops_layers,
    ops_live,
    ops_mapping,
    ops_splat_mesh,
    ops_splat_select,
    ops_splat_surfaces,
    ops_splat_timeline,
    ops_splats,
    ops_takes,
    ops_video,
    panels,
    panels_batch,
    panels_export,
    panels_film,
    panels_heads,
    panels_live,
    panels_mapping,
    panels_splat_timeline,
    panels_splats,
    panels_video,
    preferences,
    props,
    props_batch,
    props_film,
    props_guidance,
    props_heads,
    props_layers,
    props_live,
    props_mapping,
    props_splats,
    props_video,
)
from .bridge.memory import OBJECT_MEMORY, SCENE_MEMORIES
from .bridge.splat_heads import SPLATS, forget_written, write_poses
from .bridge.splat_scene import forget_splats, note_changes
from .bridge.splat_sequence import forget_files, show_files
from .compat import exit_handlers
from .desk import DESK
from .drawing.viewport import VIEWPORTS
from .guidance import FEELING
from .head_preview import PREVIEW
from .live import LIVE, rest_live, show_live
from .props_batch import BATCH
from .props_layers import LAYERS

CLASSES: tuple[type, ...] = (
    props_guidance.MOUTHPIECE_PG_emotion,
    props_guidance.MOUTHPIECE_PG_direction,
    props_guidance.MOUTHPIECE_PG_script,
    props.MOUTHPIECE_PG_settings,
    props_layers.MOUTHPIECE_PG_layer,
    props_layers.MOUTHPIECE_PG_layers,
    props_layers.MOUTHPIECE_PG_feeling,
    props_mapping.MOUTHPIECE_PG_drive,
    props_mapping.MOUTHPIECE_PG_rig,
    props_mapping.MOUTHPIECE_PG_rigs,
    props_batch.MOUTHPIECE_PG_cast_rule,
    props_batch.MOUTHPIECE_PG_batch,
    props_splats.MOUTHPIECE_PG_splats,
    props_film.MOUTHPIECE_PG_film,
    engine.MOUTHPIECE_RE_splats,
    ops.MOUTHPIECE_OT_animate,
    ops.MOUTHPIECE_OT_write_take,
    ops.MOUTHPIECE_OT_cancel,
    ops_takes.MOUTHPIECE_OT_edit_take,
    ops_takes.MOUTHPIECE_OT_remove_take,
    ops_layers.MOUTHPIECE_OT_bake_layers,
    ops_layers.MOUTHPIECE_OT_run_again,
    ops_layers.MOUTHPIECE_OT_show_phones,
    ops_layers.MOUTHPIECE_OT_follow_phones,
    ops_batch.MOUTHPIECE_OT_animate_strips,
    ops_batch.MOUTHPIECE_OT_animate_folder,
    ops_batch.MOUTHPIECE_OT_add_cast_rule,
    ops_batch.MOUTHPIECE_OT_remove_cast_rule,
    ops_batch.MOUTHPIECE_OT_save_report,
    ops_guidance.MOUTHPIECE_OT_reset_direction,
    ops_mapping.MOUTHPIECE_OT_match_rig,
    ops_mapping.MOUTHPIECE_OT_add_drive,
    ops_mapping.MOUTHPIECE_OT_remove_drive,
    ops_mapping.MOUTHPIECE_OT_swap_drives,
    ops_mapping.MOUTHPIECE_OT_edit_mapping,
    ops_mapping.MOUTHPIECE_OT_load_mapping,
    ops_mapping.MOUTHPIECE_OT_save_mapping,
    ops.MOUTHPIECE_OT_drop_recording,
    ops.MOUTHPIECE_FH_recording,
    ops_files.MOUTHPIECE_OT_add_demo_character,
    ops_files.MOUTHPIECE_OT_use_sample,
    ops_splats.MOUTHPIECE_OT_import_splats,
    ops_splat_select.MOUTHPIECE_OT_select_splats,
    ops_splats.MOUTHPIECE_FH_splats,
    ops_splats.MOUTHPIECE_OT_export_splat_head,
    ops_splats.MOUTHPIECE_OT_add_splat_head,
    ops_splats.MOUTHPIECE_OT_rest_splat_head,
    ops_splat_mesh.MOUTHPIECE_OT_make_splat_head,
    ops_splat_mesh.MOUTHPIECE_OT_follow_shapes,
    ops_splat_surfaces.MOUTHPIECE_OT_splat_surfaces,
    *ops_splat_timeline.CLASSES,
    ops_export_curves.MOUTHPIECE_OT_export_curves,
    ops_export.MOUTHPIECE_OT_export_fbx,
    ops_export.MOUTHPIECE_OT_export_gltf,
    ops_export.MOUTHPIECE_OT_export_usd,
    panels.MOUTHPIECE_PT_recording,
    panels.MOUTHPIECE_PT_character,
    panels_mapping.MOUTHPIECE_UL_drives,
    panels_mapping.MOUTHPIECE_MT_mapping,
    panels_mapping.MOUTHPIECE_PT_mapping,
    panels.MOUTHPIECE_PT_performance,
    panels_batch.MOUTHPIECE_PT_batch,
    panels_batch.MOUTHPIECE_PT_batch_strips,
    panels.MOUTHPIECE_PT_result,
    panels_splats.MOUTHPIECE_PT_splats,
    panels_splats.MOUTHPIECE_PT_splat_sliders,
    panels_splat_timeline.MOUTHPIECE_PT_splat_timeline,
    panels_splats.MOUTHPIECE_MT_add,
    panels_export.MOUTHPIECE_MT_export,
    panels_export.MOUTHPIECE_PT_export,
    *ops_film.CLASSES,
    *panels_film.CLASSES,
    props_video.MOUTHPIECE_PG_video,
    preferences.MOUTHPIECE_AP_preferences,
    ops_video.MOUTHPIECE_OT_perform_film,
    ops_video.MOUTHPIECE_OT_drop_film,
    ops_video.MOUTHPIECE_OT_make_portrait,
    ops_video.MOUTHPIECE_FH_film,
    ops_video.MOUTHPIECE_FH_portrait,
    panels_video.MOUTHPIECE_PT_video,
    props_heads.MOUTHPIECE_PG_heads,
    *ops_heads.CLASSES,
    *panels_heads.CLASSES,
    props_live.MOUTHPIECE_PG_live,
    *ops_live.CLASSES,
    *panels_live.CLASSES,
)
POINTERS = (
    (bpy.types.Scene, props_video.VIDEO, props_video.MOUTHPIECE_PG_video),
    (bpy.types.Scene, props_heads.HEADS, props_heads.MOUTHPIECE_PG_heads),
    (bpy.types.Scene, props_live.LIVE_SETTINGS, props_live.MOUTHPIECE_PG_live),
    (bpy.types.Scene, props_film.FILM, props_film.MOUTHPIECE_PG_film),
    (bpy.types.Scene, "mouthpiece", props.MOUTHPIECE_PG_settings),
    (bpy.types.Scene, BATCH, props_batch.MOUTHPIECE_PG_batch),
    (bpy.types.Scene, SCENE_MEMORIES, props_mapping.MOUTHPIECE_PG_rigs),
    (bpy.types.Object, OBJECT_MEMORY, props_mapping.MOUTHPIECE_PG_rig),
    (bpy.types.Object, FEELING, props_layers.MOUTHPIECE_PG_feeling),
    (bpy.types.Object, SPLATS, props_splats.MOUTHPIECE_PG_splats),
    (bpy.types.Action, LAYERS, props_layers.MOUTHPIECE_PG_layers),
)
MENUS = (
    (bpy.types.TOPBAR_MT_file_export, panels_export.draw_menu),
    (bpy.types.TOPBAR_MT_file_export, panels_splat_timeline.draw_export_splats),
    (bpy.types.TOPBAR_MT_file_import, panels_splats.draw_import),
    (bpy.types.TOPBAR_MT_file_import, panels_splat_timeline.draw_import_sequence),
    (bpy.types.VIEW3D_MT_add, panels_splats.draw_add),
)


@persistent
def end_job(*_: object) -> None:
    """Before another file is loaded and before Blender quits: no worker outlives its file."""
    LIVE.stop()
    DESK.clear()


def _handlers() -> list[tuple[list[Callable], Callable]]:
    """Each list of Blender's handlers with what joins it."""
    on = bpy.app.handlers
    rows = [
        (on.load_pre, end_job),
        (exit_handlers(), end_job),
        (on.save_pre, rest_live),
        (on.frame_change_post, show_live),
        (on.frame_change_post, show_files),
        (on.depsgraph_update_post, write_poses),
        (on.frame_change_post, write_poses),
        (on.depsgraph_update_post, note_changes),
        (on.frame_change_post, note_changes),
        *((changed, forget_written) for changed in (on.load_post, on.undo_post, on.redo_post)),
        *((changed, forget_files) for changed in (on.load_post, on.undo_post, on.redo_post)),
        (on.load_post, forget_splats),
        (on.undo_post, forget_splats),
        (on.redo_post, forget_splats),
    ]
    return [(handlers, handler) for handlers, handler in rows if handlers is not None]


def register() -> None:
    """Tell Blender everything."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    for owner, name, cls in POINTERS:
        setattr(owner, name, bpy.props.PointerProperty(type=cls))
    for menu, draw in MENUS:
        menu.append(draw)
    for handlers, handler in _handlers():
        handlers.append(handler)
    panels_film.join_panels()
    atexit.register(DESK.stop)
    atexit.register(LIVE.stop)
    cli_command.register()
    VIEWPORTS.start()
    ops_splat_select.add_keys()


def unregister() -> None:
    """Take it all back, in reverse."""
    ops_splat_select.remove_keys()
    VIEWPORTS.stop()
    cli_command.unregister()
    PREVIEW.clear()
    atexit.unregister(DESK.stop)
    atexit.unregister(LIVE.stop)
    LIVE.clear()
    end_job()
    panels_film.leave_panels()
    for handlers, handler in reversed(_handlers()):
        handlers.remove(handler)
    for menu, draw in reversed(MENUS):
        menu.remove(draw)
    for owner, name, _ in reversed(POINTERS):
        delattr(owner, name)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
