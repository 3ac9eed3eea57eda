"""A film in, a tracked face out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..errors import SettingError
from ..paths import shown
from .faces import CHOICES, LANDMARKS, FaceFollower, count_faces
from .film import Damage, Film, open_film, pictures
from .gaps import filled
from .ranges import check_reach, in_range
from .smoothing import both_ways
from .solve import CUTOFF_HZ, EAGERNESS, Seen, solve
from .task import task_weights
from .trust import SAMPLES, colors_at
from .types import VideoTrack

Say = Callable[[float, str], None]
"""Told how far the work is, 0..1, and what is done; may raise Cancelled."""
LOOKS = 5
"""Places of a film that are searched for several faces."""
MOST_FRAMES = 400_000


@dataclass(frozen=True, slots=True)
class TrackOptions:
    """How to track.

    face: which of several, one of core.video.faces.CHOICES; focal: pixels, None to find it; task: MediaPipe's newer
    task file, whose scores then stand instead of what our solver makes of the landmarks; reach: how far the person's
    own extremes are to go, see core.video.ranges, None to leave them as they are.
    """

    face: str = "largest"
    focal: float | None = None
    task: Path | None = None
    reach: float | None = None

    def __post_init__(self) -> None:
        if self.face not in CHOICES:
            raise SettingError(f'There is no choice "{self.face}" of a face; choose {", ".join(CHOICES)}.')
        if self.focal is not None and not self.focal > 0:
            raise SettingError(f"A focal length must be above 0 pixels, but is {self.focal:g}.")
        if self.reach is not None:
            check_reach(self.reach)


def track_video(path: Path, options: TrackOptions, say: Say) -> VideoTrack:
    """Track the face of a film. Raises FormatError for what is no film, SettingError where no face is seen."""
    film = open_film(path)
    share = 0.4 if options.task else 0.8
    scores = None
    if options.task:
        scores = task_weights(film, options.task, lambda part: say(share * part, "asking the task file"))
    seen = watch(film, options, lambda part: say(0.8 - share + share * part, "looking"))
    say(0.8, "solving")
    track = solve(seen)
    say(1.0, "done")
    track = track if scores is None else with_scores(track, scores)
    return track if options.reach is None else with_reach(track, options.reach)


def with_reach(track: VideoTrack, reach: float) -> VideoTrack:
    """A track whose extremes go as far as reach, 0..1; see core.video.ranges."""
    values = in_range(track.weights.values, track.parts, reach)
    return replace(track, weights=replace(track.weights, values=values))


def with_scores(track: VideoTrack, scores: np.ndarray) -> VideoTrack:
    """A track whose shapes are a task file's scores, float32 [T, 52], nan where it saw no face."""
    scores = scores[: len(track.head)]
    seen = np.isfinite(scores[:, 0])
    values = filled(np.nan_to_num(scores), seen, track.fps)
    smooth = both_ways(values, track.fps, CUTOFF_HZ, EAGERNESS)
    return replace(track, weights=replace(track.weights, values=np.clip(smooth, 0, 1).astype(np.float32)))


def watch(film: Film, options: TrackOptions, say: Callable[[float], None], damage: Damage | None = None) -> Seen:
    """Look at every picture of a film once. damage: counts what could not be read."""
    with FaceFollower(options.face, faces_in(film)) as follower:
        landmarks, colors = [], []
        for number, picture in enumerate(pictures(film, damage)):
            found = follower.find(picture)
            landmarks.append(np.full((LANDMARKS, 3), np.nan, np.float32) if found is None else found)
            colors.append(np.zeros((len(SAMPLES), 3), np.uint8) if found is None else colors_at(picture, found))
            if number > MOST_FRAMES:
                raise SettingError(f"{shown(film.path)} is too long; cut it into films of at most two hours.")
            say(min(number / film.frames, 1.0))
    return Seen(np.stack(landmarks), np.stack(colors), film.fps, film.size, options.focal)


def faces_in(film: Film) -> int:
    """The most faces that some pictures of a film show, at least 1."""
    most = 1
    step = max(1, film.frames // LOOKS)
    for number, picture in enumerate(pictures(film)):
        if number % step == 0:
            most = max(most, count_faces(picture))
        if number >= min(film.frames, 10 * step):
            break
    return most
