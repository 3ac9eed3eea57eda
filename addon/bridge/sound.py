"""The recording as a strip in the sequencer, in sync with the keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bpy

from ..compat import strip_span, strip_start
from .keys import Take

_CHANNELS = 128


def add_sound(scene: bpy.types.Scene, take: Take) -> tuple[str, ...]:
    """Lay the recording at the take's start on a free channel, once.

    Returns: warnings; a sound Blender cannot play is removed again, for the keys do not need it.
    """
    if find_sound(scene, take.recording, take.start):
        return ()
    editor = scene.sequence_editor or scene.sequence_editor_create()
    channel = _free_channel(editor, take.start, take.end)
    if channel is None:
        return (f"Every sequencer channel of {scene.name} is taken at frame {take.start}, so no sound was added.",)
    strip = editor.strips.new_sound(Path(take.recording).name, stored_path(take.recording), channel, take.start)
    sound = strip.sound
    # Blender does not complain about a sound it cannot read; it makes a strip of one silent frame.
    if sound is None or sound.channels == "INVALID" or sound.samplerate == 0:
        editor.strips.remove(strip)
        if sound is not None and sound.users == 0:
            bpy.data.sounds.remove(sound)
        return (f"Blender cannot play {Path(take.recording).name}, so the timeline has no sound.",)
    strip.show_waveform = True
    return ()


def stored_path(recording: str) -> str:
    """How a .blend file remembers a recording: beside itself when it is saved and the user likes that, else in full."""
    full = str(_absolute(recording))
    if not (bpy.data.filepath and bpy.context.preferences.filepaths.use_relative_paths):
        return full
    try:
        return bpy.path.relpath(full)
    except ValueError:  # on Windows nothing leads from one drive to another
        return full


def find_sound(scene: bpy.types.Scene, recording: str, start: int) -> bpy.types.SoundStrip | None:
    """The strip that plays a recording from a frame on, or None."""
    wanted = _absolute(recording)
    for strip in _sound_strips(scene):
        if strip.sound and _absolute(strip.sound.filepath) == wanted and strip_start(strip) == start:
            return strip
    return None


def remove_sound(scene: bpy.types.Scene, recording: str, start: int) -> None:
    """Take away the strip that add_sound made, if it is still there."""
    strip = find_sound(scene, recording, start)
    if strip is None:
        return
    sound = strip.sound
    scene.sequence_editor.strips.remove(strip)
    if sound.users == 0:
        bpy.data.sounds.remove(sound)


def play_in_sync(scene: bpy.types.Scene) -> None:
    """Let playback drop frames rather than lose the sound, and let scrubbing be heard."""
    scene.sync_mode = "AUDIO_SYNC"
    scene.use_audio_scrub = True


def _sound_strips(scene: bpy.types.Scene) -> Iterator[bpy.types.SoundStrip]:
    if scene.sequence_editor:
        for strip in scene.sequence_editor.strips:
            if strip.type == "SOUND":
                yield strip


def _absolute(path: str) -> Path:
    return Path(bpy.path.abspath(path)).resolve()


def _free_channel(editor: bpy.types.SequenceEditor, start: int, end: int) -> int | None:
    """The lowest channel with room from start to a frame behind end (a sound may round up by one)."""
    taken = set()
    for strip in editor.strips:
        first, behind = strip_span(strip)
        if first <= end + 1 and behind >= start:
            taken.add(strip.channel)
    return next((channel for channel in range(1, _CHANNELS + 1) if channel not in taken), None)
