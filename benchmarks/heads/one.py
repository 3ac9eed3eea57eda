"""One way of learning on one prepared video: trained, judged, baked, and what it cost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from core.avatar.bake import BakeWish
from core.avatar.drive import Scene, drawn_splats
from core.avatar.evaluate import judged
from core.avatar.played import Played
from core.avatar.prepared import Prepared
from core.avatar.raster.protocol import Gaussians, Rasteriser
from core.avatar.runs import Run, bake_run, open_run
from core.avatar.settings import Settings, read_settings
from core.avatar.train import Lesson, Training, lesson_of
from core.avatar.voice import part_of
from core.splat.head import SplatHead
from core.splat.pose import pose
from core.splat.render import Camera

from .perceptual import perceptual
from .ways import Way, shortened

Say = Callable[[float, str], None]
DRAWN = 30
"""Frames a baked head is timed on."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table; decibels, pixels at 512, shares, frames a second. nan where nothing was found.

    minutes: of processors' time, all cores together, which a busy machine does not lengthen.
    tracked and spoken: psnr, pasted, ssim, mouth, lmd, aperture, judged (LPIPS), driven by the tracked face and by the
    sound.
    loss: dB between the baked and the learned head; learned, baked: PSNR of both against the video, torso and all.
    """

    source: str
    way: str
    question: str
    size: tuple[int, int]
    splats: int
    steps: int
    minutes: float
    tracked: dict[str, float]
    spoken: dict[str, float]
    fps: float
    heard_fps: float
    loss: float
    baked: float
    baked_fps: float
    device: str
    learned: float = float("nan")


@dataclass(frozen=True, slots=True)
class Job:
    """What to learn and how. share: of the configuration's steps. changes: besides those of the way."""

    source: str
    prepared: Prepared
    way: Way
    share: float
    changes: tuple[tuple[str, str], ...]

    def settings(self) -> Settings:
        """The settings of this training."""
        stages, share = read_settings(self.way.config).stages, self.share * self.way.longer
        steps = shortened(stages.static, stages.deform, stages.lips, share)
        chosen = read_settings(self.way.config, dict((*self.changes, *steps, *self.way.changes)))
        wish = chosen.density
        start, end, every = (max(1, round(steps * share)) for steps in (wish.start, wish.end, wish.every))
        return replace(chosen, density=replace(wish, start=start, end=end, every=every))


def measured(job: Job, folder: Path, raster: Rasteriser, say: Say) -> Row:
    """A row; kept in folder/row.json and read from there where it is. The training goes on where it was."""
    kept = folder / "row.json"
    if kept.is_file():
        words = json.loads(kept.read_text(encoding="utf-8"))
        return Row(**words | {"size": tuple(words["size"])})
    settings = job.settings()
    training = Training(job.prepared, settings, folder, raster, say)
    with _counted(folder / "worked.txt") as worked:
        training.run()
    say(1.0, "Judging")
    row = _judged(job, folder, raster, (worked() / 60, training.steps))
    part = kept.with_suffix(".part")
    part.write_text(json.dumps(asdict(row), indent=1) + "\n", encoding="utf-8")
    part.replace(kept)
    return row


@contextmanager
def _counted(kept: Path) -> Iterator[Callable[[], float]]:
    """Adds the processor seconds of what is done within to those in a file, however it ends."""
    before, begun = float(kept.read_text(encoding="utf-8")) if kept.is_file() else 0.0, time.process_time()
    try:
        yield lambda: before + time.process_time() - begun
    finally:
        kept.write_text(f"{before + time.process_time() - begun:.1f}\n", encoding="utf-8")


def _judged(job: Job, folder: Path, raster: Rasteriser, cost: tuple[float, int]) -> Row:
    run = open_run(folder)
    run.avatar.to(raster.device)
    lesson = lesson_of(job.prepared, run.avatar.settings, raster.device, run.kept.still)
    found = judged(run.avatar, lesson, raster, run.translator, perceptual())
    run.avatar.to("cpu")  # baking is arithmetic in NumPy
    at_home = lesson_of(job.prepared, run.avatar.settings, torch.device("cpu"), run.kept.still)
    head, loss = bake_run(run, at_home, raster, BakeWish(), {"configuration": job.way.name})
    run.avatar.to(raster.device)
    fps = speeds(run, lesson, head, raster)
    return Row(
        job.source,
        job.way.name,
        job.way.question,
        found.size,
        found.splats,
        cost[1],
        cost[0],
        asdict(found.tracked),
        asdict(found.spoken),
        *fps[:2],
        loss.to_learned,
        loss.baked_to_video,
        fps[2],
        raster.device.type,
        loss.learned_to_video,
    )


def speeds(run: Run, lesson: Lesson, head: SplatHead, raster: Rasteriser) -> tuple[float, float, float]:
    """Frames a second of the learned head, the same with hearing and translating the recording, and of the baked head.

    By processor time, so that a busy machine does not slow it; on a card by the clock on the wall, each picture waited
    for and left there.
    """
    clock, prepared = time.perf_counter if raster.device.type == "cuda" else time.process_time, lesson.reel.prepared
    frames = range(prepared.split, min(len(prepared), prepared.split + DRAWN))
    begun = clock()
    heard = part_of(prepared.sound, prepared.fps, run.translator)
    hearing = (clock() - begun) / len(heard.weights)
    avatar, camera, weights = run.avatar, lesson.camera, prepared.track.weights
    moments = [lesson.moment(frame, avatar.mesh.center) for frame in frames]
    play = _player(head, raster, camera)
    learned = _seconds(
        lambda n: _drawn(avatar.gaussians(avatar(moments[n]), camera), raster, camera), len(frames), clock
    )
    baked = _seconds(lambda n: play(weights[frames[n]]), len(frames), clock)
    return 1 / learned, 1 / (learned + hearing), 1 / baked


def _player(head: SplatHead, raster: Rasteriser, camera: Camera) -> Callable[[np.ndarray], object]:
    """Draws a baked head by weights [52]: posed by NumPy for the processor, by torch where a card draws."""
    if raster.device.type == "cpu":
        scene = Scene(raster, camera)
        return lambda weights: drawn_splats(pose(head, weights), scene)
    played = Played(head).to(raster.device)
    return lambda weights: _drawn(played(torch.from_numpy(weights).to(raster.device), camera=camera), raster, camera)


def _drawn(gaussians: Gaussians, raster: Rasteriser, camera: Camera) -> float:
    """Draw and wait for it: asking for one number of a picture waits for all of them."""
    grey = torch.full((3,), 0.5, device=gaussians.means.device)
    return float(raster.render(gaussians, camera, grey).color[0, 0, 0])


def _seconds(deed: Callable[[int], object], count: int, clock: Callable[[], float]) -> float:
    """Seconds that each of a number of deeds takes; the first is done once before, because it may compile."""
    with torch.no_grad():
        deed(0)
        begun = clock()
        for number in range(count):
            deed(number)
        return (clock() - begun) / count
