"""A video made ready to learn a head from: one folder, read lazily, checked before it is believed.

The folder holds prepared.json (what follows as words and numbers; written last, so that a folder without it is
unfinished), frames/000000.png and masks/000000.png and so on, track.safetensors, person.safetensors, audio.wav
(16 kHz, mono) and features.safetensors. docs/learned_heads.md describes each.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..arrays import check
from ..errors import FormatError, ShapeError
from ..paths import reason, shown
from ..rig.arkit import ARKIT_52
from ..splat.head import Template
from ..splat.render import Camera

LAYOUT = "mouthpiece-prepared-1"
BACKGROUND, HEAD, MOUTH, TORSO = range(4)
"""Values of a mask: behind everything, head with its hair, inside of the mouth, torso."""
REGIONS = ("skin", "lips", "lids", "eyes", "teeth", "tongue", "mouth", "scalp", "neck", "torso")
"""Parts of a face a triangle may belong to."""
WINDOW = 8
"""Speech features of a frame: four before its moment, three after, 20 ms apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Sitter:
    """The person in the video, as a mesh.

    template: at rest, metres, y up, face towards +z, with ARKit's shapes by name.
    regions:  uint8 [F], index into REGIONS of each triangle.
    pivot:    float32 [3], metres; what the head turns about.
    carried:  float32 [V], how much each vertex goes with the head (1) and not with the chest (0); carried_by_height
              gives a fair guess.
    """

    template: Template
    regions: np.ndarray
    pivot: np.ndarray
    carried: np.ndarray

    def __post_init__(self) -> None:
        check("Sitter.regions", self.regions, (len(self.template.triangles),), np.uint8)
        check("Sitter.pivot", self.pivot, (3,))
        check("Sitter.carried", self.carried, (len(self.template.points),))
        if self.regions.max(initial=0) >= len(REGIONS):
            raise ShapeError(f"Sitter.regions must lie below {len(REGIONS)}, but reach {self.regions.max()}.")


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """How the face moved.

    pose:       float32 [T, 4, 4], rigid, template metres to camera (y up, looking along -z).
    weights:    float32 [T, 52], ARKit's shapes in the order of ARKIT_52, 0..1.
    landmarks:  float32 [T, L, 2], pixels from the upper left corner; L may be 0.
    confidence: float32 [T], 0 (face not found, values carried over) to 1.
    """

    pose: np.ndarray
    weights: np.ndarray
    landmarks: np.ndarray
    confidence: np.ndarray

    def __post_init__(self) -> None:
        check("Track.pose", self.pose, ("T", 4, 4))
        count = len(self.pose)
        check("Track.weights", self.weights, (count, len(ARKIT_52)))
        check("Track.landmarks", self.landmarks, (count, "L", 2))
        check("Track.confidence", self.confidence, (count,))


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A video of T frames made ready.

    size: width and height, pixels. focal: pixels. center: where the camera's axis meets the picture, pixels.
    split: frames before it are learned from, those from it on are held out (the last eleventh).
    features: float32 [T, WINDOW, D], what is heard around each frame.
    """

    folder: Path
    fps: float
    size: tuple[int, int]
    focal: float
    center: tuple[float, float]
    split: int
    sitter: Sitter
    track: Track
    features: np.ndarray

    def __post_init__(self) -> None:
        check("Prepared.features", self.features, (len(self), WINDOW, "D"))
        if not (self.fps > 0 and self.focal > 0 and min(self.size) >= 8):
            raise ShapeError(f"A prepared video needs a frame rate, focal length and size, but has {self.size}.")
        if not 1 <= self.split <= len(self):
            raise ShapeError(f"The split must lie between 1 and {len(self)}, but is {self.split}.")

    def __len__(self) -> int:
        return len(self.track.pose)

    @property
    def sound(self) -> Path:
        """The sound track, 16 kHz mono WAV."""
        return self.folder / "audio.wav"

    def camera(self, frame: int) -> Camera:
        """The camera of a frame, seen from the template at rest."""
        pose = self.track.pose[frame].astype(np.float64)
        return Camera(pose, (self.focal, self.focal), self.center, self.size)

    def picture(self, frame: int) -> np.ndarray:
        """A frame, float32 [H, W, 3], display space, 0..1."""
        return read_image(self.folder / "frames" / f"{frame:06d}.png", self.size)[..., :3].astype(np.float32) / 255

    def mask(self, frame: int) -> np.ndarray:
        """What each pixel shows, uint8 [H, W]: BACKGROUND, HEAD, MOUTH or TORSO."""
        return read_image(self.folder / "masks" / f"{frame:06d}.png", self.size)[..., 0]


def carried_by_height(points: np.ndarray, pivot: np.ndarray) -> np.ndarray:
    """How much each point [V, 3] goes with the head, float32 [V]: all of it 2 cm above the pivot, none 8 cm below."""
    return np.interp(points[:, 1] - pivot[1], [-0.08, 0.02], [0.0, 1.0]).astype(np.float32)


def split_of(count: int) -> int:
    """Where the held-out last eleventh of a video begins. Source: the split of AD-NeRF's process.py and its heirs."""
    return max(1, count * 10 // 11)


def read_prepared(folder: Path) -> Prepared:
    """Read a folder. Raises FormatError in one sentence when it is missing, unfinished or damaged."""
    from safetensors import SafetensorError

    try:
        words = json.loads((folder / "prepared.json").read_text(encoding="utf-8"))
        if words.get("layout") != LAYOUT:
            raise FormatError(f"{shown(folder)} was not prepared by this version; prepare the video again.")
        made = _read(folder, words)
        _check_files(made)
    except FileNotFoundError as fault:
        lost = shown(Path(fault.filename or "a file"))
        raise FormatError(f"{shown(folder)} lacks {lost}; prepare the video again, it goes on where it was.") from None
    except OSError as fault:
        raise FormatError(f"{shown(folder)} cannot be read ({reason(fault)}); choose another folder.") from None
    except (SafetensorError, LookupError, TypeError, ValueError, AttributeError) as fault:
        raise FormatError(f"{shown(folder)} is damaged ({fault}); prepare the video again.") from None
    except ShapeError as fault:
        raise FormatError(f"{shown(folder)} does not fit together: {fault}") from None
    return made


def read_image(path: Path, size: tuple[int, int]) -> np.ndarray:
    """An eight-bit picture as uint8 [H, W, 1 or 3], red first. Raises FormatError when damaged or of another size."""
    import cv2

    data = np.frombuffer(path.read_bytes(), np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if len(data) else None
    if image is None or image.shape[:2] != (size[1], size[0]):
        found = "no picture" if image is None else f"{image.shape[1]} x {image.shape[0]}"
        raise FormatError(f"{shown(path)} must be a picture of {size[0]} x {size[1]} pixels, but is {found}.")
    return image[..., None] if image.ndim == 2 else image[..., 2::-1]


def _read(folder: Path, words: dict) -> Prepared:
    from safetensors.numpy import load_file

    track = load_file(str(folder / "track.safetensors"))
    width, height = (int(value) for value in words["size"])
    return Prepared(
        folder,
        float(words["fps"]),
        (width, height),
        float(words["focal"]),
        tuple(float(value) for value in words.get("center", (width / 2, height / 2))),
        int(words["split"]),
        read_sitter(folder / "person.safetensors"),
        Track(*(track[name].astype(np.float32) for name in Track.__dataclass_fields__)),
        load_file(str(folder / "features.safetensors"))["features"].astype(np.float32),
    )


def read_sitter(path: Path) -> Sitter:
    """Read person.safetensors."""
    from safetensors import safe_open

    with safe_open(str(path), framework="numpy") as file:
        names = json.loads((file.metadata() or {}).get("shapes", "[]"))
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    shapes = {name: (tensors[f"vertices.{k}"], tensors[f"offsets.{k}"]) for k, name in enumerate(names)}
    template = Template(tensors["points"], tensors["triangles"], shapes)
    return Sitter(template, *(tensors[name] for name in ("regions", "pivot", "carried")))


def _check_files(made: Prepared) -> None:
    for kind in ("frames", "masks"):
        for frame in range(len(made)):
            if not (made.folder / kind / f"{frame:06d}.png").is_file():
                raise FileNotFoundError(2, "missing", str(made.folder / kind / f"{frame:06d}.png"))
    if not made.sound.is_file():
        raise FileNotFoundError(2, "missing", str(made.sound))
