"""A page with pictures that shows whether a video was tracked well enough to learn from."""

from __future__ import annotations

import html
from pathlib import Path

import numpy as np

from ...formats.atomic import replacing
from ...rig.arkit import ARKIT_52
from ...template.camera import Lens, moved
from ...template.files import head_template
from ...template.fit import Person
from ...video.film import Film
from ..prepared import HEAD, MOUTH, TORSO, Prepared

SHOWN = 6
CURVES = ("jawOpen", "mouthPucker", "mouthSmileLeft", "eyeBlinkLeft", "browInnerUp")
TINTS = {HEAD: (255, 150, 60), MOUTH: (255, 40, 120), TORSO: (60, 150, 255)}
GOOD_FIT, POOR_FIT = 0.02, 0.04
"""What landmarks may miss, over the distance of the outer eye corners: good below the first, poor above the second."""


def write_report(made: Prepared, person: Person, film: Film) -> None:
    """Write report.html and report/*.jpg into the folder."""
    frames = np.unique(np.linspace(0, len(made) - 1, SHOWN).astype(int))
    rows = []
    for frame in frames:
        name = f"report/{frame:06d}.jpg"
        _write_jpeg(made.folder / name, sheet(made, int(frame)))
        rows.append(f'<figure><img src="{name}"><figcaption>{frame / made.fps:.2f} s</figcaption></figure>')
    text = PAGE.format(
        title=html.escape(film.path.name),
        facts="".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in facts(made, person, film)),
        verdict=html.escape(verdict(made, person)),
        pictures="".join(rows),
        curves=curves_svg(made),
    )
    with replacing(made.folder / "report.html") as temporary:
        temporary.write_text(text, encoding="utf-8")


def facts(made: Prepared, person: Person, film: Film) -> list[tuple[str, str]]:
    """What is known of the preparation, as words."""
    seen = made.track.confidence > 0
    return [
        ("Film", f"{film.size[0]} × {film.size[1]}, {film.filmed_fps:.3g} pictures a second"),
        ("Learned from", f"{made.size[0]} × {made.size[1]}, {made.fps:.3g} pictures a second"),
        ("Pictures", f"{len(made)}, of which {len(made) - made.split} are held out"),
        ("Face seen", f"{seen.mean():.1%}"),
        ("Confidence", f"{made.track.confidence.mean():.2f} on average, {made.track.confidence.min():.2f} at worst"),
        ("Landmarks miss", f"{person.error.mean():.1%} of the distance between the eyes"),
        ("Focal length", f"{made.focal:.0f} pixels, {made.focal / made.size[0]:.2f} widths"),
    ]


def verdict(made: Prepared, person: Person) -> str:
    """One or more sentences on what to expect."""
    error, seen = float(person.error.mean()), float((made.track.confidence > 0.5).mean())
    fit = "well" if error < GOOD_FIT else "fairly" if error < POOR_FIT else "poorly"
    words = [f"The template follows the face {fit}."]
    if seen < 0.97:
        words.append(
            f"In {1 - seen:.0%} of the pictures the face is hidden, lost or turned away; they count for little."
        )
    opened = made.track.weights[:, ARKIT_52.index("jawOpen")]
    if np.quantile(opened, 0.95) < 0.1:
        words.append("The mouth hardly opens: there is little to learn speech from.")
    if len(made) / made.fps < 10:
        words.append("The video is short; a minute or more makes a better head.")
    return " ".join(words)


def sheet(made: Prepared, frame: int) -> np.ndarray:
    """A frame three times side by side: with the template's wires and landmarks, its mask, and as it is; uint8."""
    import cv2

    picture = (made.picture(frame) * 255).astype(np.uint8)
    wires = picture.copy()
    template = head_template()
    points = made.sitter.template.points.copy()
    for name, weight in zip(ARKIT_52, made.track.weights[frame], strict=True):
        vertices, offsets = made.sitter.template.shapes[name]
        points[vertices] += weight * offsets
    placed = moved(made.track.pose[frame : frame + 1].astype(np.float64), points[None].astype(np.float64))[0]
    a, b, c = (placed[template.triangles[:, k]] for k in range(3))
    seen = (np.cross(b - a, c - a) * -(a + b + c)).sum(1) > 0
    spots = np.round(Lens(made.focal, made.center).pixels(placed) * 16).astype(np.int32)
    cv2.polylines(wires, list(spots[template.triangles[seen]]), True, (90, 220, 255), 1, cv2.LINE_AA, 4)
    wires = cv2.addWeighted(wires, 0.45, picture, 0.55, 0)
    for x, y in made.track.landmarks[frame]:
        cv2.circle(wires, (round(float(x)), round(float(y))), 1, (255, 60, 60), -1)
    return np.hstack([wires, tinted(picture, made.mask(frame)), picture])


def tinted(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A picture with its mask's parts coloured and the background dark; uint8 [H, W, 3]."""
    made = picture * 0.25
    for part, tint in TINTS.items():
        where = mask == part
        made[where] = 0.55 * picture[where] + 0.45 * np.array(tint)
    return made.astype(np.uint8)


def curves_svg(made: Prepared, width: int = 1000, height: int = 70) -> str:
    """Some curves and the confidence over time."""
    rows = []
    columns = [(name, made.track.weights[:, ARKIT_52.index(name)]) for name in CURVES]
    for place, (name, values) in enumerate([*columns, ("confidence", made.track.confidence)]):
        top = place * (height + 14)
        steps = np.linspace(0, len(values) - 1, min(len(values), width)).astype(int)
        line = " ".join(f"{x / len(values) * width:.1f},{top + height * (1 - values[x]):.1f}" for x in steps)
        rows.append(f'<text x="4" y="{top + 12}">{name}</text><polyline points="{line}"/>')
    return f'<svg viewBox="0 0 {width} {len(rows) * (height + 14)}">{"".join(rows)}</svg>'


def _write_jpeg(path: Path, picture: np.ndarray) -> None:
    import cv2

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]))[1].tobytes())


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:15px/1.5 system-ui;margin:2em auto;max-width:1200px;padding:0 1em;background:#16181c;color:#dde}}
img{{width:100%;border-radius:6px}}figure{{margin:1em 0}}figcaption{{color:#99a}}th{{text-align:left;padding-right:2em;
font-weight:normal;color:#99a}}svg{{width:100%}}polyline{{fill:none;stroke:#6cf;stroke-width:1}}text{{fill:#99a;
font-size:12px}}.verdict{{font-size:18px}}</style>
<h1>{title}</h1><p class="verdict">{verdict}</p><table>{facts}</table>
<p>Left: the template's wires and the landmarks. Middle: head (orange), inside of the mouth (pink), torso (blue).
Right: the picture that is learned from.</p>{pictures}{curves}</html>
"""
