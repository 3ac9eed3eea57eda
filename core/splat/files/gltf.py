"""glTF 2.0 with KHR_gaussian_splatting, as .glb or .gltf: points whose attributes are activated values.

Attributes: POSITION, and with the extension's name before a colon ROTATION (x y z w), SCALE (no logarithm), OPACITY
(0 to 1), SH_DEGREE_l_COEF_n (red, green, blue). Source: Khronos, KHR_gaussian_splatting, ratified in 2026.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ...formats.glb import Buffer, packed
from ..types import SH_COEFFICIENTS, Splats
from .axes import CORE
from .gltf_read import NAME, Document, open_document
from .inflate import check_growth
from .merge import Placed, merged
from .ply import CUT, checked_count
from .report import BLOCK, LEAST_LOG_SCALE, MOST_LOGIT, Block, Fault, Source

DISPLAY = "srgb_rec709_display"
DATA = "data:application/octet-stream;base64,"
BYTES_A_SPLAT = 56


def read_gltf(path: Path) -> tuple[Splats, int, dict[str, int]]:
    """All splats of a file's scene, placed as its nodes say; how many there were, and what was mended.

    Raises Fault, OSError.
    """
    try:
        return merged(list(_placed(open_document(path))))
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        raise Fault("is damaged: its JSON does not describe splats that are there") from None


def _placed(document: Document) -> Iterator[Placed]:
    total = 0
    for primitive, matrix in document.primitives():
        extension = primitive["extensions"][NAME]
        if extension.get("kernel", "ellipse") != "ellipse" or extension.get("extensions"):
            raise Fault("holds splats of a kernel or compression that is not read; export it without compression")
        if extension.get("colorSpace", DISPLAY) != DISPLAY:
            raise Fault(f"holds colours in another space than {DISPLAY}; export it in that")
        source = _source(document, primitive["attributes"])
        total += source.count
        # A mesh may be shown many times over.
        check_growth(BYTES_A_SPLAT * checked_count(total), document.size)
        yield Placed(source, matrix)
    if not total:
        raise Fault("holds no splats: none of its meshes has KHR_gaussian_splatting")


def _source(document: Document, attributes: dict[str, int]) -> Source:
    names = ["POSITION", *(f"{NAME}:{name}" for name in ("ROTATION", "SCALE", "OPACITY"))]
    means, quats, scales, opacities = (
        document.rows(attributes[name], width) for name, width in zip(names, (3, 4, 3, 1), strict=True)
    )
    degree = 0
    while f"{NAME}:SH_DEGREE_{degree + 1}_COEF_0" in attributes:
        degree += 1
    kept = min(degree, 3)
    sh = [
        document.rows(attributes[f"{NAME}:SH_DEGREE_{order}_COEF_{place}"], 3)
        for order in range(kept + 1)
        for place in range(2 * order + 1)
    ]
    count = checked_count(len(means))
    if any(len(rows) != count for rows in (quats, scales, opacities, *sh)):
        raise Fault("is damaged: its attributes are not all as long as each other")
    blocks = _blocks(means, quats, scales, opacities, sh)
    return Source(count, kept, CORE, blocks, {CUT: count} if degree > 3 else {})


def _blocks(
    means: np.ndarray, quats: np.ndarray, scales: np.ndarray, opacities: np.ndarray, sh: list[np.ndarray]
) -> Iterator[Block]:
    for start in range(0, len(means), BLOCK):
        part = slice(start, start + BLOCK)
        rest = np.stack([rows[part] for rows in sh[1:]], axis=1) if sh[1:] else np.zeros((len(means[part]), 0, 3))
        yield Block(
            means[part],
            quats[part][:, [3, 0, 1, 2]],
            logs(scales[part]),
            logits(opacities[part, 0]),
            sh[0][part],
            rest,
        )


def logs(scales: np.ndarray) -> np.ndarray:
    """Natural logarithms of sizes; zero is the smallest there is, and what is below has none (NaN)."""
    return np.log(np.where(scales == 0, np.float32(np.exp(LEAST_LOG_SCALE)), scales.astype(np.float32)))


def logits(opacities: np.ndarray) -> np.ndarray:
    """Logits of opacities 0 to 1, at most MOST_LOGIT; what is outside has none (NaN)."""
    inner = opacities.astype(np.float64)
    found = np.log(inner) - np.log1p(-inner)
    return np.where((inner >= 0) & (inner <= 1), np.clip(found, -MOST_LOGIT, MOST_LOGIT), np.nan)


def opacities_of(splats: Splats) -> np.ndarray:
    """Opacities 0 to 1, float32 [N]."""
    return (1 / (1 + np.exp(-splats.logits.astype(np.float64)))).astype(np.float32)


def _document(splats: Splats) -> tuple[dict[str, Any], bytearray]:
    buffer = Buffer()
    attributes = {"POSITION": buffer.add(splats.means, bounded=True)}
    attributes[f"{NAME}:ROTATION"] = buffer.add(splats.quats[:, [1, 2, 3, 0]])
    attributes[f"{NAME}:SCALE"] = buffer.add(np.exp(splats.log_scales))
    attributes[f"{NAME}:OPACITY"] = buffer.add(opacities_of(splats))
    columns = iter(range(splats.sh.shape[1]))
    for order in range(len(SH_COEFFICIENTS[: splats.degree + 1])):
        for place, column in enumerate(islice(columns, 2 * order + 1)):
            attributes[f"{NAME}:SH_DEGREE_{order}_COEF_{place}"] = buffer.add(splats.sh[:, column])
    hints = {"sortingMethod": "cameraDistance", "projection": "perspective"}
    extension = {"kernel": "ellipse", "colorSpace": DISPLAY, **hints}
    primitive = {"attributes": attributes, "mode": 0, "extensions": {NAME: extension}}
    return {
        "asset": {"version": "2.0", "generator": "Mouthpiece"},
        "extensionsUsed": [NAME],
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(buffer.data)}],
    }, buffer.data


def write_glb(path: Path, splats: Splats) -> None:
    """Write a binary glTF file of one node."""
    document, data = _document(splats)
    path.write_bytes(packed(document, data))


def write_gltf(path: Path, splats: Splats) -> None:
    """Write a glTF file as text that carries its numbers inside."""
    document, data = _document(splats)
    document["buffers"][0]["uri"] = DATA + base64.b64encode(data).decode()
    path.write_text(json.dumps(document, separators=(",", ":"), allow_nan=False), encoding="utf-8", newline="\n")
