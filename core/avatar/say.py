"""A recording said as a learned person says it, for Blender: keys for any character, or a head with it as a clip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..audio.read import read_speech
from ..convert import in_rig
from ..errors import SettingError
from ..formats import check_target, write_performance
from ..learned import clip_title
from ..retime import at_rate
from ..rig.arkit import ARKIT_52
from ..speech.brief import Brief
from ..speech.perform import perform
from ..splat.head import SplatHead
from ..splat.head_files import write_head
from ..types import Performance, RigCurves
from .bake import BakeWish, is_linear, with_clip
from .checkpoint import read_run_settings
from .drive import moments_of
from .raster.choose import device_for, rasteriser_for
from .runs import Run, bake_run, open_run
from .shortage import kept_when_short
from .voice import Part, part_of, read_translator

Say = Callable[[float, str], None]
COMPONENTS = 16
"""Of the clip of a recording: fewer than of the video's own would blur what it says."""


def perform_as(folder: Path, recording: Path, wish: tuple[Path, float, str], say: Say) -> int:
    """Write the performance of a recording as the person of a training moves. Returns how many frames.

    wish: the performance file, frames a second and rig. Raises FormatError where there is no training, AudioError.
    """
    target, fps, rig = wish
    check_target(target, rig)
    read_run_settings(folder)
    say(0.0, "Hearing")
    speech, translator = read_speech(recording), read_translator(folder)
    made = perform(speech, Brief(fps))
    if translator is not None:
        say(0.5, "Moving as the speaker does")
        made = _performance(part_of(speech, fps, translator, lively=True), made)
    write_performance(target, in_rig(made, rig))
    say(1.0, "Done")
    return len(made.head)


def clip_of(folder: Path, recording: Path, video: Path, wish: tuple[Path, float], say: Say) -> int:
    """Write a head with a recording as a clip, and beside it, as .npz, the performance that goes with the clip.

    wish: the .splathead, and frames a second of the performance. video: the prepared folder. Returns how many frames.
    Raises SettingError for a head without a field, whose curves are all there is.
    """
    target, fps = wish
    with kept_when_short("this clip", target):
        run = open_run(folder)
        if is_linear(run.avatar):
            raise SettingError(
                f"The configuration {run.avatar.settings.name} has no field: its curves hold all it knows. "
                "Drive it by curves."
            )
        say(0.0, "Hearing")
        part = part_of(read_speech(recording), run.fps, run.translator, lively=True)
        say(0.2, "Baking")
        raster = rasteriser_for(device_for("auto"))
        head, _ = bake_run(run, run.lesson(video), raster, BakeWish(), {"configuration": run.avatar.settings.name})
        say(0.6, "Asking the field")
        write_head(said_head(run, head, part, clip_title(recording)), target)
        write_performance(target.with_suffix(".npz"), made := at_rate(_performance(part), fps))
        say(1.0, "Done")
    return len(made.head)


def said_head(run: Run, head: SplatHead, part: Part, name: str) -> SplatHead:
    """A baked head with one clip more: what the field does while it says a part."""
    return with_clip(head, run.avatar, moments_of(run.avatar, part), (name, part.fps, COMPONENTS))


def _performance(part: Part, base: Performance | None = None) -> Performance:
    curves = RigCurves(tuple(ARKIT_52), np.ascontiguousarray(part.weights), part.fps)
    return Performance(curves, part.head, base and base.phones)
