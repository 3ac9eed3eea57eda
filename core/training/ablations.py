"""What each idea is worth: the same training with one of them taken away, judged on motion that nobody trained on.

Judged is the bare network: the rules of articulation that follow it hide part of what a variant lacks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from ..rig.board import BOARD
from ..rig.mapping import board_to_arkit
from ..speech import level, mel
from ..speech.emotion import EMOTIONS
from . import facs
from . import train as stages
from .corpus import PICTURES_LATE_S
from .correlation import MOVING, Correlation, learn_correlation
from .diet import Diet
from .distil import Pupil
from .ears import HEARD, Ears, TrunkEars
from .encoded import encode_diet, encode_rows
from .film import FilmedClip
from .fit import Judges, channel_weights, fit
from .judge import correlation_at, score_clip
from .network import Generator, GeneratorShape, Trunk
from .passages import GOALS, listen
from .train import Material, Plan, Say
from .version_one import read_version_one


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
    """Train and judge the generator of whole recordings without each idea in turn, for as many steps."""
    one = read_version_one(work / "version1.safetensors")
    lessons, rest, pupil = stages.heard(work, one, plan, say)
    ground = Ground(one.encoder, pupil, stages.gather(work, films, lessons, rest), plan)
    correlation = learn_correlation(ground.material.motions, plan.correlation_steps, 0)
    table = []
    for variant in VARIANTS:
        say(f"ablation: {variant.name}")
        ears, generator = train_variant(variant, ground, correlation)
        table.append({"name": variant.name, "metrics": judge_variant(ears, generator, one.encoder, aside)})
    return table


@dataclass(frozen=True, slots=True)
class Ground:
    """What every variant starts from."""

    encoder: dict[str, torch.Tensor]
    pupil: Pupil
    material: Material
    plan: Plan


def train_variant(variant: Variant, ground: Ground, correlation: Correlation) -> tuple[Ears, Generator]:
    """The generator of whole recordings without what the variant goes without, and what it listens with."""
    diet = ground.material.heard
    if not variant.augmented:  # clean versions come first in every group of a lesson's versions
        seen, told, curves, still = diet.passages
        diet = Diet((seen[::4], told[::2], curves[::3], still), diet.sizes)
    judges = Judges(stages.demo_face(), correlation if variant.agree else None, channel_weights(diet))
    recipe = replace(ground.plan.generator, emotions=variant.emotions)
    if not variant.phonetic:
        ears = TrunkEars(fresh_pupil(ground.pupil))
        shape = GeneratorShape(GOALS, width=stages.WIDTH)
        return ears, fit(ears, diet, judges, replace(recipe, phones=0.0), {"generator": shape})["generator"]
    diet = encode_diet(diet, ground.encoder, stages.ENCODED_SEED, spoilt=variant.augmented)
    ears, shape = stages.new_ears(diet), GeneratorShape(GOALS, inputs=HEARD, width=stages.WIDTH)
    return ears, fit(ears, diet, judges, recipe, {"generator": shape})["generator"]


def fresh_pupil(pupil: Pupil) -> Pupil:
    """A trunk that was told nothing yet: what is left without the encoder and the phones."""
    torch.manual_seed(1)
    sizes = (pupil.hidden.out_features, pupil.controls.out_features, pupil.phones.out_features)
    return Pupil(Trunk(), *sizes)


def judge_variant(
    ears: Ears, generator: Generator, encoder: dict[str, torch.Tensor], clips: list[FilmedClip]
) -> dict[str, float]:
    """Figures of the bare network on filmed clips, before any rule, and how well emotions tell themselves apart."""
    curves = [network_curves(ears, generator, encoder, clip.samples) for clip in clips]
    lips = [_lip_figures(made, clip) for made, clip in zip(curves, clips, strict=True)]
    opening_r, closure_f1, width_r = np.median(np.array(lips), axis=0).tolist()
    figures = {"opening r": opening_r, "width r": width_r, "closure F1": closure_f1}
    felt = {"emotions named": emotions_named(ears, generator, encoder, clips[::9])}
    return figures | judge_motion(curves, clips) | felt


def network_curves(
    ears: Ears, generator: Generator, encoder: dict[str, torch.Tensor], samples: np.ndarray, felt: int | None = None
) -> np.ndarray:
    """The board as the bare network has it, float32 [N, 185]. felt: the emotion in full strength, None for neutral."""
    features = mel.features(level.normalise(samples))
    if isinstance(ears, TrunkEars):
        frames = torch.from_numpy(listen(features, ears.trunk).astype(np.float32))
    else:
        frames = (torch.from_numpy(encode_rows(features, encoder)) - ears.mean) * ears.scale
    emotion = torch.zeros(1, len(frames), len(EMOTIONS))
    if felt is not None:
        emotion[..., felt] = 1
    with torch.no_grad():
        return generator(frames[None], emotion)[0, :, : len(BOARD)].numpy()


def emotions_named(
    ears: Ears, generator: Generator, encoder: dict[str, torch.Tensor], clips: list[FilmedClip]
) -> float:
    """Share of clips in seven emotions that a plain FACS reading names right."""
    right = []
    for clip in clips:
        for place, name in enumerate(("neutral", *EMOTIONS)):
            board = network_curves(ears, generator, encoder, clip.samples, place - 1 if place else None)
            right.append(facs.read_emotion(board_to_arkit(board).mean(axis=0))[0] == name)
    return float(np.mean(right))


def _lip_figures(board: np.ndarray, clip: FilmedClip) -> tuple[float, float, float]:
    """Opening r, closure F1 and width r of one clip."""
    face, arkit = stages.demo_face(), board_to_arkit(board)
    count = min(len(clip.opening), round(len(arkit) / level.FRAME_RATE_HZ * clip.fps))
    times = np.arange(count) / clip.fps * level.FRAME_RATE_HZ
    opening, width = (
        np.interp(times, np.arange(len(arkit)), arkit @ line[:-1] + line[-1]) for line in (face.opening, face.width)
    )
    filmed_width = board_to_arkit(clip.board[:count]) @ face.width[:-1]
    score = score_clip(np.maximum(opening, 0), clip.opening[:count], clip.fps)
    return score.r, score.closure_f1, correlation_at(width, filmed_width, clip.fps, score.shift_s)


def judge_motion(curves: list[np.ndarray], clips: list[FilmedClip]) -> dict[str, float]:
    """How near generated curves come to filmed ones, and how near their regions move together as filmed ones do.

    curves: float32 [N, 185] at FRAME_RATE_HZ, one a clip.
    Returns curve error: mean over moving channels of squared error over the channel's variance; region correlation
    error: mean absolute difference of the correlations between channels of different regions; motion r: median over
    clips and moving channels.
    """
    made, real = [], []
    for board, clip in zip(curves, clips, strict=True):
        count = min(len(board), int(len(clip.board) / clip.fps * level.FRAME_RATE_HZ))
        made.append(board[:count])
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
