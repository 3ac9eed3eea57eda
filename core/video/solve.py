"""Landmarks of a whole film to ARKit's shapes, head and eyes on the template in the person's own shape.

The person is fitted to some pictures, every picture's pose and expression are solved (each side of the face by itself:
no symmetry is asked for), the neutral face and the depth of blinks are the person's own, gaps are filled, and a filter
without lag takes the tracker's trembling away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import SettingError
from ..rig.arkit import ARKIT_52
from ..template.camera import Lens, first_pose, moved, refined_pose
from ..template.files import head_template
from ..template.fit import Person, fit_identity, fitted_weights, views_of
from ..template.lids import BLINKS, blink_growth, lid_gaps
from ..template.marks import STEADY, landmark_weights
from ..template.snap import drawn_to
from ..types import RigCurves
from .blinks import shut
from .gaps import filled, filled_poses
from .neutral import in_head, neutral_face
from .reading import motions, shipped_reader
from .smoothing import both_ways
from .trust import trusts, uncovered
from .turns import head_angles
from .types import VideoTrack

FITTED, BLOCK = 32, 128
"""Pictures a person is fitted to, and pictures solved at a time."""
LEAST_SEEN = 3
BELIEVED = 0.3
"""Confidence below which a picture's own expression is not used."""
CUTOFF_HZ, EAGERNESS = 4.0, 6.0
WHOLE_HZ = 3.2
"""Of shapes filtered both ways, where calm costs no lag."""
BLINK_HZ, BLINK_EAGERNESS = 12.0, 40.0
POSE_HZ, POSE_EAGERNESS = 2.0, 60.0
DOWNS = (ARKIT_52.index("eyeLookDownRight"), ARKIT_52.index("eyeLookDownLeft"))
LOOKS = tuple(k for k, name in enumerate(ARKIT_52) if name.startswith("eyeLook"))


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the tracker saw. landmarks: float32 [T, 478, 3], nan where no face was found; colors: see trust.colors_at.

    fps, size: of the pictures; focal: pixels where it is known.
    """

    landmarks: np.ndarray
    colors: np.ndarray
    fps: float
    size: tuple[int, int]
    focal: float | None = None

    @property
    def found(self) -> np.ndarray:
        """Whether each picture shows the face, bool [T]."""
        return np.isfinite(self.landmarks[:, 0, 0])


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """What each of T pictures says by itself: pose [T, 4, 4], weights [T, 52], error [T], lid gaps [T, 2]."""

    pose: np.ndarray
    weights: np.ndarray
    error: np.ndarray
    gaps: np.ndarray


def solve(seen: Seen, person: Person | None = None, as_meant: bool = True) -> VideoTrack:
    """Solve a film.

    person: who it is, where that is known already (another film of the same camera). as_meant: whether what the tracker
    damps is taken back, as a performance wants it; without, the mesh lies on the landmarks, as learning wants it.

    Raises SettingError when hardly a picture shows a face.
    """
    found = seen.found
    if found.sum() < LEAST_SEEN:
        raise SettingError("No face was found in this film; it must show one face from the front, larger than a thumb.")
    clear = uncovered(seen.colors, found, LEAST_SEEN)
    if person is None:
        chosen = np.nonzero(clear)[0][np.linspace(0, clear.sum() - 1, min(FITTED, clear.sum())).astype(int)]
        person = fit_identity(seen.landmarks[chosen], seen.size, seen.focal)
    raw, neutral = each_picture(seen.landmarks[found].astype(np.float64), clear[found], person)
    person = with_neutral(person, neutral)
    if as_meant:
        raw = replace(raw, weights=_meant(raw, seen.landmarks[found, :, :2], neutral, person.lens))
    raw = Raw(*(_spread(part, found) for part in (raw.pose, raw.weights, raw.error, raw.gaps)))
    whole, parts = trusts(found, raw.error, head_angles(raw.pose)[:, 0], seen.colors)
    weights = _calmed(raw, whole, seen.fps)
    good = whole >= BELIEVED
    pose = _steadied(filled_poses(raw.pose, good, seen.fps), seen.fps)
    turn = head_angles(pose)
    turn -= np.median(turn[good], axis=0) if good.any() else 0
    return VideoTrack(
        seen.fps,
        seen.size,
        _held(seen.landmarks, found, seen.fps),
        RigCurves(ARKIT_52, weights, seen.fps),
        turn.astype(np.float32),
        pose.astype(np.float32),
        person.lens.focal,
        whole,
        parts,
        person,
    )


def with_neutral(person: Person, neutral: np.ndarray) -> Person:
    """The person with the resting mesh drawn to the neutral face's landmarks, [478, 3]."""
    template = head_template()
    wish = neutral - template.at_landmarks(person.points)
    points = drawn_to(template, person.points, wish)
    return replace(person, points=points, growth=blink_growth(template, points))


def each_picture(landmarks: np.ndarray, clear: np.ndarray, person: Person) -> tuple[Raw, np.ndarray]:
    """Every picture by itself, and the neutral face that those tell which show all of it, [478, 3].

    landmarks: float64 [T, 478, 3]; clear: bool [T].
    """
    pixels, lens = landmarks[..., :2], person.lens
    template = head_template()
    shapes = template.at_landmarks(template.shapes * person.growth[:, None, None]).astype(np.float64)
    rest = template.at_landmarks(person.points).astype(np.float64)
    trust = landmark_weights()
    steady = np.where(np.isin(np.arange(len(trust)), STEADY), 1.0, 0.03)
    whole = np.broadcast_to(rest, (len(pixels), *rest.shape))
    pose = _blockwise(lambda p, r: refined_pose(first_pose(r, p, steady, lens), r, p, steady, lens), pixels, whole)
    neutral = neutral_face(in_head(pixels, pose, rest, lens)[clear], pixels[clear], rest)

    def both(block: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        views = views_of(block)
        pose = refined_pose(start, np.broadcast_to(neutral, (len(block), *neutral.shape)), block, steady, lens, steps=2)
        weights = fitted_weights(neutral, shapes, pose, views, lens)
        posed = neutral + np.einsum("tc,cld->tld", weights, shapes)
        pose = refined_pose(pose, posed, block, trust + steady, lens, steps=2)
        weights = fitted_weights(neutral, shapes, pose, views, lens)
        posed = neutral + np.einsum("tc,cld->tld", weights, shapes)
        miss = np.square(block - lens.pixels(moved(pose, posed))).sum(-1) @ trust / trust.sum()
        return pose, weights, np.sqrt(miss) / views.eyes

    pose, weights, error = _blockwise(both, pixels, pose)
    return Raw(pose, weights, error, lid_gaps(in_head(pixels, pose, neutral, lens))), neutral


def _meant(raw: Raw, pixels: np.ndarray, neutral: np.ndarray, lens: Lens) -> np.ndarray:
    """What every picture's landmarks mean, float64 [T, 52]. pixels: [T, 478, 2]; neutral: [478, 3]."""
    reader = shipped_reader()

    def read(pixels: np.ndarray, pose: np.ndarray, fitted: np.ndarray) -> np.ndarray:
        return reader.read(motions(pixels, pose, neutral, lens), head_angles(pose), fitted)

    return _blockwise(read, pixels, raw.pose, raw.weights)


def _blockwise(solver: object, *arrays: np.ndarray) -> np.ndarray | tuple[np.ndarray, ...]:
    """Run a solver over BLOCK rows at a time, which keeps memory small for long films."""
    starts = range(0, len(arrays[0]), BLOCK)
    made = [solver(*(array[start : start + BLOCK] for array in arrays)) for start in starts]
    if isinstance(made[0], tuple):
        return tuple(np.concatenate(part) for part in zip(*made, strict=True))
    return np.concatenate(made)


def _spread(rows: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Rows of the found pictures among all, the nearest one before (or the first) standing in for the rest."""
    place = np.maximum(np.cumsum(found) - 1, 0)
    return rows[place]


def _held(landmarks: np.ndarray, found: np.ndarray, fps: float) -> np.ndarray:
    """Landmarks bridged where the face was lost, float32."""
    flat = filled(np.nan_to_num(landmarks).reshape(len(found), -1), found, fps, fade=False)
    return flat.reshape(landmarks.shape).astype(np.float32)


def _calmed(raw: Raw, confidence: np.ndarray, fps: float) -> np.ndarray:
    """Weights with blinks at full depth, gaps filled and trembling gone; float32 [T, 52]."""
    good = confidence >= BELIEVED
    weights = raw.weights.copy()
    closed = shut(raw.gaps, weights[:, DOWNS], good)
    weights[:, BLINKS] = closed
    # A shut eye hides where it looks: the gaze of before and after holds.
    hidden = closed.max(1) > 0.55
    weights[:, LOOKS] = filled(weights[:, LOOKS], good & ~hidden, fps, fade=False)
    weights = filled(weights, good, fps)
    smooth = both_ways(weights, fps, WHOLE_HZ, EAGERNESS)
    # A blink is over in a tenth of a second and loses its depth in any filter that calms a mouth.
    smooth[:, BLINKS] = both_ways(weights[:, BLINKS], fps, BLINK_HZ, BLINK_EAGERNESS)
    return np.clip(smooth, 0, 1).astype(np.float32)


def _steadied(pose: np.ndarray, fps: float) -> np.ndarray:
    """Poses without trembling, rigid as before; [T, 4, 4]."""
    rows = pose[:, :3, :].reshape(len(pose), -1)
    smooth = both_ways(rows, fps, POSE_HZ, POSE_EAGERNESS).reshape(-1, 3, 4)
    u, _, vt = np.linalg.svd(smooth[:, :, :3])
    steady = pose.copy()
    steady[:, :3, :3] = u @ vt
    steady[:, :3, 3] = smooth[:, :, 3]
    return steady
