"""A performance from one file into another: another format, rig, rate, or only a part of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from .errors import FormatError
from .formats import FileFormat, Placing, check_target, format_for, format_named, read_performance, write_performance
from .formats.dna_board import DNA_RIG, narrowed
from .formats.file_format import rig_named
from .paths import shown
from .retime import at_rate, trimmed
from .rig.convert import to_rig
from .types import Performance


@dataclass(frozen=True, slots=True)
class ConvertJob:
    """What is to be done.

    to:     name of the format to write, one of core.formats.FORMATS; what the target's ending means where empty.
    rig:    one of core.formats.WRITTEN_RIGS; empty keeps the rig if the format takes it.
    fps:    frames per second, 1..240; None keeps the rate.
    from_s, to_s: the part to take, in seconds.
    force:  whether a file that is there may be replaced.
    """

    source: Path
    target: Path
    to: str = ""
    rig: str = ""
    fps: float | None = None
    from_s: float = 0.0
    to_s: float = math.inf
    placing: Placing = field(default_factory=Placing)
    force: bool = False


@dataclass(frozen=True, slots=True)
class ConvertReport:
    """What was written: how many frames at what rate, whose curves, and as what."""

    frames: int
    fps: float
    rig: str
    title: str


def convert(job: ConvertJob) -> ConvertReport:
    """Do a job. Raises a CoreError for anything the user can mend; then nothing has been written."""
    form = format_named(job.to) if job.to else None
    _check_target(job, form)
    performance = read_performance(job.source)
    performance = trimmed(performance, job.from_s, job.to_s)
    if job.fps is not None:
        performance = at_rate(performance, job.fps)
    if job.rig:
        performance = in_rig(performance, job.rig)
    form = form or format_for(job.target, performance.curves.names)
    if not job.rig and not form.takes(performance.curves.names):
        performance = in_rig(performance, form.rigs[0])
    write_performance(job.target, performance, form, job.placing)
    curves = performance.curves
    rig = rig_named(curves.names) or f"{len(curves.names)} controls"
    return ConvertReport(len(curves.values), curves.fps, rig, form.title)


def in_rig(performance: Performance, rig: str) -> Performance:
    """The performance in the words of a rig, one of core.formats.WRITTEN_RIGS; as it is where it has them already.

    Raises RigError for curves that cannot be turned into that rig's.
    """
    if rig_named(performance.curves.names) == rig:
        return performance
    return narrowed(to_rig(performance, "metahuman")) if rig == DNA_RIG else to_rig(performance, rig)


def _check_target(job: ConvertJob, form: FileFormat | None) -> None:
    """Raise FormatError for a place or name that will not do, before anything is read."""
    check_target(job.target)
    if form and form.ending != job.target.suffix.lower():
        raise FormatError(f"{form.title} files end in {form.ending}; give {shown(job.target)} that ending.")
    if job.target.exists() and not job.force:
        raise FormatError(f"{shown(job.target)} exists; choose another name, or replace it with --force.")
