"""A tracked person as the sitter and track of a prepared folder."""

from __future__ import annotations

import numpy as np

from ...template.files import head_template
from ...template.fit import Person
from ...template.types import REGIONS as TEMPLATE_REGIONS
from ...video.types import VideoTrack
from ..prepared import REGIONS, Sitter, Track
from .crop import Crop

SAME = {"sockets": "lids", "ears": "skin", "white": "eyes", "iris": "eyes", "mouth bag": "mouth", "gums": "mouth",
        "upper teeth": "teeth", "lower teeth": "teeth"}  # fmt: skip
"""The template's regions that bear another name in a prepared folder."""
ROWS = tuple(REGIONS.index(SAME.get(name, name)) for name in TEMPLATE_REGIONS)


def sitter_of(person: Person) -> Sitter:
    """The person as a mesh whose pivot is the template's origin."""
    template = head_template()
    regions = np.array(ROWS, np.uint8)[template.regions[template.triangles]]
    # A triangle between two regions is the rarer one's: lips and lids keep their borders.
    own = np.sort(regions, axis=1)
    own = np.where(own[:, 1] == own[:, 2], own[:, 2], own[:, 1]).astype(np.uint8)
    carried = template.weights @ np.array([0, 0.5, 1], np.float32)
    return Sitter(person.template, own, np.zeros(3, np.float32), carried.astype(np.float32))


def track_of(track: VideoTrack, crop: Crop, frames: slice) -> Track:
    """The part of a track that is kept, in the crop's pixels."""
    landmarks = crop.pixels(track.landmarks[frames, :, :2].astype(np.float64))
    return Track(
        track.pose[frames],
        track.weights.values[frames],
        landmarks.astype(np.float32),
        track.confidence[frames],
    )
