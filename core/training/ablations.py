"""What each idea is worth: the same training with one of them taken away, judged on motion that nobody trained on.

Writes one weights file a variant into work/ablations, for `python -m benchmarks lipsync --weights FILE --quick`, and
returns what only the curves themselves can tell.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from ..rig.board import BOARD
from ..speech import level, mel
from . import train as stages
from .corpus import PICTURES_LATE_S
from .correlation import MOVING, Correlation, learn_correlation
from .distil import Pupil
from .film import FilmedClip
from .fit import Judges, Recipe, channel_weights, fit
from .network import Generator, GeneratorShape, Trunk
from .passages import GOALS, Diet, listen
from .ship import write_model
from .train import Material, Plan, Say, Trained


@dataclass(frozen=True, slots=True)
class Variant:
    """One run: its name in the table, and what it goes without."""

    name: str
    agree: bool = True
    phonetic: bool = True
    augmented: bool = True
    emotions: bool = True


VARIANTS = (
    Variant("everything"),
    Variant("no correlation supervision", agree=False),
    Variant("no phonetic pre-training", phonetic=False),
    Variant("no augmentation", augmented=False),
    Variant("no emotion conditioning", emotions=False),
)


def run_ablations(
    work: Path, films: list[FilmedClip], aside: list[FilmedClip], plan: Plan, say: Say
) -> list[dict[str, object]]:
    """Train the offline generator of every variant for as many steps; the others are the full model's."""
    lessons, rest, pupil = stages.heard(work, plan, say)
    material = stages.gather(work, films, lessons, rest)
    full = stages.train(work, films, plan, say)
    correlation = learn_correlation(material.motions, plan.correlation_steps, 0)
    table = []
    for variant in VARIANTS:
        say(f"ablation: {variant.name}")
        ears = copy.deepcopy(pupil) if variant.phonetic else fresh_ears(pupil)
        generator = train_variant(variant, ears, material, correlation, plan.generator)
        path = work / "ablations" / f"{variant.name.replace(' ', '-')}.safetensors"
        path.parent.mkdir(exist_ok=True)
        write_model(Trained(ears, full.generators | {"generator": generator}, full.face), path)
        table.append({"name": variant.name, "metrics": judge_motion(ears, generator, aside)})
    return table


def fresh_ears(pupil: Pupil) -> Pupil:
    """A trunk that was told nothing yet."""
    torch.manual_seed(1)
    sizes = (pupil.hidden.out_features, pupil.controls.out_features, pupil.phones.out_features)
    return Pupil(Trunk(), *sizes)


def train_variant(
    variant: Variant, ears: Pupil, material: Material, correlation: Correlation, recipe: Recipe
) -> Generator:
    """The offline generator without what the variant goes without; the ears are tuned in place."""
    diet = material.heard
    if not variant.augmented:  # clean versions come first in every group of a lesson's versions
        seen, told, curves, still = diet.passages
        diet = Diet((seen[::4], told[::2], curves[::3], still), diet.sizes)
    judges = Judges(stages.demo_face(), correlation if variant.agree else None, channel_weights(diet))
    recipe = replace(recipe, emotions=variant.emotions, phones=recipe.phones * variant.phonetic)
    return fit(ears, diet, judges, recipe, {"generator": GeneratorShape(GOALS)})["generator"]


def judge_motion(pupil: Pupil, generator: Generator, clips: list[FilmedClip]) -> dict[str, float]:
    """How near generated curves come to filmed ones, and how near their regions move together as filmed ones do.

    Returns curve error: mean over moving channels of squared error over the channel's variance; region correlation
    error: mean absolute difference of the correlations between channels of different regions; motion r: median over
    clips and moving channels.
    """
    made, real = [], []
    for clip in clips:
        features = mel.features(level.normalise(clip.samples))
        hidden = torch.from_numpy(listen(features, pupil.trunk).astype(np.float32))[None]
        with torch.no_grad():
            curves = generator(hidden, torch.zeros(1, hidden.shape[1], 6))[0, :, : len(BOARD)].numpy()
        count = min(len(curves), int(len(clip.board) / clip.fps * level.FRAME_RATE_HZ))
        made.append(curves[:count])
        real.append(clip.at(np.arange(count) / level.FRAME_RATE_HZ + PICTURES_LATE_S))
    moving = np.flatnonzero(np.concatenate(real).std(axis=0) > 0.01)
    got, goal = np.concatenate(made)[:, moving], np.concatenate(real)[:, moving]
    error = float(np.mean(np.square(got - goal).mean(axis=0) / goal.var(axis=0)))
    regions = np.array([MOVING.index(BOARD[i].region) if BOARD[i].region in MOVING else -1 for i in moving])
    across = regions[:, None] != regions[None]
    apart = np.abs(_correlations(got) - _correlations(goal))[across].mean()
    return {"curve error": error, "region correlation error": float(apart), "motion r": _median_r(made, real, moving)}


def _correlations(curves: np.ndarray) -> np.ndarray:
    return np.nan_to_num(np.corrcoef(curves + 1e-6 * np.arange(len(curves))[:, None] % 7e-6, rowvar=False))


def _median_r(made: list[np.ndarray], real: list[np.ndarray], moving: np.ndarray) -> float:
    found = []
    for got, goal in zip(made, real, strict=True):
        for column in moving:
            if goal[:, column].std() > 0.01 and got[:, column].std() > 1e-6:
                found.append(np.corrcoef(got[:, column], goal[:, column])[0, 1])
    return float(np.median(found))
