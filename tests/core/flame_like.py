"""A small made-up model in FLAME's file format: one triangle at each landmark of our demo head, 100 made-up shapes."""

from __future__ import annotations

import pickle
import sys
import types
from pathlib import Path

import numpy as np

from core.rig.face_landmarks import read_motion

METRES = 0.095
"""Of an outer-eye distance."""
TILT = 0.5
JAW_AT = np.array([0.0, -0.03, -0.02])
COPIED = 40
"""So many expressions are motions that our head makes at 1 / STRENGTH; the others are noise."""
STRENGTH = 2.0


def turned(points):
    """Points [..., 3] nodding by TILT about x."""
    c, s = np.cos(TILT), np.sin(TILT)
    return points @ np.array([[1, 0, 0], [0, c, s], [0, -s, c]])


def arrays(seed=0):
    """The model's arrays and its embedding's, by the names in FLAME's files."""
    rng = np.random.default_rng(seed)
    ours = read_motion()
    count = len(ours.ids)
    corner = np.array([[0.001, 0, 0], [-0.001, 0.001, 0], [0, -0.001, 0]])
    template = (turned(ours.rest * METRES)[:, None] + corner + [0.0, 0.01, 0.02]).reshape(-1, 3)
    spread = np.zeros((count, 3, 400))
    spread[:, :, :300] = rng.normal(0, 1e-3, (count, 3, 300))
    spread[:, :, 300 : 300 + COPIED] = turned(ours.motion[:COPIED] * METRES).transpose(1, 2, 0) / STRENGTH
    spread[:, :, 300 + COPIED :] = rng.normal(0, 1e-5, (count, 3, 100 - COPIED))
    regressor = np.zeros((5, 3 * count))
    regressor[2] = np.linalg.lstsq(template.T, JAW_AT, rcond=None)[0]
    goes = (ours.rest[:, 1] < -0.72).astype(float).repeat(3)
    model = {
        "v_template": template,
        "shapedirs": spread.repeat(3, axis=0),
        "posedirs": rng.normal(0, 1e-5, (3 * count, 3, 36)),
        "J_regressor": regressor,
        "weights": np.stack([0 * goes, 1 - goes, goes, 0 * goes, 0 * goes], 1),
        "f": np.arange(3 * count, dtype=np.uint32).reshape(-1, 3),
    }
    embedding = {
        "landmark_indices": ours.ids,
        "lmk_face_idx": np.arange(count),
        "lmk_b_coords": np.full((count, 3), 1 / 3),
    }
    return model, embedding


def write(folder: Path, as_published: bool) -> tuple[Path, Path]:
    """Write model and embedding; as_published: a pickle with chumpy arrays and a sparse regressor, as FLAME's own."""
    model, embedding = arrays()
    np.savez(folder / "embedding.npz", **embedding)
    if not as_published:
        np.savez(folder / "model.npz", **model)
        return folder / "model.npz", folder / "embedding.npz"
    ch, csc = _stand_in_classes()
    model["shapedirs"], model["v_template"] = ch(model["shapedirs"]), ch(model["v_template"])
    model["J_regressor"] = csc(model["J_regressor"])
    model["bs_type"] = "lrotmin"
    with (folder / "model.pkl").open("wb") as file:
        pickle.dump(model, file, protocol=2)
    for name in ("chumpy", "chumpy.ch", "scipy.sparse.csc"):
        sys.modules.pop(name, None)
    return folder / "model.pkl", folder / "embedding.npz"


def _stand_in_classes():
    """Classes that pickle as chumpy's array and SciPy's old column matrix do."""
    ch_module, csc_module = types.ModuleType("chumpy.ch"), types.ModuleType("scipy.sparse.csc")

    class Ch:
        def __init__(self, x):
            self.x = x
            self._itr = None

    class csc_matrix:
        def __init__(self, full):
            lines, columns = np.nonzero(full.T)[1], np.nonzero(full.T)[0]
            self._shape = full.shape
            self.data, self.indices = full[lines, columns], lines.astype(np.int32)
            self.indptr = np.searchsorted(columns, np.arange(full.shape[1] + 1)).astype(np.int32)

    for module, kind in ((ch_module, Ch), (csc_module, csc_matrix)):
        kind.__module__, kind.__qualname__ = module.__name__, kind.__name__
        setattr(module, kind.__name__, kind)
        sys.modules[module.__name__] = module
    sys.modules["chumpy"] = types.ModuleType("chumpy")
    return Ch, csc_matrix
