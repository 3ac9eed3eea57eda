"""What a worker can be asked for, by the name of its task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .animate import AnimateJob, Reporter, animate
from .engine_tasks import film_work, portrait_work
from .errors import SettingError
from .guidance import guidance_from, heard_text
from .head_tasks import head_work
from .live_tasks import live_work
from .rig.presets import preset_of

UPDATE = "install Mouthpiece again"
MOST_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Work:
    """target: the file that is made. run: makes it, telling a reporter, and returns members of the result event.

    patience_s: how long it may go on when it is stopped, to keep what is done.
    """

    target: Path
    run: Callable[[Reporter], dict[str, Any]]
    patience_s: float = 0.0


def work_from(asked: Mapping[str, Any]) -> Work:
    """The work a job line asks for. Raises SettingError for an unknown task, or one that lacks something."""
    make = TASKS.get(asked.get("task", ""))
    if make is None:
        raise SettingError(f"The worker does not know the task {asked.get('task')!r}; {UPDATE}.")
    try:
        patience_s = min(max(float(asked.get("patience", 0.0)), 0.0), MOST_PATIENCE_S)
        return Work(Path(asked["output"]), make(asked), patience_s)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise SettingError(f"The job line sent to the worker lacks something or has a wrong value; {UPDATE}.") from None


def _animate_work(asked: Mapping[str, Any]) -> Callable[[Reporter], dict[str, Any]]:
    job = AnimateJob(
        source=Path(asked["input"]),
        target=Path(asked["output"]),
        fps=float(asked.get("fps", 60.0)),
        seed=int(asked.get("seed", 0)),
        rig=str(asked.get("rig", "arkit52")),
        guidance=guidance_from(asked),
        suggest=asked.get("suggest") is True,
        judged_by=preset_of(asked["judge"]) if "judge" in asked else None,
    )

    def run(reporter: Reporter) -> dict[str, Any]:
        report = animate(job, reporter)
        made: dict[str, Any] = {"seconds": round(report.duration_s, 4), "frames": report.frames}
        made |= {"heard": heard_text(report.suggestion)} if report.suggestion else {}
        return made | ({"entry": report.entry} if report.entry else {})

    return run


TASKS: dict[str, Callable[[Mapping[str, Any]], Callable[[Reporter], dict[str, Any]]]] = {
    "animate": _animate_work,
    "film": film_work,
    "portrait": portrait_work,
    "head": head_work,
    "live": live_work,
}
"""film, portrait, head and live run in the engine environment only and say so elsewhere."""
