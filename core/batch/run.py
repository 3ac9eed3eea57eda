"""A batch from its plan to its report."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..errors import CoreError, SettingError
from ..paths import shown
from .crew import Crew, Errand
from .hand import command
from .naming import folded
from .plan import Item
from .report import ENDINGS, Report, entry_of, write_report
from .settings import Settings
from .state import Memory, content_key, is_done, make_folder, strangers

DONE, KEPT, REFUSED, FAULT = "done", "kept", "refused", "fault"
"""How a recording may end: performed now, done before, refused with a sentence, stopped by a fault of our own."""


class Watcher(Protocol):
    """Whoever watches a batch."""

    def ended(self, entry: dict[str, Any], count: int, total: int) -> None:
        """Take note that a recording, the count-th of total, has ended."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a batch goes about its work.

    processes: how many recordings at a time.
    resume:    leave what an earlier run has done, and do the rest.
    overwrite: write over files that are there.
    report:    name of the report's files in the output folder, without ending.
    """

    processes: int = 1
    resume: bool = False
    overwrite: bool = False
    report: str = "report"

    def __post_init__(self) -> None:
        if not 1 <= self.processes <= 256:
            raise SettingError(f"The number of processes must be 1 to 256, but is {self.processes}.")
        if not self.report or Path(self.report).name != self.report:
            raise SettingError(f'The report "{self.report}" must be a plain name without folder or ending.')


@dataclass(slots=True)
class _Job:
    """A batch under way. entries: for each item its part of the report, as far as it has ended."""

    items: tuple[Item, ...]
    settings: Settings
    manner: Manner
    memory: Memory
    watcher: Watcher
    entries: dict[int, dict[str, Any]]
    keys: dict[int, str]

    def end(self, number: int, entry: dict[str, Any]) -> None:
        """Take note of how an item ended."""
        self.entries[number] = entry
        self.watcher.ended(entry, len(self.entries), len(self.items))


def default_processes() -> int:
    """Half of the cores, at least one: each process takes one, and people work beside a batch."""
    return max(1, (os.cpu_count() or 2) // 2)


def run_batch(items: tuple[Item, ...], folder: Path, settings: Settings, manner: Manner, watcher: Watcher) -> Report:
    """Do every item and write the report; what is wrong with one recording stops no other.

    folder: where outputs and report go; it is made if it is not there.
    Returns the report. Raises SettingError where files would be written over, FormatError for a folder that cannot be
    written; KeyboardInterrupt passes through, after all processes have ended and with nothing half written.
    """
    started = time.time()
    _check_report(items, folder / manner.report)
    make_folder(folder)
    job = _Job(items, settings, manner, Memory(folder), watcher, {}, {})
    if not (manner.resume or manner.overwrite):
        _check_free(items, folder / f"{manner.report}.html")
    _do(job, tuple(_waiting(job)))
    entries = tuple(job.entries[number] for number in range(len(items)))
    report = Report(settings.members(), entries, started, time.time() - started)
    write_report(folder / manner.report, report)
    return report


def _waiting(job: _Job) -> Iterator[Errand]:
    """What is left to be done; what is done or cannot be is noted."""
    for number, item in enumerate(job.items):
        try:
            job.keys[number] = content_key(item, job.settings)
            record = job.memory.recall(item)
            if job.manner.resume and is_done(item, record, job.keys[number]):
                job.end(number, entry_of(item, KEPT, record["entry"]))
                continue
            _check_ours(item, record, job.manner.overwrite)
            for target in item.targets:
                make_folder(target.parent)
            yield Errand(number, _asked(item, job.settings))
        except CoreError as error:
            job.end(number, entry_of(item, REFUSED, {"sentence": str(error)}))


def _do(job: _Job, errands: tuple[Errand, ...]) -> None:
    """Let the hands work through what is left."""
    if not errands:
        return
    for errand in errands:
        job.memory.begin(job.items[errand.number])
    size = min(job.manner.processes, len(errands))
    with Crew(command(1 if size > 1 else 2), size) as crew:
        for number, answer in crew.answers(errands):
            job.end(number, _ended(job, number, answer))


def _ended(job: _Job, number: int, answer: dict[str, Any]) -> dict[str, Any]:
    """An item's part of the report by what its hand answered."""
    item = job.items[number]
    if "entry" in answer:
        job.memory.finish(item, job.keys[number], answer["entry"])
        return entry_of(item, DONE, answer["entry"])
    job.memory.forget(item)
    if "bug" in answer:
        sentence = f"Mouthpiece has a fault of its own here ({answer['bug']}); please report {answer['log']}."
        return entry_of(item, FAULT, {"sentence": sentence})
    return entry_of(item, REFUSED, {"sentence": answer["sentence"]})


def _asked(item: Item, settings: Settings) -> dict[str, Any]:
    return {
        "source": str(item.source),
        "transcript": str(item.transcript) if item.transcript else None,
        "targets": [str(target) for target in item.targets],
        "settings": settings.members(),
    }


def _check_report(items: tuple[Item, ...], base: Path) -> None:
    """Raise SettingError if an output has the name of the report."""
    names = {folded(str(base.with_name(base.name + ending))) for ending in ENDINGS}
    clash = next((target for item in items for target in item.targets if folded(str(target)) in names), None)
    if clash:
        raise SettingError(f"{shown(clash)} would be both an output and the report; give --report another name.")


def _check_free(items: tuple[Item, ...], report: Path) -> None:
    """Raise SettingError if anything would be written over."""
    there = [target for item in items for target in item.targets if target.exists()]
    there += [report] if report.exists() else []
    if there:
        others = f" and {len(there) - 1} more files are" if len(there) > 1 else " is"
        raise SettingError(
            f"{shown(there[0])}{others} there already; add --resume to go on with an earlier run, --overwrite to "
            "write over them, or choose another folder."
        )


def _check_ours(item: Item, record: dict[str, Any], overwrite: bool) -> None:
    """Raise SettingError if an output is there that is not ours to write over."""
    foreign = () if overwrite else strangers(item, record)
    if foreign:
        raise SettingError(
            f"{shown(foreign[0])} was not written by a batch or was changed since; move it away or add --overwrite."
        )
