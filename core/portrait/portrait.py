"""A photo of somebody to a head of splats: neutral, with eyes, teeth and the side that no picture showed.

EMOPortraits (arXiv 2404.19110) makes a head of one picture too, in the weights of a network; this one is made of parts
that an animator can open: a mesh with shapes, splats on it, and their colours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..splat.head import SplatHead
from ..splat.pose import pose
from ..splat.types import Splats
from ..template.files import head_template
from ..template.fit import Person, fit_identity
from ..version import version
from .face import find_face
from .hair import Outline
from .painting import camera_for, expression, painted_head
from .person import person_mask
from .photo import Photo, read_photo
from .refining import ROUNDS, picture_error, refined
from .settling import settled
from .shoulders import to_shoulders
from .silhouette import Outlined, to_outline
from .sitting import Sitting
from .stance import stance_of
from .surface import SPLATS
from .views import joined, yaw_degrees

MOST_YAW_DEG = 50.0
"""Turned further than this, half of the face is not in the picture."""
MOST_ERROR = 0.12
"""Landmarks that miss the fitted head by more of the eyes' distance are those of something else."""
Say = Callable[[float, str], None]
"""Told how much is done, 0..1, and what is done now."""


def _silent(part: float, what: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class PortraitBrief:
    """splats: about how many the bust gets; hair and clothes come besides. face: which of several, from the left, 1 up.
    rounds: how often colours are set right against the photo. focal: of the camera, pixels, where it is known.
    """

    splats: int = SPLATS
    face: int | None = None
    rounds: int = ROUNDS
    focal: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """head: neutral at rest. outline: the photo, where the person is in it, its camera. weights: the expression that
    was in it, by ARKit's names; turn: float32 [3], radians, how the head was turned on the shoulders, as in
    Performance.head: the head in these is the photo. decibels: PSNR of that. notes: sentences for the user.
    """

    head: SplatHead
    outline: Outline
    weights: dict[str, float]
    turn: np.ndarray
    decibels: float
    notes: tuple[str, ...] = field(default=())

    @property
    def as_taken(self) -> Splats:
        """The head as the photo shows it."""
        return pose(self.head, self.weights, self.turn)


def portrait_from_file(
    path: Path, brief: PortraitBrief | None = None, say: Say = _silent, more: tuple[Path, ...] = ()
) -> Portrait:
    """A head from a picture file, and more of the same person; see make_portrait.

    Raises FormatError for whatever cannot be one.
    """
    say(0.0, "reading the picture")
    photo, *others = (read_photo(one) for one in (path, *more))
    made = make_portrait(photo, brief, say, tuple(others))
    facts = {**made.head.facts, "name": path.stem, "picture": path.name}
    return replace(made, head=replace(made.head, facts=facts))


def make_portrait(
    photo: Photo, brief: PortraitBrief | None = None, say: Say = _silent, more: tuple[Photo, ...] = ()
) -> Portrait:
    """A head from a photo; more of the same person, from other sides, show what it does not.

    Raises FormatError for no face, several without a choice, one too small, turned away, or that fits no head.
    """
    brief = brief or PortraitBrief()
    say(0.05, "looking for the face")
    photo, face = find_face(photo, brief.face)
    size = photo.pixels.shape[1], photo.pixels.shape[0]
    say(0.15, "fitting the head")
    person = fit_identity(face.landmarks[None], size, brief.focal)
    _check(person)
    person, views = joined(person, more)
    say(0.3, "finding the outline")
    sitting = _sitting(photo, person)
    say(0.4, "painting")
    sittings = (sitting, *(view.sitting(sitting) for view in views))
    head, free = painted_head(head_template(), sittings, brief.splats)
    say(0.6, "setting colours right")
    head = refined(head, sitting, free, brief.rounds)
    say(1.0, "done")
    facts = {"made by": f"Mouthpiece {version()}", "made from": "one portrait"}
    decibels = picture_error(sitting.posed(head), sitting.outline)
    head = replace(head, facts=facts)
    notes = photo.notes + tuple(note for view in views for note in view.notes)
    return Portrait(head, sitting.outline, sitting.weights, sitting.stance.turn, decibels, notes)


def _check(person: Person) -> None:
    yaw = yaw_degrees(person.pose[0])
    if yaw > MOST_YAW_DEG:
        raise FormatError(
            f"The face is turned aside by {yaw:.0f} degrees; choose a picture that shows it from the front "
            f"(up to {MOST_YAW_DEG:.0f})."
        )
    if person.error[0] > MOST_ERROR:
        raise FormatError("The face does not fit a human head; choose another picture, or a less stylised one.")


def _sitting(photo: Photo, person: Person) -> Sitting:
    """The person before the camera, head, neck and shoulders brought to the outline."""
    size = photo.pixels.shape[1], photo.pixels.shape[0]
    template = head_template()
    stance = stance_of(template, person.pose[0])
    camera = camera_for(stance.camera, person.lens.focal, size)
    mask = person_mask(photo)
    points, weights = settled(template, person.points, person.growth, person.weights[0])
    expressed = np.tensordot(weights * person.growth, template.shapes, 1).astype(np.float32)
    seen = Outlined(camera, mask, stance, expressed)
    points = to_shoulders(template, to_outline(template, points, seen), seen)
    return Sitting(Outline(photo.pixels, mask, camera), points, person.growth, expression(weights), stance)
