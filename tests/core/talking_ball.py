"""A ball with a mouth that opens and a body below: the smallest speaker a head can be learned from."""

from __future__ import annotations

import numpy as np

from core.avatar import prepared_files as files
from core.avatar.hearing import speech_frames, speech_windows
from core.avatar.prepared import BACKGROUND, HEAD, REGIONS, TORSO, Prepared, Sitter, Track
from core.rig.arkit import ARKIT_52
from core.splat.head import Template
from core.splat.pose import pose
from core.splat.render import look_at, render
from core.splat.sample_mesh import Surface, splat_head
from core.types import Speech

SIZE = (48, 48)
FPS = 25.0
RATE = 16_000
BALL, CHEST = 0.1, 0.12
JAW = ARKIT_52.index("jawOpen")


def ball_sitter(rings=14, slices=20):
    """A ball of radius 10 cm about the origin whose lower front goes down when the jaw opens; a slab below it."""
    polar = np.linspace(0.05, np.pi - 0.05, rings)
    around = np.linspace(0, 2 * np.pi, slices, endpoint=False)
    p, a = (grid.reshape(-1) for grid in np.meshgrid(polar, around, indexing="ij"))
    ball = BALL * np.stack([np.sin(p) * np.sin(a), np.cos(p), np.sin(p) * np.cos(a)], 1)
    row = np.arange(rings - 1)[:, None] * slices
    step = np.arange(slices)
    one, two = row + step, row + (step + 1) % slices
    quads = np.stack([one, one + slices, two + slices, two], 2).reshape(-1, 4)
    slab = np.array([[x, y, -0.03] for y in (-0.3, -0.2, -0.09) for x in (-CHEST, 0, CHEST)])
    corners = np.array([[0, 1, 4, 3], [1, 2, 5, 4], [3, 4, 7, 6], [4, 5, 8, 7]]) + len(ball)
    quads = np.concatenate([quads, corners])
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
    points = np.concatenate([ball, slab]).astype(np.float32)
    front = np.nonzero((points[:, 2] > 0.04) & (np.abs(points[:, 1] + 0.035) < 0.03) & (np.abs(points[:, 0]) < 0.06))[0]
    drop = np.zeros((len(front), 3), np.float32)
    drop[:, 1] = np.where(points[front, 1] < -0.035, -0.03, 0.01)
    shapes = {"jawOpen": (front.astype(np.int32), drop)}
    regions = np.where((triangles >= len(ball)).any(1), REGIONS.index("torso"), REGIONS.index("skin")).astype(np.uint8)
    regions[np.isin(triangles, front).all(1)] = REGIONS.index("lips")
    carried = np.r_[np.ones(len(ball)), np.zeros(len(slab))].astype(np.float32)
    return Sitter(Template(points, triangles, shapes), regions, np.array([0, -0.08, 0], np.float32), carried)


def ball_head(sitter, count=500):
    """What is filmed: skin with a red mouth and blue cloth."""
    colors = np.tile(np.array([0.8, 0.6, 0.5], np.float32), (len(sitter.template.points), 1))
    colors[sitter.template.shapes["jawOpen"][0]] = (0.7, 0.1, 0.15)
    colors[sitter.carried < 0.5] = (0.2, 0.3, 0.6)
    colors += 0.15 * np.sin(60 * sitter.template.points)
    weights = np.stack([1 - sitter.carried, sitter.carried], 1)
    triangles = len(sitter.template.triangles)
    surface = Surface(
        sitter.template,
        colors.clip(0, 1).astype(np.float32),
        np.ones(triangles, np.float32),
        np.full(triangles, 0.95, np.float32),
        np.zeros(triangles, bool),
        (("chest", "head"), np.tile(sitter.pivot, (2, 1)), (0.0, 1.0)),
        weights,
    )
    return splat_head(surface, count)


def ball_video(folder, count=22):
    """A prepared folder: the jaw opens with the loudness of a hum, the head turns a little."""
    sitter = ball_sitter()
    head, camera = ball_head(sitter), look_at(np.array([0, -0.05, 0.9]), np.array([0, -0.06, 0.0]), SIZE, 26)
    seconds = np.arange(count) / FPS
    weights = np.zeros((count, 52), np.float32)
    weights[:, JAW] = 0.5 - 0.5 * np.cos(2 * np.pi * 2.2 * seconds)
    turns = np.stack([0.12 * np.sin(3 * seconds), 0.05 * np.cos(2 * seconds), 0 * seconds], 1)
    poses = []
    for frame in range(count):
        splats = pose(head, weights[frame], turns[frame])
        files.write_frame(folder, frame, *_shot(splats, camera, head))
        poses.append(camera.to_camera @ _motion(head, turns[frame]))
    track = Track(np.array(poses, np.float32), weights, np.zeros((count, 0, 2), np.float32), np.ones(count, np.float32))
    speech = hum(weights[:, JAW])
    features = speech_windows(speech_frames(speech), FPS, count)
    made = Prepared(folder, FPS, SIZE, camera.focal[0], camera.center, count * 10 // 11, sitter, track, features)
    files.write_sitter(folder, sitter)
    files.write_track(folder, track)
    files.write_features(folder, features)
    files.write_sound(folder, speech)
    files.finish(made)
    return made


def hum(loudness):
    """A recording as loud as told, frame by frame."""
    times = np.arange(round(len(loudness) / FPS * RATE)) / RATE
    level = np.interp(times * FPS, np.arange(len(loudness)), loudness)
    return Speech((0.3 * level * np.sin(2 * np.pi * 180 * times)).astype(np.float32), RATE)


def say_line(path):
    """Writes a recording of ten frames that grows loud and soft; returns where."""
    import soundfile

    soundfile.write(path, hum(np.abs(np.sin(np.arange(10)))).samples, RATE)
    return path


def _motion(head, turn):
    from core.splat.dials import turned_bones

    out = np.eye(4)
    out[:3] = turned_bones(head.bones, turn).affines[-1]
    return out


def _shot(splats, camera, head):
    picture = render(splats, camera)
    body = head.bones.weights[:, -1] < 0.5
    painted = splats.sh.copy()
    painted[:, 0] = np.where(body[:, None], 1.0, -1.0)
    told = render(type(splats)(splats.means, splats.quats, splats.log_scales, splats.logits, painted), camera)
    torso = told.color.mean(-1) > 0.5 * told.alpha
    mask = np.where(picture.alpha < 0.5, BACKGROUND, np.where(torso, TORSO, HEAD))
    shown = np.rint(np.clip(picture.over((0.4, 0.5, 0.4)), 0, 1) * 255)
    return shown.astype(np.uint8), mask.astype(np.uint8)
