"""The command's work: a video in, a folder that read_prepared reads out. What is done is kept, so it can go on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from ...errors import CoreError, FormatError, SettingError
from ...formats.atomic import replacing
from ...paths import reason, shown
from ...template.camera import Lens, moved
from ...template.files import head_template
from ...types import Speech
from ...video.film import Damage, Film, open_film, pictures, read_sound
from ...video.solve import Seen, solve
from ...video.track import TrackOptions, faces_in, watch
from ...video.types import VideoTrack
from ..hearing import speech_frames, speech_windows
from ..prepared import Prepared, read_prepared, split_of
from ..prepared_files import (
    finish,
    frame_is_done,
    write_features,
    write_frame,
    write_sitter,
    write_sound,
    write_track,
)  # fmt: skip
from .crop import Crop, crop_for
from .masks import Masker
from .report import write_report
from .sitter import sitter_of, track_of

SEEN = "seen.npz"
JOB = "job.json"
LEAST_SHARE = 0.5
"""Share of a video that must show the face."""
FEW_FPS, LEAST_S = 15.0, 2.0
FACE_PX = 60
"""Height of a face in pixels below which hardly anything of a mouth can be learned."""


class Reporter(Protocol):
    """Told of progress, and of what people should know."""

    def progress(self, value: float, text: str) -> None: ...

    def warn(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class PrepareJob:
    """video: a film of one person talking; folder: where to, made if need be; size: longest side, pixels.

    face: which of several, one of core.video.faces.CHOICES; fps: pictures a second at most.
    """

    video: Path
    folder: Path
    size: int = 512
    face: str = "largest"
    fps: float = 30.0

    def __post_init__(self) -> None:
        if not 64 <= self.size <= 2048:
            raise SettingError(f"The size must lie between 64 and 2048 pixels, but is {self.size}.")
        if not 5 <= self.fps <= 60:
            raise SettingError(f"The frame rate must lie between 5 and 60, but is {self.fps:g}.")


def prepare(job: PrepareJob, reporter: Reporter) -> Prepared:
    """Prepare a video, or go on where an earlier run was stopped.

    Raises FormatError or SettingError in one sentence; what was done until then stays in the folder.
    """
    try:
        film = slower(open_film(job.video), job.fps)
        _claim(job, film)
        seen = _seen(job, film, reporter)
        reporter.progress(0.3, "solving")
        track = solve(seen, as_meant=False)
        return _written(job, film, track, reporter)
    except OSError as fault:
        raise FormatError(
            f"{shown(job.folder)} cannot be written ({reason(fault)}); what is done stays, so start again when it can."
        ) from None


def slower(film: Film, fps: float) -> Film:
    """The film handed out at no more pictures a second than fps, in whole steps of its own."""
    while film.fps > fps * 1.01:
        film = replace(film, fps=film.fps / 2)
    return film


def holds(folder: Path, video: Path) -> bool:
    """Whether a folder is one of this video, whatever its settings were."""
    try:
        facts = json.loads((folder / JOB).read_text(encoding="utf-8"))
        return (facts["video"], facts["bytes"]) == (video.name, video.stat().st_size)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _claim(job: PrepareJob, film: Film) -> None:
    """Make the folder this video's. Raises FormatError when it holds another one's work."""
    facts = {**asdict(job), "video": job.video.name, "bytes": job.video.stat().st_size, "folder": ""}
    facts["fps"] = film.fps
    path = job.folder / JOB
    if path.is_file():
        if json.loads(path.read_text(encoding="utf-8")) != facts:
            raise FormatError(f"{shown(job.folder)} holds another video or other settings; choose an empty folder.")
        return
    if job.folder.is_dir() and any(job.folder.iterdir()):
        raise FormatError(f"{shown(job.folder)} is not empty; choose an empty folder.")
    job.folder.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _seen(job: PrepareJob, film: Film, reporter: Reporter) -> Seen:
    """What the tracker sees, from the folder if it was there before."""
    path = job.folder / SEEN
    if path.is_file():
        with np.load(path) as kept:
            return Seen(kept["landmarks"], kept["colors"], film.fps, film.size)
    damage = Damage()
    options = TrackOptions(job.face)
    if faces_in(film) > 1:
        reporter.warn(f"{shown(film.path)} shows several faces; the {job.face} is followed (Face, or --face, chooses).")
    seen = watch(film, options, lambda share: reporter.progress(0.3 * share, "looking for the face"), damage)
    if damage.sentence(film):
        reporter.warn(damage.sentence(film))
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, landmarks=seen.landmarks, colors=seen.colors)
    return seen


def _written(job: PrepareJob, film: Film, track: VideoTrack, reporter: Reporter) -> Prepared:
    """Write everything; frames last before prepared.json."""
    found = track.confidence > 0
    _complain(film, track, found, reporter)
    first, last = np.nonzero(found)[0][[0, -1]]
    kept = slice(int(first), int(last) + 1)
    crop = crop_for(track.landmarks, found, film.size, job.size)
    lens = crop.lens(Lens(track.focal, (film.size[0] / 2, film.size[1] / 2)))
    sitter, own = sitter_of(track.person), track_of(track, crop, kept)
    write_sitter(job.folder, sitter)
    write_track(job.folder, own)
    reporter.progress(0.36, "listening")
    write_sound(job.folder, sound := _sound(film, kept, reporter))
    features = speech_windows(speech_frames(sound), film.fps, len(own.pose))
    write_features(job.folder, features)
    _pictures(job, (film, kept, crop), (track, lens), reporter)
    size = (crop.size, crop.size)
    made = Prepared(job.folder, film.fps, size, lens.focal, lens.center, split_of(len(own.pose)), sitter, own, features)
    finish(made)
    reporter.progress(0.97, "writing the report")
    write_report(made, track.person, film)
    return read_prepared(job.folder)


def _complain(film: Film, track: VideoTrack, found: np.ndarray, reporter: Reporter) -> None:
    """Refuse what no head can be learned from, and warn of what makes a poor one."""
    share, name = found.mean(), shown(film.path)
    if share < LEAST_SHARE:
        raise SettingError(f"Only {share:.0%} of {name} shows a face; give a video that shows one most of the time.")
    if len(found) / film.fps < LEAST_S:
        raise SettingError(f"{name} is {len(found) / film.fps:.1f} s long; a head needs {LEAST_S:g} s at least.")
    lost = _longest(~found) / film.fps
    if lost > 0.5:
        reporter.warn(f"The face is lost for {lost:.1f} s at a time; those pictures are marked and not learned from.")
    if film.fps < FEW_FPS:
        reporter.warn(
            f"{name} has {film.fps:.3g} pictures a second; lips move between them, so the mouth will be soft."
        )
    height = np.median(np.ptp(track.landmarks[found][:, :, 1], axis=1))
    if height < FACE_PX:
        reporter.warn(f"The face is only {height:.0f} pixels high; the head will be as coarse.")


def _longest(bad: np.ndarray) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], bad.astype(np.int8), [0]])))
    return int(max(edges[1::2] - edges[::2], default=0))


def _sound(film: Film, kept: slice, reporter: Reporter) -> Speech:
    """The sound of the kept pictures; silence, and a warning, where there is none."""
    sound = read_sound(film)
    if sound is None:
        reporter.warn(f"{shown(film.path)} has no sound; the head learns from curves alone and cannot learn to hear.")
        rate = 16_000
        return Speech(np.zeros(int((kept.stop - kept.start) / film.fps * rate), np.float32), rate)
    start, end = (int(frame / film.fps * sound.rate_hz) for frame in (kept.start, kept.stop))
    samples = np.pad(sound.samples, (0, max(0, end - len(sound.samples))))[start:end]
    return Speech(np.ascontiguousarray(samples), sound.rate_hz)


def _pictures(
    job: PrepareJob, source: tuple[Film, slice, Crop], view: tuple[VideoTrack, Lens], reporter: Reporter
) -> None:
    """Write the frames and masks that are not there yet."""
    (film, kept, crop), (track, lens) = source, view
    shapes = head_template().shapes
    with Masker() as masker:
        for number, picture in enumerate(pictures(film)):
            frame = number - kept.start
            if not kept.start <= number < kept.stop or frame_is_done(job.folder, frame):
                continue
            own = crop.of(picture)
            weights = track.weights.values[number] * track.person.growth
            points = track.person.points + np.tensordot(weights, shapes, 1)
            placed = moved(track.pose[number : number + 1].astype(np.float64), points[None])[0]
            landmarks = crop.pixels(track.landmarks[number, :, :2])
            write_frame(job.folder, frame, own, masker.mask(own, placed, lens, landmarks))
            reporter.progress(0.4 + 0.57 * frame / (kept.stop - kept.start), "cutting out")
    missing = [f for f in range(kept.stop - kept.start) if not frame_is_done(job.folder, f)]
    if missing:
        raise CoreError(f"{shown(film.path)} gave fewer pictures than before; delete the folder and start again.")
