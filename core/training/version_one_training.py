"""Train version one, which teaches the shipped network: films to curves, Whisper's frames, teachers, student, file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from ..formats.atomic import replacing
from ..head import lips as lip_vertices
from ..head.model import Person
from . import corpus, labels
from .diet import Diet
from .mouth_measures import demo_woman
from .readings import reading_passages
from .sources import Sources, is_test
from .teacher import Decoder
from .teacher_fit import Lips, Recipe, fit
from .track import kept_track
from .version_one import LAYOUT
from .whisper_file import find_whisper, read_encoder

Say = Callable[[str], None]
AUGMENTED_PASSES = 3
TEACHERS = 2


@dataclass(frozen=True, slots=True)
class VersionOneTrained:
    """Version one, finished: decoder, encoder tensors by our names, and the demo head's lips."""

    decoder: Decoder
    encoder: dict[str, np.ndarray]
    lips: Lips


def train_version_one(sources: Sources, recipe: Recipe, say: Say) -> VersionOneTrained:
    """Run every stage. say: told in one line what goes on."""
    person = demo_woman()
    lips = demo_lips(person)
    clips = filmed_clips(sources, person, say)
    encoder = read_encoder(find_whisper())
    tensors = {name: torch.from_numpy(tensor) for name, tensor in encoder.items()}
    say(f"encoding {len(clips)} clips, {1 + AUGMENTED_PASSES} times")
    films = [p for seed in range(1 + AUGMENTED_PASSES) for p in corpus.filmed_passages(clips, tensors, seed)]
    rest = corpus.resting_passages(tensors)
    teachers = []
    for number in range(TEACHERS):
        say(f"training teacher {number + 1} of {TEACHERS}")
        teachers.append(fit(Diet((films, rest), (16, 2)), lips, replace(recipe, seed=recipe.seed + number)))
    say(f"listening to {len(sources.readings)} readings")
    readings = reading_passages(sources, teachers, tensors, seed=recipe.seed + 100)
    say("training the student")
    student = fit(Diet((films, readings, rest), (16, 12, 2)), lips, replace(recipe, seed=recipe.seed + TEACHERS))
    return VersionOneTrained(student, encoder, lips)


def demo_lips(person: Person) -> Lips:
    """Lip opening of the demo head, linear in the controls."""
    right, left = (person.points[corner] for corner in lip_vertices.EYE_OUTER_CORNERS)
    width = np.linalg.norm(right - left)
    slopes = [
        lip_vertices.lip_gaps(person.units[name])[lip_vertices.MIDDLE] / width if name in person.units else 0.0
        for name in corpus.CONTROLS
    ]
    rest = lip_vertices.lip_gaps(person.points)[lip_vertices.MIDDLE] / width
    return Lips(torch.tensor(slopes, dtype=torch.float32), float(rest))


def filmed_clips(sources: Sources, person: Person, say: Say) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Sound, solved mouth curves and frame rate of every clip that takes part in training; tracks are kept in work/."""
    clips = [clip for place, clip in enumerate(sources.clips) if not is_test(place)]
    tracks = []
    for number, clip in enumerate(clips):
        if number % 50 == 0:
            say(f"tracking clip {number} of {len(clips)}")
        track = training_track(clip, sources)
        if track["found"].all():
            tracks.append(track)
    rest = labels.rest_face([track["landmarks"] for track in tracks[::5]])
    basis = labels.mouth_basis(person.points, person.units)
    solved = [labels.solve_curves(t["landmarks"], t["scores"], rest, basis) for t in tracks]
    solved = labels.without_tics(solved)
    return [(t["samples"], curves, float(t["fps"])) for t, curves in zip(tracks, solved, strict=True)]


def training_track(clip: Path, sources: Sources) -> dict[str, np.ndarray]:
    """A clip's track, from work/tracks if it is there."""
    return kept_track(clip, sources.work / "tracks" / f"{clip.stem}.npz", sources.task_file)


def write_version_one(trained: VersionOneTrained, path: Path) -> None:
    """Write version one's file: matrices as float16, the rest as float32, nothing half written."""
    from safetensors.numpy import save

    tensors = trained.encoder | {f"decoder.{name}": t.numpy() for name, t in trained.decoder.state_dict().items()}
    tensors = {name: t.astype(np.float16 if t.ndim > 1 else np.float32) for name, t in tensors.items()}
    tensors["opening"] = np.append(trained.lips.slopes.numpy(), np.float32(trained.lips.rest)).astype(np.float32)
    facts = {
        "layout": LAYOUT,
        "controls": json.dumps(corpus.CONTROLS),
        "dilations": json.dumps(trained.decoder.shape.dilations),
    }
    with replacing(path) as part:
        part.write_bytes(save({name: np.ascontiguousarray(t) for name, t in tensors.items()}, metadata=facts))


def keep_version_one(sources: Sources, say: Say) -> Path:
    """Version one's file in the work folder; trained first if it is not there."""
    path = sources.work / "version1.safetensors"
    if not path.exists():
        write_version_one(train_version_one(sources, Recipe(), say), path)
    return path
