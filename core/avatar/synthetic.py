"""A speaker whose truth is known: a head of splats that says a recording, filmed by the exact renderer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..head.looks import LOOKS
from ..head.makehuman import BaseMesh, find_data_folder, read_base_mesh
from ..head.model import build_character
from ..speech.brief import Brief
from ..speech.perform import perform
from ..splat.demo import BUDGET, demo_head
from ..splat.dials import turned_bones
from ..splat.head import SplatHead
from ..splat.pose import pose
from ..splat.render import Camera, look_at, render
from ..splat.types import SH_DC, Splats
from ..types import Speech
from . import prepared_files as files
from .hearing import speech_frames, speech_windows
from .prepared import (
    BACKGROUND,
    HEAD,
    MOUTH,
    REGIONS,
    TORSO,
    Prepared,
    Sitter,
    Track,
    carried_by_height,
    split_of,
)
from .studio import lit_anew
from .voice import arkit_weights

Say = Callable[[float, str], None]
BACK = (0.35, 0.42, 0.45)
"""The wall behind the speaker, display colours."""
MASKS = {name: f"mpfb2/textures/mpfb_{name}.jpg" for name in ("lips", "eyelids", "ears", "inside-mouth")}
PART_REGIONS = {
    "Skin": "skin",
    "Top": "torso",
    "Eyes": "eyes",
    "Teeth Upper": "teeth",
    "Teeth Lower": "teeth",
    "Tongue": "tongue",
    "Lashes": "lids",
    "Brows": "skin",
    "Hair": "scalp",
}
INSIDE = ("teeth", "tongue", "mouth")


@dataclass(frozen=True, slots=True, eq=False)
class Speaker:
    """A head whose last bone is the head itself, and who wears it: its template with regions."""

    head: SplatHead
    sitter: Sitter


@dataclass(frozen=True, slots=True)
class Shot:
    """size: width and height, pixels. fps: frames per second. count: frames, at most those of the recording.

    distance: metres from the camera to the middle of the face. motion: how much of the head's motion is kept. lit:
    whether the lamps stay where they are while the head turns; else its light is painted on.
    """

    size: tuple[int, int] = (128, 128)
    fps: float = 25.0
    count: int = 120
    distance: float = 1.0
    motion: float = 1.0
    degrees: float = 22.0
    lit: bool = False


def demo_speaker(name: str = "Woman", count: int = 14_000) -> Speaker:
    """A demo character. Raises FormatError when the MakeHuman data is not installed, KeyError for another name."""
    data = find_data_folder()
    mesh = read_base_mesh(data)
    character = build_character(data, LOOKS[name], _region_masks(data, mesh))
    head = demo_head(character, LOOKS[name], name, count, rays=12)
    sizes = [(part.name, sum(len(face) - 2 for face in part.faces)) for part in character.parts if part.name in BUDGET]
    regions = np.concatenate([np.full(size, REGIONS.index(PART_REGIONS[part]), np.uint8) for part, size in sizes])
    return Speaker(head, Sitter(head.template, _face_regions(head, regions), head.bones.pivots[-1], _carried(head)))


def film_speaker(folder: Path, speaker: Speaker, speech: Speech, shot: Shot, say: Say) -> Prepared:
    """Film a speaker saying a recording and write the prepared folder with its exact truth.

    speech: mono, 16 kHz. say: told the part done, 0..1; may raise to stop. Goes on where it was interrupted.
    """
    performance = perform(speech, Brief(shot.fps))
    count = min(shot.count, len(performance.head))
    camera = _camera(speaker, shot)
    turns = performance.head[:count] * shot.motion
    weights = arkit_weights(performance)[:count]
    for frame in range(count):
        say(frame / count, "Filming")
        if not files.frame_is_done(folder, frame):
            splats = pose(speaker.head, weights[frame], turns[frame])
            if shot.lit:
                splats = lit_anew(speaker.head, splats, weights[frame], turns[frame])
            files.write_frame(folder, frame, *_filmed(speaker, camera, splats))
    made = Prepared(
        folder,
        shot.fps,
        shot.size,
        camera.focal[0],
        camera.center,
        split_of(count),
        speaker.sitter,
        _track(speaker, camera, weights, turns),
        speech_windows(speech_frames(speech), shot.fps, count),
    )
    files.write_sitter(folder, made.sitter)
    files.write_track(folder, made.track)
    files.write_features(folder, made.features)
    files.write_sound(folder, Speech(speech.samples[: round(count / shot.fps * speech.rate_hz)], speech.rate_hz))
    files.finish(made)
    return made


def _camera(speaker: Speaker, shot: Shot) -> Camera:
    points = speaker.head.template.points
    face = points[np.unique(speaker.head.template.triangles[speaker.sitter.regions == REGIONS.index("eyes")])]
    target = face.mean(0).astype(np.float64) + np.array([0, -0.055, -0.03])
    return look_at(target + np.array([0.0, 0.02, shot.distance]), target, shot.size, shot.degrees)


def _filmed(speaker: Speaker, camera: Camera, splats: Splats) -> tuple[np.ndarray, np.ndarray]:
    """A frame uint8 [H, W, 3] and its mask uint8 [H, W]."""
    shown = np.clip(render(splats, camera).over(BACK), 0, 1)
    labels = _labels(speaker)
    painted = np.zeros((len(splats), 1, 3), np.float32)
    painted[np.arange(len(splats)), 0, labels - 1] = 1
    flat = Splats(splats.means, splats.quats, splats.log_scales, splats.logits, (painted - 0.5) / np.float32(SH_DC))
    told = render(flat, camera)
    mask = np.where(told.alpha < 0.5, BACKGROUND, told.color.argmax(-1) + 1)
    return np.rint(shown * 255).astype(np.uint8), mask.astype(np.uint8)


def _labels(speaker: Speaker) -> np.ndarray:
    """The mask's value for each splat, int [N]."""
    names = np.array(REGIONS)[speaker.sitter.regions[speaker.head.binding.triangles]]
    own = np.where(np.isin(names, INSIDE), MOUTH, HEAD)
    return np.where((names == "torso") | (speaker.head.bones.weights[:, -1] < 0.5), TORSO, own)


def _track(speaker: Speaker, camera: Camera, weights: np.ndarray, turns: np.ndarray) -> Track:
    poses = []
    for turn in turns:
        affine = np.eye(4)
        affine[:3] = turned_bones(speaker.head.bones, turn).affines[-1]
        poses.append(camera.to_camera @ affine)
    count = len(weights)
    nothing = np.zeros((count, 0, 2), np.float32)
    return Track(np.array(poses, np.float32), weights, nothing, np.ones(count, np.float32))


def _face_regions(head: SplatHead, regions: np.ndarray) -> np.ndarray:
    """Lips, lids and neck told apart from other skin by what moves them; uint8 [F]."""
    template, out = head.template, regions.copy()
    skin = regions == REGIONS.index("skin")
    for name, shapes, part in (
        ("lids", ("eyeBlinkLeft", "eyeBlinkRight"), 0.25),
        ("lips", ("mouthRollLower", "mouthRollUpper", "mouthPucker"), 0.3),
    ):
        moved = np.zeros(len(template.points))
        for shape in shapes:
            vertices, offsets = template.shapes[shape]
            length = np.linalg.norm(offsets, axis=1)
            np.maximum.at(moved, vertices, length / max(length.max(), 1e-9))
        out[skin & (moved[template.triangles].max(1) > part)] = REGIONS.index(name)
    return out


def _region_masks(data: Path, mesh: BaseMesh) -> dict[str, np.ndarray]:
    """MakeHuman's region masks at every vertex of the base mesh, 0..1; blend_templates.build has them from Blender."""
    import cv2

    uvs = np.zeros((len(mesh.points), 2), np.float32)
    for face, corners in zip(mesh.faces, mesh.corner_uvs, strict=True):
        uvs[list(face)] = mesh.uvs[list(corners)]
    masks = {}
    for name, file in MASKS.items():
        grid = cv2.imread(str(data / file), cv2.IMREAD_GRAYSCALE)[::-1].astype(np.float32) / 255
        height, width = grid.shape
        column, row = ((uvs * (width, height)).astype(np.int64).clip(0, (width - 1, height - 1))).T
        masks[name] = grid[row, column]
    return masks


def _carried(head: SplatHead) -> np.ndarray:
    """How much each vertex goes with the head: the weight of the last bone of the splats nearest to it, float32 [V]."""
    corners = head.template.triangles[head.binding.triangles]
    total, count = (np.zeros(len(head.template.points)) for _ in range(2))
    for k in range(3):
        np.add.at(total, corners[:, k], head.bones.weights[:, -1])
        np.add.at(count, corners[:, k], 1)
    guess = carried_by_height(head.template.points, head.bones.pivots[-1])
    return np.where(count > 0, total / np.maximum(count, 1), guess).astype(np.float32)
