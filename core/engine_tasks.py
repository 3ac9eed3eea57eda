"""The worker's tasks that need the engine environment: performances off films, heads of portraits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .animate import Reporter
from .blend.shares import wishes_from
from .engine_needs import check_engine

Run = Callable[[Reporter], dict[str, Any]]


def film_work(asked: Mapping[str, Any]) -> Run:
    """A film as a performance, alone or blended with what its own sound makes of the face.

    Members: input, output, fps, rig, seed, face, wishes (see core.blend.shares.wishes_from), reach (how far the
    person's own extremes are to go, above 0 to 1; left out: as far as they go).
    """
    source, target = Path(asked["input"]), Path(asked["output"])
    fps, rig, seed = float(asked["fps"]), str(asked.get("rig", "arkit52")), int(asked.get("seed", 0))
    face, asks = str(asked.get("face", "largest")), wishes_from(asked.get("wishes", {}))
    reach = float(asked["reach"]) if asked.get("reach") else None

    def run(reporter: Reporter) -> dict[str, Any]:
        check_engine("Reading a performance off a film")
        from .video.performed import FilmJob, perform_film

        report = perform_film(FilmJob(source, target, fps, rig, seed, face, asks, reach), reporter)
        return {"frames": report.frames, "seconds": round(report.frames / fps, 4), "text": report.told}

    return run


def portrait_work(asked: Mapping[str, Any]) -> Run:
    """A picture as a head of splats. Members: input, output, face (from the left, 1 up; 0 for the only one), more
    (pictures of the same person from other sides).
    """
    source, target = Path(asked["input"]), Path(asked["output"])
    face = int(asked["face"]) if asked.get("face") else None
    more = tuple(Path(one) for one in asked.get("more", ()))

    def run(reporter: Reporter) -> dict[str, Any]:
        check_engine("Making a portrait's head")
        from .portrait.portrait import PortraitBrief, portrait_from_file
        from .splat.head_files import write_head

        made = portrait_from_file(source, PortraitBrief(face=face), reporter.progress, more)
        for note in made.notes:
            reporter.warn(note)
        write_head(made.head, target)
        return {"frames": 1}

    return run
