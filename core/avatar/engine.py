"""What the doors of this room open: each deed of the command head, with its words for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import torch

from ..audio.read import read_speech
from ..errors import ModelError, SettingError
from ..formats import read_performance
from ..formats.atomic import check_place, replacing
from ..splat.head_files import ENDING, read_head, write_head
from .bake import BakeWish, is_linear
from .checkpoint import has_checkpoint, read_run_settings, write_settings
from .drive import Scene, head_pictures, learned_pictures, portrait_camera
from .evaluate import Judgement, judged
from .movie import write_movie
from .prepare import prepare_video
from .prepared import read_prepared
from .raster.choose import device_for, rasteriser_for
from .raster.protocol import Rasteriser
from .runs import Run, bake_run, open_run
from .say import said_head
from .settings import Settings, configurations, read_settings
from .shortage import kept_when_short
from .synthetic import Shot, demo_speaker, film_speaker
from .train import Training
from .voice import Part, led, part_of
from .watch import Pace, Watch

Say = Callable[[float, str], None]
Show = Callable[[Path, str], None]
LENGTHS = {"short": 0.25, "usual": 1.0, "long": 3.0}
"""Steps of a training over those that its configuration means."""


@dataclass(frozen=True, slots=True)
class TrainJob:
    """source: a prepared folder. run: where the training is kept. config: a name or a YAML file. changes: by key.

    device: auto, cpu or cuda. length: one of LENGTHS; a training that is done goes on when a longer one is asked for.
    """

    source: Path
    run: Path
    config: str = "mouthpiece"
    changes: tuple[tuple[str, str], ...] = ()
    device: str = "auto"
    length: str = "usual"

    def __post_init__(self) -> None:
        if self.length not in LENGTHS:
            raise SettingError(f"The length must be one of {', '.join(LENGTHS)}, but is {self.length!r}.")

    def settings(self) -> Settings:
        """Of the configuration, changed and lengthened; steps that changes name stay as named."""
        return read_settings(self.config, self._lengthened(self.config, dict(self.changes)))

    def as_begun(self) -> Settings:
        """Of the training that is there, whatever its configuration says by now; only its steps follow the length."""
        if not has_checkpoint(self.run):
            return self.settings()
        name = read_run_settings(self.run).name
        steps = self._lengthened(name if name in configurations() else self.config, {})
        return read_settings(self.run / "settings.json", steps)

    def _lengthened(self, config: str, changes: dict[str, str]) -> dict[str, str]:
        stages = read_settings(config).stages
        for stage in ("static", "deform", "lips"):
            steps = max(1, round(getattr(stages, stage) * LENGTHS[self.length]))
            changes.setdefault(f"stages.{stage}", str(steps if getattr(stages, stage) else 0))
        return changes


@dataclass(frozen=True, slots=True)
class DriveJob:
    """source: a training's folder or a .splathead. recording: what is said. target: the .mp4. head: where to keep a
    head with the clip, or None. exact: through the field itself. motion: how much of the head's motion is shown.
    curves: a performance of the recording that leads in the place of what is heard, or None.
    """

    source: Path
    recording: Path
    target: Path
    head: Path | None = None
    exact: bool = False
    motion: float = 1.0
    size: int = 512
    curves: Path | None = None


def rasteriser(device: str = "auto") -> Rasteriser:
    """The fastest one this machine has. device: auto, cpu or cuda."""
    return rasteriser_for(device_for(device))


def prepare(video: Path, folder: Path, wish: tuple[int, str], say: Say) -> str:
    """Make a video ready, or go on with that. wish: pixels of the longer side, and which face. Returns sentences."""
    pace = Pace()
    with kept_when_short("this video", folder):
        return prepare_video(video, folder, wish[0], lambda part, text: say(part, pace.words(part, text)), wish[1])


def train(job: TrainJob, say: Say, show: Show | None = None, as_begun: bool = False) -> str:
    """Train, or go on training. Returns a sentence.

    show: told of pictures of held-out frames. as_begun: whether a training that is there goes on as it was begun, and
    is not refused where the job asks for something else.
    """
    with kept_when_short("this training", job.run):
        settings = job.as_begun() if as_begun else job.settings()
        watch = Watch(say, show or (lambda path, text: None))
        training = Training(read_prepared(job.source), settings, job.run, rasteriser(job.device), watch)
        watch.training = training
        write_settings(job.run, settings)  # its steps may be others than when it was begun
        try:
            avatar = training.run()
        except ModelError:
            _keep_after(training)
            raise
        watch.draw()
    minutes = training.seconds / 60
    return f"{job.run}: {len(avatar.offsets):,} splats after {training.step:,} steps and {minutes:.1f} minutes"


def _keep_after(training: Training) -> None:
    """Keep what a training that ran out of memory has learned; a picture of it may be too much."""
    if training.step:
        with suppress(MemoryError, torch.OutOfMemoryError):
            training.keep()


def bake(folder: Path, target: Path, video: Path | None, name: str) -> str:
    """Bake a training to a .splathead. Returns a sentence that tells the loss."""
    if target.suffix != ENDING:
        raise SettingError(f"A head of splats must end in {ENDING}.")
    check_place(target)
    with kept_when_short("this head", target):
        return _baked(folder, target, video, name)


def _baked(folder: Path, target: Path, video: Path | None, name: str) -> str:
    run = open_run(folder)
    facts = {"name": name, "made from": "a video of one speaker", "configuration": run.avatar.settings.name}
    head, loss = bake_run(run, run.lesson(video), rasteriser(), BakeWish(), facts)
    write_head(head, target)
    return f"{target}: {len(head):,} splats, {len(head.correctives.names)} correctives; {loss.sentence()}"


def evaluate(folder: Path, video: Path | None, target: Path | None) -> str:
    """Judge a training on the frames held out. Returns sentences; target: where to write them as JSON."""
    with kept_when_short("this judgement", target or folder):
        run = open_run(folder)
        result = judged(run.avatar, run.lesson(video), rasteriser(), run.translator)
        if target:
            facts = {"configuration": run.avatar.settings.name, "facts": run.kept.facts}
            _write_words(target, asdict(result) | facts | {"sentence": in_short(result)})
    speed = f"{result.frames_per_s:.1f} frames a second, {result.heard_per_s:.1f} with hearing"
    told = f"{result.splats:,} splats at {result.size[0]} x {result.size[1]}: {speed} on this machine"
    return f"tracked: {result.tracked.sentence()}\nspoken:  {result.spoken.sentence()}\n{told}"


def in_short(result: Judgement) -> str:
    """A judgement in one sentence."""
    tracked, spoken = result.tracked, result.spoken
    return (
        f"{tracked.frames} frames it never learned from: {tracked.psnr:.1f} dB of the head as the face was tracked, "
        f"{spoken.psnr:.1f} dB by the sound alone, {result.frames_per_s:.0f} frames a second."
    )


def _write_words(target: Path, words: dict) -> None:
    with replacing(target) as temporary:
        temporary.write_text(json.dumps(words, indent=1) + "\n", encoding="utf-8")


def drive(job: DriveJob, say: Say) -> str:
    """Let a head say a recording and film it. Returns a sentence."""
    check_place(job.target)
    with kept_when_short("this film", job.target):
        return _driven(job, say)


def _driven(job: DriveJob, say: Say) -> str:
    speech = read_speech(job.recording)
    say(0.0, "Hearing")
    if job.source.is_dir():
        run = open_run(job.source)
        part = _moved(_led(part_of(speech, run.fps, run.translator, lively=True), job), job.motion)
        pictures = _run_pictures(run, part, job)
    else:
        head = read_head(job.source)
        if job.exact or job.head:
            raise SettingError("Only a training's folder holds the field; give that, or leave out --exact and --head.")
        part = _moved(_led(part_of(speech, 25.0), job), job.motion)
        scene = Scene(rasteriser(), portrait_camera(head, (job.size, job.size)))
        pictures = head_pictures(head, part, scene)
    count = len(part.weights)
    told = (_counted(picture, number / count, say) for number, picture in enumerate(pictures))
    write_movie(job.target, told, part.fps, speech)
    return f"{job.target}: {count} frames"


def _led(part: Part, job: DriveJob) -> Part:
    return led(part, read_performance(job.curves)) if job.curves else part


def film_demo(folder: Path, recording: Path, shot: Shot, say: Say) -> str:
    """Film a demo character, whose truth is known, as if it were a prepared video. Returns a sentence."""
    made = film_speaker(folder, demo_speaker(), read_speech(recording), shot, say)
    return f"{folder}: {len(made)} frames of {made.size[0]} x {made.size[1]}"


def _run_pictures(run: Run, part: Part, job: DriveJob) -> chain[np.ndarray]:
    scene = Scene(rasteriser(), run.kept.camera)
    if job.exact:
        pictures = learned_pictures(run.avatar, part, scene)
        if not job.head:
            return chain(pictures)
    head, _ = bake_run(run, run.lesson(), scene.raster, BakeWish(), {"configuration": run.avatar.settings.name})
    if job.head:
        if not is_linear(run.avatar):
            head = said_head(run, head, part, job.recording.stem)
        write_head(head, job.head)
    return chain(pictures if job.exact else head_pictures(head, part, scene))


def _moved(part: Part, motion: float) -> Part:
    return Part(part.fps, part.weights, (part.head * motion).astype(np.float32), part.features, part.latent)


def _counted(picture: np.ndarray, done: float, say: Say) -> np.ndarray:
    say(done, "Filming")
    return picture
