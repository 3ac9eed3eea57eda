"""A whole errand without a window: open a file, animate its character, save another file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import bpy

from ..core.errors import Cancelled, FormatError, RigError
from ..core.formats import check_target, read_performance, write_performance
from ..core.formats.atomic import check_place, replacing
from ..core.guidance import Guidance
from ..core.rig.convert import to_rig
from ..core.speech.phone_files import check_track_target, write_track
from ..core.terminal import TerminalReporter
from ..core.types import Performance
from .bridge.character import find_character
from .bridge.memory import memory_of
from .bridge.splat_heads import heads_among
from .delivery import apply
from .guidance import felt
from .job import Job
from .places import CHARACTERS, worker_command
from .request import Reference, Request


@dataclass(frozen=True, slots=True)
class Errand:
    """One run of the command line, with absolute paths.

    character: name of an object or a collection; None for the only character of the file.
    start:     scene frame; None for the scene's first.
    """

    recording: Path
    output: Path
    blend: Path | None = None
    character: str | None = None
    start: int | None = None
    seed: int = 0
    csv: Path | None = None
    phones_out: Path | None = None
    guidance: Guidance = field(default_factory=Guidance)
    suggest: bool = False


def run_errand(errand: Errand) -> str:
    """Do it.

    Returns: a line that says what was made, before it one that says what emotion was heard if that was asked.
    Raises: CoreError; then nothing has been written.
    """
    _check_targets(errand)
    _open(errand.blend or CHARACTERS["WOMAN"])
    scene = bpy.context.scene
    chosen = _pick(errand.character)
    start = scene.frame_start if errand.start is None else errand.start
    request = Request(
        recording=errand.recording,
        scene=Reference.to(scene),
        character=Reference.to(chosen),
        start=start,
        seed=errand.seed,
        guidance=felt(errand.guidance, scene, start, chosen),
        suggest=errand.suggest or errand.guidance.as_heard,
    )
    frames, heard = _perform(request, errand)
    made = f"{errand.output}: {frames} frames on {find_character(chosen).name} from frame {request.start}"
    return f"heard: {heard}\n{made}" if heard else made


def _check_targets(errand: Errand) -> None:
    """What would stop us at the end is found at the start."""
    if errand.output.suffix.lower() != ".blend":
        raise FormatError(f'"{errand.output.name}" must end in .blend; name the result such a file.')
    check_place(errand.output)
    if errand.csv:
        check_target(errand.csv)
    if errand.phones_out:
        check_track_target(errand.phones_out)


def _open(blend: Path) -> None:
    if not blend.is_file():
        raise RigError(f'There is no file "{blend.name}"; give --blend a .blend file that exists.')
    try:
        with _quiet():
            bpy.ops.wm.open_mainfile(filepath=str(blend), load_ui=False, use_scripts=False)
    except RuntimeError as error:
        raise RigError(f'"{blend.name}" cannot be opened as a .blend file; save it anew in Blender.') from error


def _pick(name: str | None) -> bpy.types.Object:
    """The object a name means. Raises: RigError when it means none, or when no name is given and several would do."""
    if name is None:
        return _only_character()
    if name in bpy.data.objects:
        return bpy.data.objects[name]
    members = bpy.data.collections[name].all_objects if name in bpy.data.collections else ()
    for kind in ("ARMATURE", "MESH", "POINTCLOUD"):
        for member in members:
            if member.type == kind:
                return member
    raise RigError(f'The file has no object or collection named "{name}"; give --object one of its characters.')


def _only_character() -> bpy.types.Object:
    found = {}
    for candidate in bpy.context.scene.objects:
        shaped = candidate.type == "MESH" and candidate.data.shape_keys
        if shaped or memory_of([candidate]) or any(heads_among([candidate])):
            try:
                found.setdefault(find_character(candidate).name, candidate)
            except RigError:
                continue
    if not found:
        raise RigError(
            "No mesh in the file has shape keys with ARKit names (jawOpen, mouthClose ...), nor has anything a mapping."
        )
    if len(found) > 1:
        raise RigError(f"The file has several characters ({', '.join(found)}); say which with --object.")
    return next(iter(found.values()))


def _perform(request: Request, errand: Errand) -> tuple[int, str]:
    """Run the worker, write the result. Returns: the number of frames, and the emotion heard if that was asked."""
    job = Job(worker_command(), request.order())
    try:
        with TerminalReporter(sys.stderr) as reporter:
            _watch(job, reporter)
            output = job.progress.result()
            for warning in apply(request, output):
                reporter.warn(warning)
        performance = read_performance(output)
        _save(errand, performance)
    except KeyboardInterrupt:
        raise Cancelled("Cancelled; nothing was written.") from None
    finally:
        job.close()
    return len(performance.head), job.progress.heard


def _watch(job: Job, reporter: TerminalReporter) -> None:
    told = 0
    while job.running:
        if job.drain(wait_s=0.2):
            reporter.progress(job.progress.value, job.progress.text)
            for warning in job.progress.warnings[told:]:
                reporter.warn(warning)
            told = len(job.progress.warnings)


def _save(errand: Errand, performance: Performance) -> None:
    """Write all files or, when one of them cannot be written, not the .blend."""
    with replacing(errand.output) as temporary:
        try:
            with _quiet():
                bpy.ops.wm.save_as_mainfile(filepath=str(temporary), copy=True, check_existing=False)
        except RuntimeError as error:
            raise FormatError(f'"{errand.output.name}" cannot be written; choose another place.') from error
        if errand.csv:
            write_performance(errand.csv, to_rig(performance, "arkit52"))
        if errand.phones_out:
            write_track(errand.phones_out, performance.phones)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Blender's own remarks, which name our temporary file, off both streams."""
    streams = (sys.stdout, sys.stderr)
    for stream in streams:
        stream.flush()
    kept = [os.dup(number) for number in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)
    try:
        yield
    finally:
        for number, stream in zip((1, 2), kept, strict=True):
            os.dup2(stream, number)
        for number in (nowhere, *kept):
            os.close(number)
