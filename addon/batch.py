"""Several recordings in a row: which goes to whom, from which frame, and what is said in it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import bpy

from ..core.batch.findings import mapping_holes
from ..core.batch.holes import lost_controls
from ..core.batch.naming import CastRule, character_of
from ..core.batch.plan import RECORDINGS, TRANSCRIPTS
from ..core.batch.wordfiles import read_words
from ..core.errors import AudioError, CoreError, RigError
from ..core.speech.script import Script
from ..core.types import Performance
from .bridge.character import Character, find_character
from .bridge.family import family_of, head_of_family
from .bridge.memory import kept_of
from .bridge.shown import shown_mapping
from .bridge.strips import note_own_strip, selected_sounds, spoken, trim_take
from .compat import sequencer_scene
from .delivery import Delivery
from .guidance import guidance_of
from .props import chosen_object, request_for, settings_of, start_of
from .props_batch import BATCH
from .request import Reference, Request, rate_of


@dataclass(frozen=True, slots=True)
class Line:
    """One recording of several, in plain values that outlive undo.

    name:      what messages call it.
    request:   what to do; None where that could not be found out.
    fault:     why not, one sentence.
    heard:     first and last frame at which a strip of the user's plays it; None where there is no such strip.
    remembers: whether the panel's choices are to be kept with the character; another one keeps its own.
    """

    name: str
    request: Request | None = None
    fault: str = ""
    heard: tuple[int, int] | None = None
    remembers: bool = True

    def delivery(self) -> LineDelivery:
        """The way of its result into the file. Raises: RigError where there is nothing to do."""
        if self.request is None:
            raise RigError(self.fault)
        return LineDelivery(self)


class LineDelivery(Delivery):
    """One recording of several on its way into the file; that of a strip shows only while the strip is heard."""

    def __init__(self, line: Line) -> None:
        # The scene need not show what of the recording the strip leaves out.
        super().__init__(replace(line.request, extend_end=False) if line.heard else line.request)
        self.remembers = line.remembers
        self._heard = line.heard
        self._extend_end = line.request.extend_end

    def finish(self, sequencer: bpy.types.Scene | None = None) -> tuple[str, ...]:
        """Show the keys. Raises: RigError, before anything is changed."""
        action, take = self._draft.action, self._plan.take
        warnings = (*super().finish(sequencer), *_holes(self._targets()[1], take.performance))
        if self._heard:
            scene, character = self._targets()
            trim_take(character.owners, action, *self._heard)
            note_own_strip(action)
            if self._extend_end:
                scene.frame_end = max(scene.frame_end, min(self._heard[1], take.end))
        return warnings


def lines_of_strips(context: bpy.types.Context) -> tuple[Line, ...]:
    """A line for each selected sound strip. Raises: RigError when there is none, or its frames are not the scene's."""
    scene = context.scene
    shown = sequencer_scene(context, scene)
    strips = selected_sounds(shown)
    if not strips:
        raise RigError("No sound strip is selected; select some in the sequencer.")
    if not math.isclose(rate_of(shown), rate_of(scene), rel_tol=1e-6):
        raise RigError(f"{shown.name} and {scene.name} have different frame rates; give them the same.")
    return tuple(_of_strip(context, strip) for strip in strips)


def lines_of_folder(context: bpy.types.Context) -> tuple[Line, ...]:
    """A line for each recording of the folder, one behind another. Raises: AudioError when there is none."""
    batch, scene = getattr(context.scene, BATCH), context.scene
    start, fps, found = start_of(scene, settings_of(context)), rate_of(scene), []
    for recording in recordings_in(batch.folder):
        found.append(_line(context, recording, 0, start))
        length_s = _length_s(recording)
        start += math.ceil((length_s + batch.gap_s) * fps) if length_s else 0
    return tuple(found)


def recordings_in(folder: str) -> list[Path]:
    """The recordings of a folder, but not of folders in it, in order of their names. Raises: AudioError."""
    if not folder:
        raise AudioError("No folder is chosen; choose one that holds recordings.")
    path = Path(bpy.path.abspath(folder))
    if not path.is_dir():
        raise AudioError(f'There is no folder "{path.name}"; choose one that exists.')
    try:
        files = sorted(path.iterdir())
    except OSError:
        raise AudioError(f'The folder "{path.name}" cannot be read; check its permissions.') from None
    found = [file for file in files if file.suffix.lower() in RECORDINGS and not file.name.startswith(".")]
    if not found:
        raise AudioError(f'The folder "{path.name}" holds no recording ({", ".join(RECORDINGS)}).')
    return found


def cast_for(
    rules: Iterable[bpy.types.PropertyGroup], stem: str, channel: int, otherwise: bpy.types.Object | None
) -> bpy.types.Object:
    """Whose line a recording is: that of the first rule it fits; without any rules the character of the panel.

    channel: of its strip; 0 where there is none. Raises: RigError.
    """
    rules = list(rules)
    if rules:
        fitting = [rule for rule in rules if rule.channel in (0, channel)]
        patterns = tuple(CastRule(rule.pattern.strip() or "*", str(place)) for place, rule in enumerate(fitting))
        place = character_of(stem, patterns)
        if not place:
            raise RigError("No rule of the cast fits it; add one, or one for any name and channel at the end.")
        otherwise = fitting[int(place)].character
    if otherwise is None:
        raise RigError("No character is chosen for it; select one or choose one in the cast.")
    return otherwise


def _of_strip(context: bpy.types.Context, strip: bpy.types.SoundStrip) -> Line:
    try:
        found = spoken(strip)
    except RigError as error:
        return Line(strip.name, fault=str(error))
    line = _line(context, found.recording, found.channel, found.start)
    if line.request is None:
        return replace(line, name=strip.name)
    request = replace(line.request, with_sound=False)
    return replace(line, name=strip.name, request=request, heard=(found.first, found.last))


def _line(context: bpy.types.Context, recording: Path, channel: int, start: int) -> Line:
    """What the panel and the cast say about a recording. Nothing is raised: others may well go on."""
    scene, panel = context.scene, chosen_object(context)
    try:
        chosen = cast_for(getattr(scene, BATCH).rules, recording.stem, channel, panel)
        root = _root(chosen)
        own = panel is not None and _root(panel) == root
        request = replace(request_for(context, recording, chosen), start=start, judged=True)
        if not own:
            request = _headed(request, root)
        find_character(chosen, request.head_choice())
        guidance = replace(guidance_of(scene, start, chosen), script=_script(recording, settings_of(context)))
    except CoreError as error:
        return Line(recording.name, fault=str(error))
    return Line(recording.name, replace(request, guidance=guidance), remembers=own)


def _holes(character: Character, performance: Performance) -> Iterator[str]:
    """What moves in a performance and nothing of the character's own mapping shows, in a sentence."""
    if character.mapping:
        mapping = shown_mapping(character)
        yield from (found.text for found in mapping_holes(mapping, lost_controls(performance.curves, mapping)))


def _headed(request: Request, root: bpy.types.Object) -> Request:
    """The request with the head of a character that the panel does not show: as it was last, else its head bone."""
    memory = kept_of(root)
    if memory is None:
        return replace(request, head_mode="AUTO", head=None, head_bone="")
    head = Reference.to(memory.head_object) if memory.head_object else None
    return replace(request, head_mode=memory.head_mode, head=head, head_bone=memory.head_bone)


def _script(recording: Path, settings: bpy.types.PropertyGroup) -> Script | None:
    """What the file beside a recording says. Raises: CoreError."""
    for path in _transcripts(recording):
        return read_words(path, settings.script.language.strip() or "en")
    return None


def _transcripts(recording: Path) -> Iterator[Path]:
    for ending in TRANSCRIPTS:
        path = recording.with_suffix(ending)
        if path.is_file():
            yield path


def _length_s(recording: Path) -> float:
    """How long a recording lasts; 0 for one that cannot be read, which the worker will refuse in a sentence."""
    import soundfile

    try:
        return soundfile.info(str(recording)).duration
    except (RuntimeError, OSError):
        return 0.0


def _root(chosen: bpy.types.Object) -> bpy.types.Object:
    return head_of_family(family_of(chosen))
