"""The 52 ARKit blend shapes, in the order Live Link sends them and NVIDIA's tools use.

Source: Apple ARFaceAnchor.BlendShapeLocation; order as in the Live Link Face UDP packet.
Left and right are the character's own.
"""

from __future__ import annotations

ARKIT_REGIONS: dict[str, str] = {
    "eyeBlinkLeft": "eye",
    "eyeLookDownLeft": "gaze",
    "eyeLookInLeft": "gaze",
    "eyeLookOutLeft": "gaze",
    "eyeLookUpLeft": "gaze",
    "eyeSquintLeft": "eye",
    "eyeWideLeft": "eye",
    "eyeBlinkRight": "eye",
    "eyeLookDownRight": "gaze",
    "eyeLookInRight": "gaze",
    "eyeLookOutRight": "gaze",
    "eyeLookUpRight": "gaze",
    "eyeSquintRight": "eye",
    "eyeWideRight": "eye",
    "jawForward": "jaw",
    "jawLeft": "jaw",
    "jawRight": "jaw",
    "jawOpen": "jaw",
    "mouthClose": "mouth",
    "mouthFunnel": "mouth",
    "mouthPucker": "mouth",
    "mouthLeft": "mouth",
    "mouthRight": "mouth",
    "mouthSmileLeft": "mouth",
    "mouthSmileRight": "mouth",
    "mouthFrownLeft": "mouth",
    "mouthFrownRight": "mouth",
    "mouthDimpleLeft": "mouth",
    "mouthDimpleRight": "mouth",
    "mouthStretchLeft": "mouth",
    "mouthStretchRight": "mouth",
    "mouthRollLower": "mouth",
    "mouthRollUpper": "mouth",
    "mouthShrugLower": "mouth",
    "mouthShrugUpper": "mouth",
    "mouthPressLeft": "mouth",
    "mouthPressRight": "mouth",
    "mouthLowerDownLeft": "mouth",
    "mouthLowerDownRight": "mouth",
    "mouthUpperUpLeft": "mouth",
    "mouthUpperUpRight": "mouth",
    "browDownLeft": "brow",
    "browDownRight": "brow",
    "browInnerUp": "brow",
    "browOuterUpLeft": "brow",
    "browOuterUpRight": "brow",
    "cheekPuff": "cheek",
    "cheekSquintLeft": "cheek",
    "cheekSquintRight": "cheek",
    "noseSneerLeft": "nose",
    "noseSneerRight": "nose",
    "tongueOut": "tongue",
}
"""Region of the face of each shape, in canonical order."""

ARKIT_52: tuple[str, ...] = tuple(ARKIT_REGIONS)
HEAD_AXES: tuple[str, str, str] = ("yaw", "pitch", "roll")


def names_of_region(*regions: str) -> tuple[str, ...]:
    """The shapes of some regions (eye, gaze, jaw, mouth, brow, cheek, nose, tongue), in canonical order."""
    return tuple(name for name, region in ARKIT_REGIONS.items() if region in regions)
