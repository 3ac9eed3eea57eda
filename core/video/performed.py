"""A film as a performance file, by itself or together with what its sound makes of the face."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..animate import Reporter
from ..blend.blend import BlendBrief, blend
from ..blend.filmed import Filmed
from ..blend.offset import OWN_SOUND_S
from ..blend.shares import FILM, Wish, wish
from ..convert import in_rig
from ..errors import SettingError
from ..formats import check_target, write_performance
from ..paths import shown
from ..retime import at_rate
from ..speech.brief import Brief
from ..speech.perform import perform
from ..types import Performance
from .film import open_film, read_sound
from .track import TrackOptions, track_video
from .types import VideoTrack

TRACKED = 0.85
"""How much of the work is the tracking."""


@dataclass(frozen=True, slots=True, eq=False)
class FilmJob:
    """source: the film. target: the performance to write, fps frames a second, in one of core.rig.convert.RIGS.

    seed: of the voice's blinks and nods. face: which of several. wishes: by part of the face, what it follows.
    reach: how far the person's own extremes are to go, see core.video.ranges; None leaves them.
    """

    source: Path
    target: Path
    fps: float
    rig: str
    seed: int
    face: str
    wishes: dict[str, Wish]
    reach: float | None = None


@dataclass(frozen=True, slots=True)
class FilmReport:
    """frames: written. seen: share of the film in which the face was seen.

    told: how much later the film runs than its sound, by the lips, one sentence; "" where the film leads alone.
    """

    frames: int
    seen: float
    told: str = ""


def perform_film(job: FilmJob, reporter: Reporter) -> FilmReport:
    """Do a job. Raises a CoreError for anything the user can mend; then nothing has been written."""
    check_target(job.target, job.rig)
    options = TrackOptions(job.face, reach=job.reach)
    track = track_video(job.source, options, lambda value, text: reporter.progress(TRACKED * value, text))
    seen = float((track.confidence > 0).mean())
    if seen < 1:
        reporter.warn(f"The face was seen in {seen:.0%} of the film; the rest was filled in.")
    made, told = _made(job, track, reporter)
    write_performance(job.target, in_rig(made, job.rig))
    reporter.progress(1.0, "Done")
    return FilmReport(len(made.head), seen, told)


def _made(job: FilmJob, track: VideoTrack, reporter: Reporter) -> tuple[Performance, str]:
    """The performance, and what the lips told of the offset of sound and picture."""
    if all(_is_film(asked) for asked in job.wishes.values()):
        return at_rate(track.performance, job.fps), ""
    reporter.progress(TRACKED, "Listening")
    sound = read_sound(open_film(job.source))
    if sound is None:
        raise SettingError(
            f"{shown(job.source)} has no sound; let every part of the face follow the film, or choose one with a voice."
        )
    voice = perform(sound, Brief(job.fps, job.seed))
    # Sound and picture of one file should be in step, but many a film on the web is not.
    brief = BlendBrief(job.wishes, most_s=OWN_SOUND_S)
    made = blend(voice, Filmed(track.performance, track.parts), brief)
    return made.performance, made.offset.sentence().replace("the recording", "its sound")


def _is_film(asked: Wish) -> bool:
    whole = wish(FILM)
    return not asked.as_sure and bool((asked.shares == whole.shares[0]).all())
