"""The folder that a head is learned in, as anybody may look at it: what is prepared, learned and judged so far.

Nothing here needs the engine environment: Blender's panel reads it each time it is drawn.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from .arrays import check
from .errors import FormatError, ShapeError
from .formats.atomic import replacing
from .paths import shown

MOST_TITLE = 48
"""Bytes of a clip's name."""
MOST_HEADER = 1 << 24
"""Bytes of a checkpoint's header that are believed."""


@dataclass(frozen=True, slots=True)
class HeadFolder:
    """Where everything about one learned head lies.

    video: the prepared folder; training: the run; report: how the video was tracked; newest: held-out frames as they
    are drawn now; scores: the last judgement.
    """

    path: Path

    @property
    def video(self) -> Path:
        return self.path / "video"

    @property
    def training(self) -> Path:
        return self.path / "training"

    @property
    def report(self) -> Path:
        return self.video / "report.html"

    @property
    def newest(self) -> Path:
        return self.training / "newest.safetensors"

    @property
    def scores(self) -> Path:
        return self.path / "scores.json"

    @property
    def files(self) -> tuple[Path, ...]:
        """All that stand_of looks at; when none of them changed, neither did the answer."""
        own = (self.training / "settings.json", self.training / "checkpoint.safetensors")
        return (self.video / "prepared.json", *own, self.scores)


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a head is. pictures, fps: of the prepared video, 0 before it is. step, steps: learned and meant.

    configuration, size: what it is made with, and pixels learned from (0: all there are); minutes: spent so far;
    judged: the last judgement in one line, "" without one.
    """

    pictures: int = 0
    fps: float = 0.0
    step: int = 0
    steps: int = 0
    configuration: str = ""
    size: int = 0
    minutes: float = 0.0
    judged: str = ""

    @property
    def is_prepared(self) -> bool:
        return self.pictures > 0

    @property
    def is_learned(self) -> bool:
        """Whether there is something to bake."""
        return self.step > 0

    @property
    def is_done(self) -> bool:
        return 0 < self.steps <= self.step

    def sentences(self) -> tuple[str, ...]:
        """For people, one line each."""
        if not self.is_prepared:
            return ("Nothing is prepared yet.",)
        seconds = self.pictures / self.fps
        told = [f"Prepared: {self.pictures:,} pictures, {seconds:.0f} s."]
        if self.is_learned:
            took = f"{self.minutes:.0f} minutes" if self.minutes >= 1.5 else f"{self.minutes * 60:.0f} s"
            kind = f"{self.configuration} at {self.size} pixels" if self.size else self.configuration
            told.append(f"Learned: {self.step:,} of {self.steps:,} steps of {kind}, {took}.")
        return tuple(told)


def clip_title(recording: Path) -> str:
    """What the clip of a recording is called: its name, no longer than a property of Blender's may be."""
    return recording.stem.encode()[:MOST_TITLE].decode(errors="ignore")


def stand_of(folder: HeadFolder) -> Stand:
    """How far a head is, by what lies in its folder. What is missing or damaged counts as not there."""
    return _stand_at(folder, tuple(_stamp(path) for path in folder.files))


@lru_cache(maxsize=8)
def _stand_at(folder: HeadFolder, stamps: tuple[int, ...]) -> Stand:
    """The same, looked up once for each state of the files: panels ask several times a second."""
    prepared, settings = _words(folder.video / "prepared.json"), _words(folder.training / "settings.json")
    training, stages = _training(folder.training / "checkpoint.safetensors"), settings.get("stages", {})
    try:
        return Stand(
            int(prepared.get("count", 0)),
            float(prepared.get("fps", 25.0)) or 25.0,
            int(training.get("step", 0)),
            sum(int(stages.get(stage, 0)) for stage in ("static", "deform", "lips")),
            str(settings.get("name", "")),
            int(settings.get("size", 0)),
            float(training.get("facts", {}).get("seconds", 0.0)) / 60,
            str(_words(folder.scores).get("sentence", "")),
        )
    except (AttributeError, TypeError, ValueError):
        return Stand()


@dataclass(frozen=True, slots=True, eq=False)
class Newest:
    """A held-out frame beside the same as the head draws it. pictures: uint8 [2, H, W, 3], display space, the video's
    first. step: when it was drawn. decibels: PSNR of the head, mean over some held-out frames.
    """

    pictures: np.ndarray
    step: int
    decibels: float

    def __post_init__(self) -> None:
        check("Newest.pictures", self.pictures, (2, "H", "W", 3), np.uint8)

    def sentence(self) -> str:
        """For people."""
        return f"After {self.step:,} steps: {self.decibels:.1f} dB on frames it never learned from"


def write_newest(path: Path, newest: Newest) -> None:
    """Write newest.safetensors, whole or not at all."""
    from safetensors.numpy import save

    words = {"step": str(newest.step), "decibels": f"{newest.decibels:.4f}"}
    data = save({"pictures": np.ascontiguousarray(newest.pictures)}, words)
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def read_newest(path: Path) -> Newest:
    """Read newest.safetensors. Raises FormatError when it is missing or damaged."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="numpy") as file:
            words = file.metadata() or {}
            return Newest(file.get_tensor("pictures"), int(words["step"]), float(words["decibels"]))
    except (OSError, SafetensorError, ShapeError, LookupError, ValueError):
        raise FormatError(f"{shown(path)} is missing or damaged; learn on, and it is drawn again.") from None


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _words(path: Path) -> dict:
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return words if isinstance(words, dict) else {}


def _training(path: Path) -> dict:
    """The words in a checkpoint's header, without its tensors. Format: safetensors, an int64 length and that JSON."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length)) if length < MOST_HEADER else {}
        return json.loads(header["__metadata__"]["training"])
    except (OSError, struct.error, LookupError, TypeError, ValueError):
        return {}
