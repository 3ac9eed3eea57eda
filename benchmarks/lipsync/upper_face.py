"""Head, brows and blinks against filmed speakers: how far they move (spread) and how fast (spectrum).

One yardstick for film and performance, both read at 25 Hz:
  head     yaw, pitch, roll in degrees. Film: the rotation that carries the clip's mean rigid landmarks into each frame.
  brows    mean height of ten brow points over the eye corners, in percent of the outer-eye distance, head motion taken
           out. Performance: the same ten points of the demo head, moved by its brow shapes.
  lids     opening over its own 80th percentile within two seconds. Performance: 1 - eyeBlink, mean of both eyes.
  spread   standard deviation over the clip.
  shares   of the power below 6 Hz, Hann window, in BANDS_HZ.
  blinks   dips of the lids below 0.55: how many a minute, and the median time below half their depth.
A figure is the mean over seeds and over the clips of one source, then the median over sources. What a tracker adds of
its own stays in the filmed figures; it shows in the fastest band of the brows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.head import lips
from core.rig.arkit import ARKIT_52
from core.rig.board import BOARD_NAMES
from core.rig.mapping import board_to_arkit
from core.speech import level
from core.speech.direction import Direction
from core.speech.emotion import EmotionTrack
from core.speech.life import add_life, live
from core.speech.prosody import hear_prosody
from core.training.labels import EYE_CORNERS, RIGID_LANDMARKS, steady

RATE_HZ = 25.0
BANDS_HZ = ((0.0, 0.5), (0.5, 2.0), (2.0, 6.0))
BLINK_BELOW = 0.55
OPEN_WINDOW_S, OPEN_QUANTILE = 2.0, 0.8
AXES = ("yaw", "pitch", "roll")

# MediaPipe's brow landmark beside the nearest vertex of the demo head, once both faces are laid over each other.
_BROW_PAIRS = (
    (70, 212), (63, 225), (105, 224), (66, 205), (107, 208),
    (336, 6983), (296, 6980), (334, 6998), (293, 6999), (300, 7024),
)  # fmt: skip
_LIDS = (((159, 145), (33, 133)), ((386, 374), (362, 263)))
_TO_HEAD_AXES = np.array([1.0, -1.0, -1.0])


@dataclass(frozen=True, slots=True)
class Motion:
    """What the upper face of one clip did at RATE_HZ: head degrees [T, 3], brows percent [T], lids [T], about 0..1."""

    head: np.ndarray
    brows: np.ndarray
    lids: np.ndarray


@dataclass(frozen=True, slots=True)
class Film:
    """One filmed clip. source: clips of one source count once; track: as core.training.track describes it."""

    name: str
    source: str
    track: dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, filmed and performed. ratio: performed over filmed."""

    figure: str
    filmed: float
    performed: float

    @property
    def ratio(self) -> float:
        return self.performed / self.filmed


Performer = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray, float]]
"""Sound float32 [S] at 16 kHz and a seed to ARKit shapes [T, 52], head [T, 3] in radians and frames per second."""


def compare(
    films: Sequence[Film], perform: Performer, slopes: np.ndarray, seeds: Iterable[int] = range(32)
) -> list[Row]:
    """Every figure of film and performance on the same clips. slopes: brow_slopes of the demo head."""
    tables: list[dict[str, list[dict[str, float]]]] = [{}, {}]
    for film in films:
        tables[0].setdefault(film.source, []).append(figures(filmed_motion(film.track)))
        for seed in seeds:
            motion = performed_motion(*perform(film.track["samples"], seed), slopes)
            tables[1].setdefault(film.source, []).append(figures(motion))
    filmed, performed = (_over_sources(table) for table in tables)
    return [Row(name, filmed[name], performed[name]) for name in filmed]


def source_of(name: str) -> str:
    """Clips that show one broadcast ("edtalk_address_450", "lia_address_256") share their source."""
    return "address" if "_address_" in name else name


def life_alone(samples: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """A Performer: what lives by itself over a face that does nothing else."""
    prosody = hear_prosody(level.frame_levels(level.normalise(samples)))
    times = np.arange(max(2, round(len(samples) / level.RATE_HZ * RATE_HZ))) / RATE_HZ
    controls, head = live(times, prosody, seed, Direction(), EmotionTrack.neutral())
    board = add_life(np.zeros((len(times), len(BOARD_NAMES)), np.float32), controls)
    return board_to_arkit(board), head, RATE_HZ


def brow_slopes(points: np.ndarray, units: dict[str, np.ndarray]) -> np.ndarray:
    """Brow height in percent of the outer-eye distance that each ARKit shape adds on a head, [52].

    points: [N, 3], base mesh, y up; units: ARKit name to offsets [N, 3].
    """
    right, left = (points[corner] for corner in lips.EYE_OUTER_CORNERS)
    vertices = [vertex for _, vertex in _BROW_PAIRS]
    lifts = [units[name][vertices, 1].mean() if name in units else 0.0 for name in ARKIT_52]
    return 100 * np.array(lifts) / np.linalg.norm(right - left)


def filmed_motion(track: dict[str, np.ndarray]) -> Motion:
    """Read a track. Frames without a face are bridged."""
    seen = track["found"]
    landmarks = track["landmarks"][seen].astype(np.float64) * _TO_HEAD_AXES
    times = track.get("times", np.arange(len(seen)) / float(track["fps"]))
    rotations, rigid = _rotations(landmarks[:, RIGID_LANDMARKS])
    still = steady(landmarks, rigid)
    eyes = np.linalg.norm(still[:, EYE_CORNERS[0]] - still[:, EYE_CORNERS[1]], axis=1).mean()
    brow = still[:, [landmark for landmark, _ in _BROW_PAIRS], 1].mean(axis=1)
    corners = still[:, [33, 133, 362, 263], 1].mean(axis=1)
    lids = np.mean([_distance(still, *gap) / _distance(still, *width) for gap, width in _LIDS], axis=0)
    even = np.arange(int(times[-1] * RATE_HZ) + 1) / RATE_HZ
    columns = [*np.degrees(_angles(rotations)).T, 100 * (brow - corners) / eyes, lids]
    yaw, pitch, roll, brows, lids = (np.interp(even, times[seen], column) for column in columns)
    return Motion(np.stack([yaw, pitch, roll], axis=1), brows, _over_open(lids))


def performed_motion(values: np.ndarray, head: np.ndarray, fps: float, slopes: np.ndarray) -> Motion:
    """Read a performance. values: ARKit shapes [T, 52]; head: radians [T, 3]."""
    even = np.arange(int((len(head) - 1) / fps * RATE_HZ) + 1) / RATE_HZ
    times = np.arange(len(head)) / fps
    blink = values[:, [ARKIT_52.index(f"eyeBlink{side}") for side in ("Left", "Right")]].mean(axis=1)
    degrees = np.stack([np.interp(even, times, np.degrees(axis)) for axis in head.T], axis=1)
    brows, lids = (np.interp(even, times, column) for column in (values @ slopes, 1 - blink))
    return Motion(degrees, brows, _over_open(lids))


def figures(motion: Motion) -> dict[str, float]:
    """Every figure of one clip; what needs a blink is NaN where there is none."""
    found: dict[str, float] = {}
    for name, curve in (*zip(AXES, motion.head.T, strict=True), ("brows", motion.brows)):
        found[f"{name} spread ({'%' if name == 'brows' else 'deg'})"] = float(curve.std())
        for (low, high), share in zip(BANDS_HZ, band_shares(curve), strict=True):
            found[f"{name} share {low:g}-{high:g} Hz"] = share
    lengths = blink_lengths(motion.lids)
    found["blinks (per minute)"] = 60 * RATE_HZ * len(lengths) / len(motion.lids)
    found["blink length (s)"] = float(np.median(lengths)) if len(lengths) else np.nan
    return found


def band_shares(curve: np.ndarray) -> list[float]:
    """Shares of a curve's power below 6 Hz that lie in each of BANDS_HZ. curve: [T] at RATE_HZ."""
    window = np.hanning(len(curve) + 2)[1:-1]
    power = np.abs(np.fft.rfft((curve - curve.mean()) * window)) ** 2
    hertz = np.fft.rfftfreq(len(curve), 1 / RATE_HZ)
    shares = np.array([power[(hertz > 0) & (hertz >= low) & (hertz < high)].sum() for low, high in BANDS_HZ])
    return [float(share) for share in shares / max(shares.sum(), 1e-12)]


def blink_lengths(lids: np.ndarray) -> np.ndarray:
    """Seconds that each blink spends below half its depth. lids: [T] at RATE_HZ, 1 when open."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], lids < BLINK_BELOW, [0]]).astype(int)))
    lengths = []
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        half = (1 + lids[begin:end].min()) / 2
        before, after = begin, end - 1
        while before > 0 and lids[before] < half:
            before -= 1
        while after < len(lids) - 1 and lids[after] < half:
            after += 1
        first = before + _crossing(lids[before], lids[before + 1], half)
        last = after - _crossing(lids[after], lids[after - 1], half)
        lengths.append((last - first) / RATE_HZ)
    return np.array(lengths)


def _crossing(outer: float, inner: float, half: float) -> float:
    """How far from the outer frame to the inner one the lid passes half depth; 0 at the end of a clip."""
    return float((outer - half) / (outer - inner)) if outer >= half > inner else 0.0


def _over_open(lids: np.ndarray) -> np.ndarray:
    half = round(OPEN_WINDOW_S * RATE_HZ / 2)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(lids, half, mode="edge"), 2 * half + 1)
    return lids / np.quantile(around, OPEN_QUANTILE, axis=1)


def _distance(points: np.ndarray, one: int, other: int) -> np.ndarray:
    return np.linalg.norm(points[:, one] - points[:, other], axis=1)


def _rotations(rigid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotation of each frame against the clip's mean shape. rigid: [T, R, 3]. Returns [T, 3, 3] and the shape [R, 3].

    Source: Umeyama 1991 for one frame; the mean shape by turns (generalised Procrustes, Gower 1975).
    """
    centred = rigid - rigid.mean(axis=1, keepdims=True)
    shape = centred[0]
    for _ in range(5):
        u, s, vt = np.linalg.svd(np.einsum("tri,rj->tij", centred, shape))
        flip = np.sign(np.linalg.det(u @ vt))
        u[:, :, 2] *= flip[:, None]
        s[:, 2] *= flip
        rotations = u @ vt
        sizes = s.sum(axis=1) / np.square(shape).sum()
        shape = (centred @ rotations / sizes[:, None, None]).mean(axis=0)
    return rotations, shape


def _angles(rotations: np.ndarray) -> np.ndarray:
    """Yaw, pitch, roll in radians [T, 3], as Performance.head means them; axes x left, y up, z forward."""
    yaw = np.arctan2(rotations[:, 0, 2], rotations[:, 2, 2])
    pitch = np.arcsin(np.clip(rotations[:, 1, 2], -1, 1))
    roll = np.arctan2(-rotations[:, 1, 0], rotations[:, 1, 1])
    return np.unwrap(np.stack([yaw, pitch, roll], axis=1), axis=0)


def _over_sources(table: dict[str, list[dict[str, float]]]) -> dict[str, float]:
    names = next(iter(table.values()))[0]
    return {name: float(np.nanmedian([_mean(found, name) for found in table.values()])) for name in names}


def _mean(found: list[dict[str, float]], name: str) -> float:
    known = [figure[name] for figure in found if not np.isnan(figure[name])]
    return float(np.mean(known)) if known else np.nan
