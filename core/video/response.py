"""What comes out of tracker and solver when one shape goes in, and how that is undone.

MediaPipe's mesh was learned from faces that mostly move both sides alike and seldom far: it damps what is strong and
lets a one-sided smile spill to the other side. Both were measured by tracking the mean head, drawn with one shape at a
time (python -m benchmarks portrait curves does the same on somebody else), and are taken back pair by pair.
"""

from __future__ import annotations

import numpy as np

from ..rig.arkit import ARKIT_52

RESPONSE: dict[str, tuple[float, float]] = {
    "jawOpen": (0.75, 0.0), "mouthPucker": (0.44, 0.0), "browInnerUp": (0.40, 0.0),
    "mouthSmile": (0.465, 0.18), "mouthUpperUp": (0.175, 0.27), "mouthFrown": (0.18, 0.09),
    "mouthStretch": (0.18, 0.33), "browOuterUp": (0.42, 0.0), "browDown": (0.255, 0.03),
}  # fmt: skip
"""By shape, without its side: what is found where 1 was drawn, and what share of that is found on the other side."""
MOST_GAIN = 1.6
"""No shape is made larger than this: a tracker's trembling grows with it."""


def undamped(weights: np.ndarray) -> np.ndarray:
    """Weights [T, 52] with damping and spill taken back; may leave 0..1."""
    made = weights.copy()
    for name, (own, spill) in RESPONSE.items():
        gain = min(1 / own, MOST_GAIN)
        if name in ARKIT_52:
            made[:, ARKIT_52.index(name)] *= gain
            continue
        left, right = (ARKIT_52.index(f"{name}{side}") for side in ("Left", "Right"))
        for here, there in ((left, right), (right, left)):
            # Own and spilled parts of both sides: a two by two system, inverted; what would be below 0 was all spill.
            alone = (weights[:, here] - spill * weights[:, there]) / (1 - spill**2)
            made[:, here] = gain * np.maximum(alone, 0)
    return made
