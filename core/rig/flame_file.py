"""A user's own FLAME files: the model (.pkl as it is published, or .npz) and its MediaPipe landmark embedding (.npz).

Published models are pickles, and a pickle can run any code when it is read. This reader builds NumPy arrays and the
two wrappers that FLAME's own files hold (chumpy arrays, SciPy sparse matrices), and refuses everything else; neither
chumpy nor SciPy is needed.
"""

from __future__ import annotations

import codecs
import copyreg
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ..errors import RigError
from ..paths import reason, shown

SHAPES, EXPRESSIONS, JAW = 300, 100, 2
_KEYS = ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "f")
_EMPTY = np.zeros(1)
_REBUILD = {kind.__reduce__()[0].__name__: kind.__reduce__()[0] for kind in (_EMPTY, _EMPTY[0])}
"""NumPy's own functions that make an array and a number anew, by name; the module they are in changes with NumPy."""
_PLAIN: dict[str, Any] = {
    "numpy.ndarray": np.ndarray,
    "numpy.dtype": np.dtype,
    "copyreg._reconstructor": copyreg._reconstructor,
    "builtins.object": object,
    "_codecs.encode": codecs.encode,
} | {f"numpy.core.multiarray.{name}": function for name, function in _REBUILD.items()}
_SAME = {"copy_reg": "copyreg", "__builtin__": "builtins", "numpy._core.multiarray": "numpy.core.multiarray"}


@dataclass(frozen=True, slots=True)
class FlameModel:
    """What fitting needs of FLAME; V vertices, in metres, x to the face's left, y up, z forward.

    template:   float64 [V, 3].
    expression: float64 [V, 3, 100].
    pose:       float64 [V, 3, 36], corrections by joint rotation.
    jaw:        float64 [3], the jaw joint.
    jaw_weight: float64 [V], how far each vertex goes with the jaw.
    faces:      int64 [F, 3].
    """

    template: np.ndarray
    expression: np.ndarray
    pose: np.ndarray
    jaw: np.ndarray
    jaw_weight: np.ndarray
    faces: np.ndarray


@dataclass(frozen=True, slots=True)
class Embedding:
    """MediaPipe landmarks on FLAME's triangles. ids, faces: int64 [L]; weights: float64 [L, 3], barycentric."""

    ids: np.ndarray
    faces: np.ndarray
    weights: np.ndarray


class _Wrapper:
    """Stands for a chumpy array or a sparse matrix; keeps what its file says and does nothing."""

    def __init__(self, *parts: Any) -> None:
        self.state: dict[str, Any] = {"x": parts[0]} if parts else {}

    def __setstate__(self, state: Any) -> None:
        self.state = dict(state) if isinstance(state, dict) else {}

    def array(self) -> np.ndarray | None:
        """The values: a chumpy array's own, or a sparse matrix written out."""
        if "x" in self.state:
            return _plain(self.state["x"])
        shape = self.state.get("_shape", self.state.get("shape"))
        if shape is None or not {"data", "indices", "indptr"} <= self.state.keys():
            return None
        data, rows, ends = (np.asarray(self.state[key]) for key in ("data", "indices", "indptr"))
        lines = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        full = np.zeros(shape)
        by_column = len(ends) == shape[1] + 1
        np.add.at(full, (rows, lines) if by_column else (lines, rows), data)
        return full


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[0] == "chumpy" or module.startswith("scipy.sparse"):
            return _Wrapper
        place = f"{_SAME.get(module, module)}.{name}"
        if place not in _PLAIN:
            raise pickle.UnpicklingError(place)
        return _PLAIN[place]


def read_model(path: Path) -> FlameModel:
    """Read a FLAME model, .pkl or .npz.

    Raises RigError when it cannot be read, asks for code of its own, or is no FLAME with 300 + 100 shapes.
    """
    found = _read_npz(path) if path.suffix == ".npz" else _read_pickle(path)
    arrays = {key: _plain(found.get(key)) for key in _KEYS}
    if any(array is None for array in arrays.values()):
        raise RigError(f"{shown(path)} is no FLAME model; it must hold {', '.join(_KEYS)}.")
    count = len(arrays["v_template"])
    shapes = {
        "v_template": (count, 3), "shapedirs": (count, 3, SHAPES + EXPRESSIONS), "posedirs": (count, 3, 36),
        "J_regressor": (5, count), "weights": (count, 5), "f": (len(arrays["f"]), 3),
    }  # fmt: skip
    wrong = [key for key, shape in shapes.items() if arrays[key].shape != shape]
    if wrong:
        key = wrong[0]
        raise RigError(f"{shown(path)} must hold {key} as {list(shapes[key])}, but it is {list(arrays[key].shape)}.")
    real = {key: array.astype(np.float64) for key, array in arrays.items()}
    return FlameModel(
        template=real["v_template"],
        expression=real["shapedirs"][:, :, SHAPES:],
        pose=real["posedirs"],
        jaw=real["J_regressor"][JAW] @ real["v_template"],
        jaw_weight=real["weights"][:, JAW],
        faces=arrays["f"].astype(np.int64),
    )


def read_embedding(path: Path) -> Embedding:
    """Read a MediaPipe landmark embedding, an .npz of landmark_indices, lmk_face_idx and lmk_b_coords.

    Raises RigError when it cannot be read or holds anything else.
    """
    found = _read_npz(path)
    ids, faces, weights = (_plain(found.get(key)) for key in ("landmark_indices", "lmk_face_idx", "lmk_b_coords"))
    if ids is None or faces is None or weights is None or weights.shape != (len(ids), 3) or faces.shape != ids.shape:
        raise RigError(
            f"{shown(path)} is no MediaPipe embedding of FLAME; it must hold landmark_indices and lmk_face_idx of one "
            "length and lmk_b_coords with three weights each."
        )
    return Embedding(ids.astype(np.int64), faces.astype(np.int64), weights.astype(np.float64))


def _read_pickle(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found = _Reader(file, encoding="latin1").load()
    except OSError as error:
        raise RigError(f"{shown(path)} cannot be read: {reason(error)}.") from error
    except pickle.UnpicklingError as error:
        raise RigError(f"{shown(path)} is no FLAME model or asks for code of its own ({error}).") from error
    except (EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, ImportError) as error:
        raise RigError(f"{shown(path)} is damaged or no FLAME model.") from error
    return found if isinstance(found, dict) else {}


def _read_npz(path: Path) -> dict[str, Any]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file) if hasattr(file, "files") else {}
    except OSError as error:
        raise RigError(f"{shown(path)} cannot be read: {reason(error)}.") from error
    except (ValueError, BadZipFile, EOFError, AttributeError, TypeError) as error:
        raise RigError(f"{shown(path)} is damaged or no .npz of plain arrays.") from error


def _plain(value: Any) -> np.ndarray | None:
    if isinstance(value, _Wrapper):
        return value.array()
    return value if isinstance(value, np.ndarray) and value.dtype.kind in "fiu" else None
