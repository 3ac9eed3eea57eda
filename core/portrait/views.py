"""More pictures of a person who was fitted to one: their cameras, and the face in depth as all of them have it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import FormatError
from ..template.camera import Lens, moved, refined_pose
from ..template.files import head_template
from ..template.fit import Person, fit_identity
from ..template.lids import blink_growth
from ..template.marks import landmark_weights
from ..template.snap import snapped
from .face import find_face
from .hair import Outline
from .painting import camera_for, expression
from .person import person_mask
from .photo import Photo
from .sitting import Sitting
from .stance import stance_of

MOST_YAW_DEG = 75.0
"""Turned further than this, the tracker guesses."""
MOST_ERROR = 0.05
"""Landmarks that miss the first picture's person by more of the face's height do not go with it: 0.03 is usual for a
side of the same person. Faces differ by less than sides do, so that somebody else is not noticed.
"""
ROUNDS = 2


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One more picture: pixels float64 [478, 2], its landmarks; lens, pose [4, 4] and weights [52] as in Person."""

    photo: Photo
    pixels: np.ndarray
    lens: Lens
    pose: np.ndarray
    weights: np.ndarray

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to the picture."""
        return self.photo.notes

    def misses(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """For a resting mesh [V, 3]: how pixels change with landmarks [L, 2, 3], what they miss [L, 2], pixels, and the
        height of the face, pixels.
        """
        template = head_template()
        rest = template.at_landmarks(points) + np.einsum(
            "c,cld->ld", self.weights, template.at_landmarks(template.shapes)
        )
        place = moved(self.pose[None], rest[None])
        slopes = (self.lens.slopes(place) @ self.pose[None, None, :3, :3])[0]
        wanted = self.pixels[template.landmarks]
        return slopes, wanted - self.lens.pixels(place)[0], float(np.ptp(wanted[:, 1]))

    def sitting(self, first: Sitting) -> Sitting:
        """The person of the first picture as this one shows them."""
        stance = stance_of(head_template(), self.pose)
        size = self.photo.pixels.shape[1], self.photo.pixels.shape[0]
        camera = camera_for(stance.camera, self.lens.focal, size)
        outline = Outline(self.photo.pixels, person_mask(self.photo), camera)
        return replace(first, outline=outline, weights=expression(self.weights), stance=stance)


def joined(person: Person, more: tuple[Photo, ...]) -> tuple[Person, list[View]]:
    """A person fitted to one picture, drawn to the landmarks of all, and the other pictures.

    Raises FormatError for a picture without a single face, turned too far, or that does not fit the first.
    """
    views = [_view(person, photo, number) for number, photo in enumerate(more, 2)]
    if not views:
        return person, views
    for _ in range(ROUNDS):
        seen = [_first(person), *(view.misses(person.points) for view in views)]
        slopes, miss, heights = (np.stack(part) for part in zip(*seen, strict=True))
        points = snapped(head_template(), person.points, (slopes, miss, heights))
        person = replace(person, points=points, growth=blink_growth(head_template(), points))
        views = [_posed(view, points) for view in views]
    return person, views


def _first(person: Person) -> tuple[np.ndarray, np.ndarray, float]:
    """As View.misses, for the picture that the person was fitted to, whose landmarks they meet."""
    template = head_template()
    place = moved(person.pose[:1], template.at_landmarks(person.posed(0))[None])
    slopes = (person.lens.slopes(place) @ person.pose[:1, None, :3, :3])[0]
    return slopes, np.zeros((len(slopes), 2)), float(np.ptp(person.lens.pixels(place)[0][:, 1]))


def _view(person: Person, photo: Photo, number: int) -> View:
    photo, face = find_face(photo)
    size = photo.pixels.shape[1], photo.pixels.shape[0]
    own = fit_identity(face.landmarks[None], size)
    yaw = yaw_degrees(own.pose[0])
    if yaw > MOST_YAW_DEG:
        raise FormatError(
            f"The face in picture {number} is turned aside by {yaw:.0f} degrees; choose one up to {MOST_YAW_DEG:.0f}."
        )
    pixels = face.landmarks[:, :2].astype(np.float64)
    view = _posed(View(photo, pixels, own.lens, own.pose[0].astype(np.float64), own.weights[0]), person.points)
    _, miss, height = view.misses(person.points)
    if float(np.sqrt(np.square(miss).sum(1).mean())) / height > MOST_ERROR:
        raise FormatError(f"The face in picture {number} does not fit the first; choose pictures of one person.")
    return view


def _posed(view: View, points: np.ndarray) -> View:
    """The view with the pose in which the person's landmarks meet it best."""
    template = head_template()
    rest = template.at_landmarks(points) + np.einsum("c,cld->ld", view.weights, template.at_landmarks(template.shapes))
    wanted = view.pixels[template.landmarks]
    pose = refined_pose(view.pose[None], rest[None], wanted[None], landmark_weights()[template.landmarks], view.lens)
    return replace(view, pose=pose[0])


def yaw_degrees(pose: np.ndarray) -> float:
    """How far a head is turned away from the camera, pose [4, 4] as in Person; 0..180."""
    return float(np.degrees(np.arccos(np.clip(pose[2, 2] / np.linalg.norm(pose[[0, 2], 2]), -1, 1))))
