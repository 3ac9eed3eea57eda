"""Whether a person's own mouth is seen: lips keep their look, whatever they do; a hand, a cup or a mask has none.

Colours are looked at where the landmarks say lips are. Behind a hand the landmarks go on guessing a mouth, but what
lies there is neither redder nor darker where it should be.
"""

from __future__ import annotations

import numpy as np

OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
"""The edges of the lips, from the right corner over the upper lip and back, point beside point."""
RINGS = (0.0, 1.0, 0.5, -0.9, -1.6)
"""Where between the outer edge (0) and the inner one (1) is looked: edges, middle of the lips, and skin around."""
LIPS, SKIN = slice(40, 60), slice(80, 100)
"""The middle of the lips and the outermost ring."""
PLACES = tuple((outer, inner, ring) for ring in RINGS for outer, inner in zip(OUTER, INNER, strict=True))
ALIKE, UNLIKE = 0.42, 0.28
"""Likeness to this person's mouths from which it is bare, and from which it is covered. On nine films of talking people
(2,181 pictures) the bare mouth was above 0.34 always and above 0.39 in 99 of 100 pictures; hands of the face's own
colour, microphones, cups and masks drawn into them were below 0.28, but for one mask at 0.37."""
OWN = 0.45
"""Likeness to the usual mouth from which a picture may add to what is known of the person's mouths."""
GALLERY, LEAST_SHOWN, MOST_STUDIED = 3, 8, 512
LEAST_PATTERN, LEAST_RED = 5.0, 0.03
"""Eight-bit levels, and of the logarithm of red to green: a mouth with a fainter pattern tells nothing, and one without
colour is told by light and dark alone."""
DIM = 12.0
"""Eight-bit levels added before colours are compared by their ratio, so that noise in the dark counts little."""


def covered_lips(colors: np.ndarray, found: np.ndarray) -> np.ndarray:
    """How covered the lips are, 0..1 [T]. colors: uint8 [T, 100, 3] at PLACES; found: bool [T]."""
    if not found.any():
        return np.zeros(len(colors))
    return np.clip((ALIKE - likeness(colors, found)) / (ALIKE - UNLIKE), 0, 1)


def likeness(colors: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Likeness to the nearest of this person's own mouths, -1..1 [T]; as covered_lips."""
    looks = np.concatenate([colors.astype(np.float32), _redness(colors)[..., None]], -1)
    red = looks[:, LIPS, 3].mean(1) - looks[:, SKIN, 3].mean(1)
    # A hand before the mouth for half of a film must not pass for the mouth: lips are where it is reddest.
    seen = np.nonzero(found)[0]
    usual = np.median(looks[seen[np.argsort(red[seen])[len(seen) * 2 // 3 :]]], axis=0)
    if usual[:, :3].std(0).mean() < LEAST_PATTERN:
        return np.ones(len(looks))
    alike = _alike(looks, usual)
    own = np.nonzero(found & (alike >= OWN))[0]
    for mouth in _gallery(looks, own):
        alike = np.maximum(alike, _alike(looks, mouth))
    return alike


def _gallery(looks: np.ndarray, own: np.ndarray) -> list[np.ndarray]:
    """This person's mouths from shut to open, each [100, 4]. looks: [T, 100, 4]; own: the pictures that show it."""
    if len(own) < GALLERY * LEAST_SHOWN:
        return []
    own = own[np.linspace(0, len(own) - 1, min(len(own), MOST_STUDIED)).astype(int)]
    seen = looks[own][..., :3].reshape(len(own), -1)
    around = seen - seen.mean(0)
    # What differs most between pictures of one mouth is how far it is open.
    order = np.argsort(around @ np.linalg.svd(around, full_matrices=False)[2][0])
    return [np.median(looks[own[part]], axis=0) for part in np.array_split(order, GALLERY)]


def _redness(colors: np.ndarray) -> np.ndarray:
    red, green = colors[..., 0] + np.float32(DIM), colors[..., 1] + np.float32(DIM)
    return np.log(red / green)


def _alike(looks: np.ndarray, mouth: np.ndarray) -> np.ndarray:
    """The mean of how colours and, as far as there is any, how redness go with a mouth's, -1..1 [T]."""
    share = 0.5 * min(mouth[:, 3].std() / LEAST_RED, 1.0)
    colors, redness = (_together(looks[..., part], mouth[..., part]) for part in (slice(3), slice(3, 4)))
    return (1 - share) * colors + share * redness


def _together(seen: np.ndarray, pattern: np.ndarray) -> np.ndarray:
    """Correlation of places' values [T, n, C] with a pattern [n, C]; 0 where either has none."""
    around, pattern = seen - seen.mean(1, keepdims=True), pattern - pattern.mean(0)
    lengths = np.sqrt(np.square(pattern).sum() * np.square(around).sum((1, 2)))
    return np.where(lengths > 1e-6, (around * pattern).sum((1, 2)) / np.maximum(lengths, 1e-6), 0)
