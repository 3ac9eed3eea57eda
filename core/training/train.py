"""Train the speech model from the sources up, stage by stage; what a stage made is kept in work/ and found again.

version one -> lessons -> trunk -> correlation model -> passages -> three generators -> the shipped file.
The generator of whole recordings hears with version one's own ears, the encoder, which stays as it is; that of a
stream hears with the trunk, which learned from them; the third reads phones.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..formats.atomic import replacing
from ..rig.mapping import arkit_to_board
from ..speech import level, mel
from ..speech.level import FRAME_RATE_HZ
from ..speech.phones import PHONES
from . import goals
from .augment import augment
from .corpus import PICTURES_LATE_S, resample_goal
from .correlation import learn_correlation
from .diet import Diet
from .distil import Pupil, TrunkRecipe, teach_trunk
from .ears import HEARD, EncoderEars, TrunkEars
from .encoded import encode_diet
from .face import Face
from .facegood import FPS as TAKE_FPS
from .facegood import TRAINING_TAKES, Take, read_takes
from .film import FilmedClip
from .fit import Judges, Recipe, channel_weights, fit
from .lessons import UNKNOWN, Clip, Lesson, prepare, resting
from .mouth_measures import demo_face
from .network import Generator, GeneratorShape
from .passages import GOALS, Passage
from .speech_corpus import read_pack
from .version_one import VersionOne, read_version_one

Say = Callable[[str], None]
PACKS = ("plain", "phones")
VERSIONS = 3
DIET = (14, 14, 2, 2)
"""Passages a batch: filmed, told by version one, recorded curves, resting."""
PIECE_HOPS = 400
ENCODED_SEED = 3
WIDTH = 192
"""Channels of the generator of whole recordings; the other two are narrower."""
RESTS = 3  # how often the noises come among the lessons


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to train: the trunk, the generators of recordings and of streams, and the correlation model's steps."""

    trunk: TrunkRecipe = field(default_factory=TrunkRecipe)
    generator: Recipe = field(default_factory=Recipe)
    stream: Recipe = field(default_factory=lambda: Recipe(rate=1.5e-3, ears_rate=6e-4, phones=0.05))
    correlation_steps: int = 600


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished model: the encoder's tensors and what reads its frames, the trunk with its phone head, and the
    generators by their prefix in the file."""

    encoder: dict[str, torch.Tensor]
    ears: EncoderEars
    pupil: Pupil
    generators: dict[str, Generator]
    face: Face


@dataclass(frozen=True, slots=True)
class Material:
    """What the generators learn from: heard passages, phone passages, and motion for the correlation model."""

    heard: Diet
    spelt: Diet
    motions: list[np.ndarray]


def kept(path: Path, make: Callable[[], Any], say: Say) -> Any:
    """What a stage made before, or makes now; nothing half written."""
    if path.exists():
        return pickle.loads(path.read_bytes())
    say(f"making {path.name}")
    made = make()
    with replacing(path) as part, part.open("wb") as file:
        pickle.dump(made, file, protocol=5)
    return made


def heard(work: Path, one: VersionOne, plan: Plan, say: Say) -> tuple[dict[str, list[Lesson]], list[Lesson], Pupil]:
    """Lessons by pack, lessons of resting, and the trunk that learned from both."""
    lessons = {
        pack: kept(
            work / f"lessons-{pack}.pickle",
            lambda pack=pack: prepare(read_clips(work, pack), (one.encoder, one.decoder), VERSIONS, len(pack)),
            say,
        )
        for pack in PACKS
    }
    rest = resting((one.encoder, one.decoder))
    everything = [lesson for pack in PACKS for lesson in lessons[pack]] + RESTS * rest
    pupil = kept(work / "trunk.pickle", lambda: teach_trunk(everything, len(PHONES), plan.trunk, say), say)
    return lessons, rest, pupil


def train(work: Path, films: list[FilmedClip], plan: Plan, say: Say) -> Trained:
    """Run every stage after version one. work: the data folder's work/; films: the training part."""
    one = read_version_one(work / "version1.safetensors")
    lessons, rest, pupil = heard(work, one, plan, say)
    material = gather(work, films, lessons, rest)
    correlation = kept(
        work / "correlation.pickle", lambda: learn_correlation(material.motions, plan.correlation_steps, 0), say
    )
    encoded = kept(work / "encoded.pickle", lambda: encode_diet(material.heard, one.encoder, ENCODED_SEED), say)
    face = demo_face()
    judges = Judges(face, correlation, channel_weights(material.heard))
    ears, pupil, generators = kept(
        work / "generators.pickle", lambda: generate(material, encoded, pupil, judges, plan, say), say
    )
    return Trained(one.encoder, ears, pupil, generators, face)


def read_clips(work: Path, pack: str) -> list[Clip]:
    """A pack as clips of lessons; those without phones get unknown ones."""
    clips = []
    for clip in read_pack(work / "speech" / f"{pack}.npz"):
        count = -(-len(clip.samples) // 320)
        labels = np.full(count, -1, np.int8) if clip.labels is None else clip.labels
        clips.append(Clip(clip.samples, labels, clip.name))
    return clips


def gather(work: Path, films: list[FilmedClip], lessons: dict[str, list[Lesson]], rest: list[Lesson]) -> Material:
    """Passages of every kind: filmed clips and readings as they are heard, and as their phones spell them."""
    face = demo_face()
    boards = {clip.name: clip for clip in films}
    seen, told, spelt = [], [], []
    for pack in PACKS:
        for lesson, clip in zip(lessons[pack], read_clips(work, pack), strict=True):
            energy = goals.energy_of(clip.samples)
            goal = _goal(lesson, clip, boards, face)
            filmed = clip.name in boards
            (seen if filmed else told).extend(heard_passages(lesson, goal, energy, 4 if filmed else 2))
            if (lesson.phones >= 0).mean() > 0.9:
                spelt.append(spelt_passage(lesson.phones, goal, energy))
    still = [p for lesson in rest for p in heard_passages(lesson, _rest_goal(lesson), None, 1)]
    motions = [clip.at(np.arange(len(clip.board) * FRAME_RATE_HZ // round(clip.fps)) / FRAME_RATE_HZ) for clip in films]
    recorded = read_takes(work.parent / "facegood", TRAINING_TAKES)
    motions += [take_board(take) for take in recorded]
    curves = [p for take in recorded for p in take_passages(take)]
    return Material(Diet((seen, told, curves, still), DIET), Diet((spelt,), (24,)), motions)


def _goal(lesson: Lesson, clip: Clip, boards: dict[str, FilmedClip], face: Face) -> np.ndarray:
    if clip.name not in boards:
        return goals.reading_goal(lesson.controls.astype(np.float32), lesson.phones, face)
    board = boards[clip.name].at(np.arange(len(lesson.hidden)) / FRAME_RATE_HZ + PICTURES_LATE_S)
    return goals.film_goal(board, lesson.phones)


def _rest_goal(lesson: Lesson) -> np.ndarray:
    return np.zeros((len(lesson.hidden), GOALS), np.float16)


def heard_passages(lesson: Lesson, goal: np.ndarray, energy: np.ndarray | None, most: int) -> list[Passage]:
    """One passage for each of a lesson's first `most` versions."""
    loud = np.zeros(len(goal), np.float16) if energy is None else energy
    told = Passage(lesson.heard[0][0][: len(goal)], _fitted(loud, len(goal)), goal, lesson.phones)
    return [_played(told, features, speed) for features, speed in lesson.heard[:most]]


def _played(told: Passage, features: np.ndarray, speed: float) -> Passage:
    """A passage as another version of its sound has it. features: [n, 160]."""
    times = np.arange(len(features)) / FRAME_RATE_HZ * speed
    rows = np.clip(np.round(times * FRAME_RATE_HZ).astype(int), 0, len(told.goal) - 1)
    goal = resample_goal(told.goal.astype(np.float32), FRAME_RATE_HZ, times).astype(np.float16)
    return Passage(features.astype(np.float16), told.energy[rows], goal, told.phones[rows])


def _fitted(values: np.ndarray, count: int) -> np.ndarray:
    return values[np.minimum(np.arange(count), len(values) - 1)]


def take_board(take: Take) -> np.ndarray:
    """A recorded take as board curves at 50 Hz, float32 [N, 185]."""
    arkit = take.arkit.copy()
    goals.widen(arkit, demo_face(), goals.RETRACTION)
    goals.add_cheeks(arkit)
    times = np.arange(len(arkit) * 5 // 3) / FRAME_RATE_HZ
    return resample_goal(arkit_to_board(np.clip(arkit, 0.0, 1.0)), TAKE_FPS, times)


def take_passages(take: Take) -> list[Passage]:
    """A recorded take in pieces, each clean and as two other voices."""
    rng = np.random.default_rng(7)
    unknown = np.full(len(take.arkit) * 5 // 3, UNKNOWN, np.int8)
    goal = goals.film_goal(take_board(take), unknown)
    passages = []
    for start in range(0, len(goal) - PIECE_HOPS // 4, PIECE_HOPS):
        piece = goal[start : start + PIECE_HOPS]
        samples = take.samples[start * level.FRAME_SAMPLES :][: len(piece) * level.FRAME_SAMPLES]
        clean = mel.features(level.normalise(samples)).astype(np.float16)
        energy = _fitted(goals.energy_of((samples * 32767).astype(np.int16)), len(piece))
        told = Passage(_fitted(clean, len(piece)), energy, piece, unknown[: len(piece)])
        passages.append(told)
        for spoilt, speed in (augment(samples, rng), augment(samples, rng)):
            passages.append(_played(told, mel.features(level.normalise(spoilt)), speed))
    return passages


def spelt_passage(phones: np.ndarray, goal: np.ndarray, energy: np.ndarray) -> Passage:
    """A passage whose input is the phones themselves, one-hot."""
    one_hot = np.eye(len(PHONES), dtype=np.float16)[np.maximum(phones, 0)]
    return Passage(one_hot, _fitted(energy, len(goal)), goal, phones)


def generate(
    material: Material, encoded: Diet, pupil: Pupil, judges: Judges, plan: Plan, say: Say
) -> tuple[EncoderEars, Pupil, dict[str, Generator]]:
    """Train the three generators. Returns what reads the encoder's frames and the tuned trunk too."""
    say("training the generator of whole recordings")
    ears, shape = new_ears(encoded), GeneratorShape(GOALS, inputs=HEARD, width=WIDTH)
    made = fit(ears, encoded, judges, plan.generator, {"generator": shape})
    say("training the generator of streams and tuning the trunk")
    pupil = copy.deepcopy(pupil)
    made |= fit(TrunkEars(pupil), material.heard, judges, plan.stream, {"stream": GeneratorShape(GOALS, causal=True)})
    say("training the articulator")
    recipe = replace(plan.stream, steps=plan.stream.steps // 4, seed=plan.stream.seed + 1, dropout=0.0)
    shapes = {"articulator": GeneratorShape(GOALS, inputs=len(PHONES))}
    return ears, pupil, made | fit(None, material.spelt, judges, recipe, shapes)


def new_ears(encoded: Diet) -> EncoderEars:
    """Ears for frames of the encoder that know no phone yet."""
    torch.manual_seed(0)
    return EncoderEars(len(PHONES)).settle(encoded)
