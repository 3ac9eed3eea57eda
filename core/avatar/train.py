"""From a prepared video to a learned head: static, then deforming, then the lips. Cancel it and it goes on later.

Sources: the stages of both GaussianTalkers and GSTalker (arXiv 2404.16012, 2404.14037, 2404.19040); lips last as in
ER-NeRF. Everything that chance decides follows from the seed and the step.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from ..errors import Cancelled, ModelError
from ..splat.render import Camera
from . import prepared_files
from .avatar import Avatar, Moment
from .blendshapes import first_mix
from .checkpoint import Kept, has_checkpoint, read_checkpoint, read_run_settings, write_checkpoint, write_settings
from .fields.conditions import around
from .fields.warming import warm
from .growth import Pull, regrown
from .memory import memory_of, optimiser_of, remember, set_pace
from .objective import decibels, goal_of, lip_boxes, loss_of, restraint
from .prepared import Prepared
from .preview import write_preview
from .raster.protocol import Drawn, Rasteriser
from .reel import Reel
from .settings import Settings, check_same
from .start import affine_of, begin, telling_frames
from .sync import shifted, sound_lag
from .translator import SPOKEN, Heard, fit_translator
from .voice import part_of, read_translator, write_translator

Say = Callable[[float, str], None]
TOLD = 2.0
"""Seconds between two words of progress."""
CALMED = 200
"""Steps after which blendshapes are calmed: rarely moved shapes drift otherwise, for Adam knows no small gradients."""
MOUTH = 4.0
"""What the weight of the mouth is multiplied by in the last stage."""
LEAST_TRUST = 0.3
"""Confidence below which a frame is not learned from."""


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What a training learns from.

    still: the frame whose pose is the sitter's rest; camera: the camera of all frames; frames: those to learn from.
    weights: [T, 52], tracked; heard: [T, 52], what anybody would do to the sound; features: [T, WINDOW, D]; both as the
    picture has them, where the sound is lag frames late.
    """

    reel: Reel
    still: int
    camera: Camera
    frames: np.ndarray
    lips: list[tuple[slice, slice]]
    weights: torch.Tensor
    heard: torch.Tensor
    features: torch.Tensor
    lag: int
    device: torch.device

    def moment(self, frame: int, center: np.ndarray, weights: torch.Tensor | None = None) -> Moment:
        """What a frame asks of a head; weights: [52], instead of the tracked ones."""
        affine = torch.from_numpy(affine_of(self.reel, frame, self.still, center)).to(self.device)
        own = self.weights[frame] if weights is None else weights
        return Moment(own.to(self.device), affine, around(self.features, frame).to(self.device))


def lesson_of(prepared: Prepared, settings: Settings, device: torch.device, still: int | None = None) -> Lesson:
    """Make a video ready to be learned from."""
    reel = Reel(prepared, settings.size)
    still = telling_frames(reel, 1)[0] if still is None else still
    trusted = prepared.track.confidence[: prepared.split] >= LEAST_TRUST
    frames = np.nonzero(trusted)[0]
    if not len(frames):
        raise ModelError("No frame of this video shows a face that could be followed; film it again or choose another.")
    curves, tracked, count = part_of(prepared.sound, prepared.fps).weights, prepared.track.weights, len(prepared)
    lag = sound_lag(curves, tracked[: prepared.split], trusted, prepared.fps)  # never from what is held out
    heard, features = (torch.from_numpy(shifted(rows, lag, count)) for rows in (curves, prepared.features))
    own = (torch.from_numpy(tracked), heard, features, lag)
    return Lesson(reel, still, reel.camera(still), frames, lip_boxes(reel, still), *own, device)


class Training:
    """A training under way in a folder."""

    def __init__(self, prepared: Prepared, settings: Settings, folder: Path, raster: Rasteriser, say: Say) -> None:
        """Begin, or go on where the folder's checkpoint stands. say: told the part done and words; may raise."""
        self.settings, self.folder, self.raster, self.say = settings, folder, raster, say
        self.device = getattr(raster, "device", torch.device("cpu"))
        self.spent, self.begun, self.told = 0.0, time.monotonic(), 0.0
        folder.mkdir(parents=True, exist_ok=True)
        if has_checkpoint(folder):
            self._go_on(prepared)
        else:
            self._begin(prepared)

    @property
    def steps(self) -> int:
        """Steps of all stages."""
        stages = self.settings.stages
        return stages.static + stages.deform + stages.lips

    @property
    def seconds(self) -> float:
        """Seconds spent on this training so far, over all its runs."""
        return self.spent + time.monotonic() - self.begun

    def run(self) -> Avatar:
        """Learn to the end. What was learned is kept when this is stopped, by whatever raises."""
        saved = time.monotonic()
        try:
            while self.step < self.steps:
                self._learn()
                if time.monotonic() - saved > self.settings.keep:
                    self.keep()
                    saved = time.monotonic()
        except (KeyboardInterrupt, Cancelled):
            self.keep()
            raise Cancelled(f"Stopped after {self.step} of {self.steps} steps; run it again to go on.") from None
        except MemoryError:
            raise ModelError(_short_of("memory")) from None
        except torch.OutOfMemoryError:
            raise ModelError(_short_of("the graphics card's memory")) from None
        self.keep()
        self.translate()
        return self.avatar

    def translate(self) -> None:
        """Learn how this person moves to speech, unless that is done."""
        wish, prepared = self.settings.translator, self.lesson.reel.prepared
        if not wish.steps or read_translator(self.folder) is not None:
            return
        self.say(1.0, "Learning how this person moves to speech")
        torch.manual_seed(self.settings.seed)
        split = prepared.split
        heard = Heard(self.lesson.features[:split], self.lesson.heard[:split])
        goal, latent = self.lesson.weights[:split], None
        if wish.latent and self.avatar.shapes is not None:
            with torch.no_grad():
                latent = self.avatar.shapes.coefficients(self.avatar.held(goal.to(self.device))).cpu()
        trusted = torch.from_numpy(prepared.track.confidence[:split])
        made = fit_translator(heard, (goal, latent), trusted, wish.steps, lambda part: self.say(1.0, "Translating"))
        write_translator(self.folder, made)

    def keep(self) -> None:
        """Write the checkpoint and the preview."""
        lesson, prepared = self.lesson, self.lesson.reel.prepared
        source = str(prepared.folder.resolve())
        facts = {"seconds": round(self.seconds, 1), "source": source, "fps": prepared.fps}
        memory = memory_of(self.optimiser) | {"pull/total": self.pull.total, "pull/times": self.pull.times}
        kept = Kept(self.step, self.avatar, memory, lesson.still, lesson.camera, facts)
        write_checkpoint(self.folder, kept)
        write_preview(self.folder / "preview.png", self.avatar, self.lesson, self.raster)

    def _begin(self, prepared: Prepared) -> None:
        torch.manual_seed(self.settings.seed)
        self.step = 0
        self.lesson = lesson = lesson_of(prepared, self.settings, self.device)
        self.say(0.0, "Placing splats")
        start = begin(lesson.reel, lesson.still, self.settings.splats, self.raster)
        mix = first_mix(prepared.track.weights[lesson.frames], self.settings.shapes.count)
        self.avatar = Avatar(self.settings, start, mix, prepared.features.shape[2], len(prepared)).to(self.device)
        if self.avatar.field is not None:
            self._warm(lesson)
        self.optimiser = optimiser_of(self.avatar, self.settings.rates)
        self.pull = Pull.none(len(start), self.device)
        write_settings(self.folder, self.settings)
        prepared_files.write_sitter(self.folder, start.sitter)

    def _warm(self, lesson: Lesson) -> None:
        """Let the field's audio path know mouths apart."""
        prepared, own = lesson.reel.prepared, lesson.frames
        trusted = torch.from_numpy(prepared.track.confidence[own])
        rows = (lesson.features[own], lesson.weights[own][:, SPOKEN], trusted)
        warm(self.avatar.field.conditions.audio, *(part.to(self.device) for part in rows))

    def _go_on(self, prepared: Prepared) -> None:
        check_same(read_run_settings(self.folder), self.settings)
        kept = read_checkpoint(self.folder, self.settings)
        self.step, self.spent = kept.step, float(kept.facts.get("seconds", 0))
        self.lesson = lesson_of(prepared, self.settings, self.device, kept.still)
        self.avatar = kept.avatar.to(self.device)
        self.optimiser = optimiser_of(self.avatar, self.settings.rates)
        remember(self.optimiser, kept.memory)
        self.pull = Pull(*(kept.memory[f"pull/{name}"].to(self.device) for name in ("total", "times")))

    def _learn(self) -> None:
        """One step."""
        stages, rng = self.settings.stages, np.random.default_rng((self.settings.seed, self.step))
        deform = self.step >= stages.static
        last = self.step >= stages.static + stages.deform
        set_pace(self.optimiser, self.step / max(1, stages.static + stages.deform))
        self.optimiser.zero_grad(set_to_none=True)
        total = torch.zeros(())
        for number in range(stages.batch if deform else 1):
            drawn, loss = self._drawn(self._frame(number), deform, MOUTH if last else 1.0, rng)
            loss = loss / (stages.batch if deform else 1)
            loss.backward()
            self.pull.feel(drawn)
            total += loss.detach().cpu()
        restraint(self.avatar, self.settings.loss).backward()
        if self.avatar.shapes is not None:
            self.avatar.shapes.quieten(self.settings.loss.shapes)
        self.optimiser.step()
        self.step += 1
        if deform and self.avatar.shapes is not None and (self.step % CALMED == 0 or self.step == self.steps):
            self.avatar.shapes.calm(self.avatar.held(self.lesson.weights[self.lesson.frames].to(self.device)))
        self._tell(float(total))
        wish = self.settings.density
        if wish.start <= self.step <= wish.end and self.step % wish.every == 0 and not last:
            self.optimiser = regrown(self.avatar, self.optimiser, self.pull, self.settings, rng)
            self.pull = Pull.none(len(self.avatar.offsets), self.device)

    def _frame(self, number: int) -> int:
        """The next frame of a shuffled round."""
        frames = self.lesson.frames
        place = self.step * self.settings.stages.batch + number
        order = np.random.default_rng((self.settings.seed, place // len(frames), 7)).permutation(len(frames))
        return int(frames[order[place % len(frames)]])

    def _drawn(self, frame: int, deform: bool, mouth: float, rng: np.random.Generator) -> tuple[Drawn, torch.Tensor]:
        moment = replace(self.lesson.moment(frame, self.avatar.mesh.center), frame=frame)
        posed = self.avatar(moment, deform)
        background = torch.from_numpy(rng.random(3).astype(np.float32))
        drawn = self.raster.render(
            self.avatar.gaussians(posed, self.lesson.camera), self.lesson.camera, background.to(self.device)
        )
        goal = goal_of(self.lesson.reel.frame(frame), background, self.lesson.lips[frame]).to(self.device)
        return drawn, loss_of(drawn, goal, self.settings.loss, mouth)

    def _tell(self, loss: float) -> None:
        if time.monotonic() - self.told < TOLD and self.step < self.steps:
            return
        self.told = time.monotonic()
        stages = self.settings.stages
        named = "static" if self.step < stages.static else "deforming"
        named = "lips" if self.step >= stages.static + stages.deform else named
        count = len(self.avatar.offsets)
        self.say(self.step / self.steps, f"{named} {self.step}/{self.steps}, loss {loss:.4f}, {count:,} splats")


def drawn_frame(avatar: Avatar, lesson: Lesson, raster: Rasteriser, frame: int) -> tuple[torch.Tensor, float]:
    """A frame as the head draws it before a grey wall, [H, W, 3], and how near it comes, dB of what is not wall."""
    grey = torch.full((3,), 0.5)
    with torch.no_grad():
        posed = avatar(lesson.moment(frame, avatar.mesh.center))
        drawn = raster.render(avatar.gaussians(posed, lesson.camera), lesson.camera, grey.to(lesson.device))
    goal = goal_of(lesson.reel.frame(frame), grey, lesson.lips[frame])
    return drawn.color.cpu(), decibels(drawn.color.cpu(), goal.picture, goal.solid)


def _short_of(what: str) -> str:
    return f"There is not enough of {what} for this training; take fewer splats or a smaller size. Work so far is kept."
