"""The worker's task "head": everything that is done with a head learned from a video, in the engine environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from .engine_needs import check_engine
from .errors import SettingError
from .learned import HeadFolder, stand_of

DONE = "Done"
PREPARED_PX = 512
"""Pixels of a prepared video; more only where more is learned from."""


class Screen(Protocol):
    """Who watches, and can be shown pictures. Any of these may raise to stop."""

    def progress(self, value: float, text: str) -> None:
        """Take note that value (0..1) of the work is done, and what is being done."""

    def warn(self, text: str) -> None:
        """Take note of something the user should know though the work goes on."""

    def show(self, path: Path, text: str) -> None:
        """Take note of a picture and what it shows."""


@dataclass(frozen=True, slots=True)
class HeadOrder:
    """source: a video (prepare, learn) or a recording (perform, clip). target: what is made, where something is.

    folder: where the head is learned; config, size (pixels learned from), length, device: see core.avatar.engine;
    face: which of several; fps, rig: of a performance.
    """

    source: Path
    target: Path
    folder: HeadFolder
    config: str = "mouthpiece"
    size: int = 160
    length: str = "usual"
    device: str = "auto"
    face: str = "largest"
    fps: float = 25.0
    rig: str = "arkit52"


Deed = Callable[[HeadOrder, Screen], dict[str, Any]]


def head_work(asked: Mapping[str, Any]) -> Callable[[Screen], dict[str, Any]]:
    """One of DEEDS with a learned head. Members: see docs/worker.md."""
    deed = DEEDS.get(str(asked.get("deed", "learn")))
    if deed is None:
        raise SettingError(f"The worker does not know the deed {asked.get('deed')!r}; install Mouthpiece again.")
    own = {name: kind(asked[name]) for name, kind in _MEMBERS.items() if name in asked}
    order = HeadOrder(Path(asked["input"]), Path(asked["output"]), HeadFolder(Path(asked["folder"])), **own)

    def run(screen: Screen) -> dict[str, Any]:
        check_engine("Learning heads")
        return deed(order, screen)

    return run


def _prepare(order: HeadOrder, screen: Screen) -> dict[str, Any]:
    return {"text": _prepared(order, screen, 1.0), "frames": stand_of(order.folder).pictures}


def _learn(order: HeadOrder, screen: Screen) -> dict[str, Any]:
    """Prepare where that was not done, learn to the end or on from where it stands, and bake."""
    from .avatar.engine import TrainJob, train

    begun = 0.0
    if not stand_of(order.folder).is_prepared or order.source.is_file():
        begun = 0.0 if _is_prepared(order) else 0.2
        _prepared(order, screen, begun)
    changes = (("size", str(order.size)),)
    job = TrainJob(order.folder.video, order.folder.training, order.config, changes, order.device, order.length)
    told = _words(train(job, part_of(screen, begun, 0.95), screen.show, as_begun=True))
    return {"text": f"{told}. Baked: {_bake(order, part_screen(screen, 0.95))['text']}", "frames": 1}


def _bake(order: HeadOrder, screen: Screen) -> dict[str, Any]:
    from .avatar.engine import bake

    screen.progress(0.0, "Baking")
    name = order.source.stem or order.folder.path.name
    told = bake(order.folder.training, order.target, order.folder.video, name)
    screen.progress(1.0, DONE)
    return {"text": f"{_words(told)}.", "frames": 1}


def _evaluate(order: HeadOrder, screen: Screen) -> dict[str, Any]:
    from .avatar.engine import evaluate

    screen.progress(0.0, "Judging")
    evaluate(order.folder.training, order.folder.video, order.folder.scores)
    screen.progress(1.0, DONE)
    return {"text": stand_of(order.folder).judged, "frames": 1}


def _perform(order: HeadOrder, screen: Screen) -> dict[str, Any]:
    from .avatar.say import perform_as

    count = perform_as(order.folder.training, order.source, (order.target, order.fps, order.rig), screen.progress)
    return {"frames": count, "seconds": round(count / order.fps, 4)}


def _clip(order: HeadOrder, screen: Screen) -> dict[str, Any]:
    from .avatar.say import clip_of

    wish = order.target, order.fps
    count = clip_of(order.folder.training, order.source, order.folder.video, wish, screen.progress)
    return {"frames": count, "seconds": round(count / order.fps, 4)}


DEEDS: dict[str, Deed] = {
    "prepare": _prepare,
    "learn": _learn,
    "bake": _bake,
    "evaluate": _evaluate,
    "perform": _perform,
    "clip": _clip,
}
_MEMBERS: dict[str, Callable[[Any], Any]] = {
    "config": str,
    "size": int,
    "length": str,
    "device": str,
    "face": str,
    "fps": float,
    "rig": str,
}


def _is_prepared(order: HeadOrder) -> bool:
    """Whether the folder holds this very video, prepared to the end."""
    from .avatar.prepare.run import holds

    return stand_of(order.folder).is_prepared and holds(order.folder.video, order.source)


def _prepared(order: HeadOrder, screen: Screen, end: float) -> str:
    from .avatar.engine import prepare

    if _is_prepared(order):
        return "The video was prepared before; nothing was done."
    size = max(PREPARED_PX, order.size)
    told = prepare(order.source, order.folder.video, (size, order.face), part_of(screen, 0.0, end))
    return _words(told)


def _words(sentence: str) -> str:
    """A sentence of the command line without the place before it, which the panel shows anyway."""
    return sentence.partition(": ")[2]


def part_of(screen: Screen, start: float, end: float) -> Callable[[float, str], None]:
    """Progress of a part of the work as progress of the whole."""
    return lambda value, text: screen.progress(start + (end - start) * value, text)


def part_screen(screen: Screen, start: float) -> Screen:
    """A screen whose progress is the rest of another's."""
    return _Rest(screen, start)


@dataclass(frozen=True, slots=True)
class _Rest:
    screen: Screen
    start: float

    def progress(self, value: float, text: str) -> None:
        self.screen.progress(self.start + (1 - self.start) * value, text)

    def warn(self, text: str) -> None:
        self.screen.warn(text)

    def show(self, path: Path, text: str) -> None:
        self.screen.show(path, text)
