"""Find MediaPipe's landmarks on the template by letting its tracker look at plain pictures of drawn people.

What it sees on many people is brought back to the mean head and averaged; landmarks whose vertex is known stay there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...head.surface import anchor
from ...template.types import REGIONS, HeadTemplate
from .landmarks import PUPILS

PEOPLE, SEED, SIZE_PX, SPAN_M = 24, 3, 640, 0.34
TURNS = (-0.25, 0.0, 0.25)
"""Radians about the vertical."""
BROWS = ((70, 63, 105, 66, 107, 55, 65, 52, 53, 46), (300, 293, 334, 296, 336, 285, 295, 282, 283, 276))
LIGHT = np.array([0.25, 0.45, 0.86])
COLORS: dict[str, tuple[int, int, int]] = {
    "skin": (150, 175, 215), "lips": (95, 95, 185), "white": (235, 235, 235), "iris": (60, 80, 105),
    "scalp": (40, 45, 55), "mouth bag": (40, 30, 70), "torso": (110, 80, 60),
}  # fmt: skip
"""Blue, green and red."""
HIDDEN = ("mouth bag", "sockets", "upper teeth", "lower teeth", "gums", "tongue", "white", "iris", "torso")


def with_all_landmarks(template: HeadTemplate, people: int = PEOPLE) -> HeadTemplate:
    """The template with every landmark of MediaPipe's mesh, 0..477, in order."""
    seen = seen_places(template, people)
    outside = ~template.region(*HIDDEN)[template.triangles].any(1)
    corners = template.triangles[outside]
    found = anchor(seen, template.points, corners)
    rows = np.nonzero(outside)[0]
    place = {tuple(corner): row for row, corner in zip(rows.tolist(), corners.tolist(), strict=True)}
    triangles = np.array([place[tuple(corner)] for corner in found.corners.tolist()], np.int32)
    weights = found.weights.astype(np.float32)
    known = dict(zip(template.landmarks.tolist(), range(len(template.landmarks)), strict=True))
    count = len(seen) + 5 * len(PUPILS)
    triangles, weights = (
        np.concatenate([a, np.zeros((count - len(seen), *a.shape[1:]), a.dtype)]) for a in (triangles, weights)
    )
    for number, row in known.items():
        triangles[number], weights[number] = template.landmark_triangles[row], template.landmark_corners[row]
    return replace(
        template,
        landmarks=np.arange(count, dtype=np.int32),
        landmark_triangles=triangles,
        landmark_corners=weights,
    )


def seen_places(template: HeadTemplate, people: int) -> np.ndarray:
    """Where the tracker sees its 468 landmarks, on the mean head; metres, [468, 3]."""
    from mediapipe.python.solutions.face_mesh import FaceMesh

    rng = np.random.default_rng(SEED)
    found = []
    with FaceMesh(static_image_mode=True, refine_landmarks=True) as tracker:
        for _ in range(people):
            person = template.shaped(rng.normal(0, 0.7, len(template.basis)))
            for turn in TURNS:
                picture, owners, flat = drawn(template, person, turn)
                result = tracker.process(picture[..., ::-1])
                if result.multi_face_landmarks:
                    spots = np.array([(p.x, p.y) for p in result.multi_face_landmarks[0].landmark[:468]]) * SIZE_PX
                    found.append(brought_home(template, spots, owners, flat))
    return np.nanmedian(np.stack(found), axis=0)


def drawn(template: HeadTemplate, person: np.ndarray, turn: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A plain picture, uint8 [S, S, 3], blue first; the triangle seen at each pixel, -1 for none; pixels [V, 2]."""
    import cv2

    cosine, sine = np.cos(turn), np.sin(turn)
    posed = person @ np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]]).T
    flat = np.stack([posed[:, 0] / SPAN_M + 0.5, 0.62 - posed[:, 1] / SPAN_M], 1) * SIZE_PX
    a, b, c = (posed[template.triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    order = np.argsort((a + b + c)[:, 2])
    picture = np.full((SIZE_PX, SIZE_PX, 3), 120, np.uint8)
    owners = np.full((SIZE_PX, SIZE_PX), -1.0, np.float32)
    kinds = template.regions[template.triangles[:, 0]]
    shade = 0.55 + 0.45 * np.clip(normal @ LIGHT, 0, 1)
    spots = np.round(flat[template.triangles] * 16).astype(np.int32)
    for f in order[normal[order, 2] > 0]:
        color = np.array(COLORS.get(REGIONS[kinds[f]], COLORS["skin"])) * shade[f]
        cv2.fillConvexPoly(picture, spots[f], color.tolist(), cv2.LINE_8, 4)
        cv2.fillConvexPoly(owners, spots[f], float(f), cv2.LINE_8, 4)
    marks = dict(zip(template.landmarks.tolist(), template.at_landmarks(flat), strict=True))
    for brow in BROWS:
        cv2.fillPoly(picture, [np.round([marks[n] for n in brow]).astype(np.int32)], (45, 55, 75), cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (0, 0), 1.2), owners.astype(np.int64), flat


def brought_home(template: HeadTemplate, spots: np.ndarray, owners: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """Pixels [n, 2] as places on the mean head, metres [n, 3]; nan where nothing was drawn."""
    column, row = np.clip(np.round(spots).astype(int), 0, SIZE_PX - 1).T
    owner = owners[row, column]
    corners = template.triangles[owner]
    a, b, c = (flat[corners[:, k]] for k in range(3))
    across = np.stack([b - a, c - a], 2)
    inside = np.linalg.solve(across + 1e-9 * np.eye(2), (spots - a)[..., None])[..., 0]
    weights = np.clip(np.c_[1 - inside.sum(1), inside], 0, 1)
    weights /= weights.sum(1, keepdims=True)
    home = np.einsum("nk,nkd->nd", weights, template.points[corners])
    lost = (owner < 0) | template.region(*HIDDEN)[corners].any(1)
    return np.where(lost[:, None], np.nan, home)
