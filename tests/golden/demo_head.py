"""The demo head as the judge draws it: python tests/golden/demo_head.py writes demo_head.npz beside it.

Renew it when core.head or the demo's look is changed on purpose, and look at the pictures before they are committed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
HEAD = ROOT / "blend_templates" / "woman.splathead"
SIZE = 96, 96
TARGET = 0.0, 1.47, 0.02
VIEWS: dict[str, tuple[tuple[float, float, float], dict[str, float], tuple[float, float, float], bool]] = {
    "front": ((0.0, 1.5, 1.0), {}, (0.0, 0.0, 0.0), False),
    "speaking": ((0.55, 1.6, 0.75), {"jawOpen": 0.7, "mouthFunnel": 0.5, "browInnerUp": 0.8}, (0.2, 0.1, 0.05), False),
    "smiling": (
        (-0.3, 1.35, 0.4),
        {"mouthSmileLeft": 1.0, "mouthSmileRight": 0.6, "eyeBlinkLeft": 1.0},
        (0, 0, 0),
        False,
    ),
    "side": ((-0.9, 1.47, 0.02), {"jawOpen": 0.4, "tongueOut": 0.5}, (0.0, -0.2, 0.0), True),
}
"""By name: where the camera is, sliders, the head's turn in radians, whether it is orthographic."""


def main() -> None:
    """Write the pictures: float16 [96, 96, 5], colour, alpha, and the median depth or 0."""
    sys.path.insert(0, str(ROOT))
    from core.splat import head_files, pose, render

    head, out = head_files.read_head(HEAD), {}
    for name, (place, weights, turn, orthographic) in VIEWS.items():
        splats = pose.pose(head, weights, np.array(turn, np.float64))
        seen = render.look_at(np.array(place), np.array(TARGET), SIZE, 28)
        if orthographic:
            seen = render.Camera(seen.to_camera, (190.0, 190.0), seen.center, SIZE, orthographic=True)
        picture = render.render(splats, seen)
        depth = np.where(np.isfinite(picture.median), picture.median, 0)
        out[name] = np.concatenate([picture.color, picture.alpha[..., None], depth[..., None]], 2).astype(np.float16)
    np.savez_compressed(HERE / "demo_head.npz", **out)


if __name__ == "__main__":
    main()
