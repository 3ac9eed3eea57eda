"""Other rigs' curves put back on the control board, or into ARKit's shapes.

What a rig does not hold stays at rest. The tables are in data/; core.rig.carried measures what comes back.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..arrays import check
from .arkit import ARKIT_52
from .board import BOARD, HIGHS, LOWS, index, read_rows
from .flame import EXPRESSIONS, EXTREME_SHARE, FLAME_NAMES, FULL_LOOK_RAD, JAW_OPEN_RAD, JAW_SIDE_RAD
from .mapping import METAHUMAN_RAW_251, arkit_to_board
from .visemes import VISEMES, viseme_poses

LEAST_FACTOR = 0.05
"""A curve that was multiplied by less than this is not read back."""
BRIDGE_STIFFNESS = 1e-3
"""Of the mean square of the bridge's rows: keeps shapes that the bridge hardly tells apart from running away."""


def raw_to_board(values: np.ndarray) -> np.ndarray:
    """Unreal's raw curves on the control board.

    values: float32 [T, 251], 0..1, in the order of METAHUMAN_RAW_251.
    Returns float32 [T, 185]. The inverse of mapping.board_to_raw, but for what several channels share: gaze goes to the
    single eyes and the tongue to the newer board's channels. Switches rest.
    """
    check("values", values, ("T", len(METAHUMAN_RAW_251)))
    gains, quotients = _raw_table()
    out = values @ gains
    for raw, control, factor in quotients:
        whole = values[:, factor] >= LEAST_FACTOR
        out[:, control] += np.where(whole, values[:, raw] / np.maximum(values[:, factor], LEAST_FACTOR), 0)
    return np.clip(out, LOWS, HIGHS, out=out)


def visemes_to_arkit(values: np.ndarray) -> np.ndarray:
    """The mix of viseme poses, float32 [T, 52]. values: float32 [T, 15], columns VISEMES."""
    check("values", values, ("T", len(VISEMES)))
    return np.clip(values @ viseme_poses(), 0, 1)


def flame_to_board(values: np.ndarray, expression: np.ndarray | None = None) -> np.ndarray:
    """FLAME's jaw and eyes on the board, and its expression where a bridge from the user's model file is given.

    values: float32 [T, 115], columns FLAME_NAMES. expression: float32 [52, 100], see flame_fit.fit_expression; the
    shapes are those that the bridge turns into most nearly these coefficients.
    Returns float32 [T, 185].
    """
    check("values", values, ("T", len(FLAME_NAMES)))
    out = np.zeros((len(values), len(BOARD)), np.float32)
    if expression is not None:
        check("expression", expression, (len(ARKIT_52), EXPRESSIONS))
        out = arkit_to_board(_nearest_shapes(values[:, :EXPRESSIONS], expression))
    yaw, pitch, _ = turn_angles(values[:, EXPRESSIONS + 6 : EXPRESSIONS + 9])
    opening = -pitch / JAW_OPEN_RAD
    out[:, index("CTRL_C_jaw.ty")] = np.clip(opening, 0, 1)
    out[:, index("CTRL_C_jaw_openExtreme.ty")] = np.maximum(opening - 1, 0) / EXTREME_SHARE
    out[:, index("CTRL_C_jaw.tx")] = yaw / JAW_SIDE_RAD
    for place, side in ((9, "L"), (12, "R")):
        yaw, pitch, _ = turn_angles(values[:, EXPRESSIONS + place : EXPRESSIONS + place + 3])
        out[:, index(f"CTRL_{side}_eye.tx")] = yaw / FULL_LOOK_RAD
        out[:, index(f"CTRL_{side}_eye.ty")] = pitch / FULL_LOOK_RAD
    return np.clip(out, LOWS, HIGHS, out=out)


def flame_head(values: np.ndarray) -> np.ndarray:
    """The head's turn as in Performance, float32 [T, 3], of FLAME's neck. values: float32 [T, 115]."""
    check("values", values, ("T", len(FLAME_NAMES)))
    return np.stack(turn_angles(values[:, EXPRESSIONS + 3 : EXPRESSIONS + 6]), axis=-1).astype(np.float32)


def turn_angles(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Yaw, pitch and roll, radians [T], of axis-angle vectors [T, 3]: flame.turn_vector undone.

    Pitch within a quarter turn; at exactly a quarter yaw and roll are one turn, and roll is 0 then.
    """
    angle = np.linalg.norm(vectors, axis=-1)
    # sin(angle / 2) / angle goes to 1 / 2 as the angle goes to 0.
    scale = np.where(angle > 1e-9, np.sin(angle / 2) / np.maximum(angle, 1e-9), 0.5)
    x, y, z = (vectors * scale[..., None]).T
    w = np.cos(angle / 2)
    pitch = np.arcsin(np.clip(2 * (y * z - w * x), -1, 1))
    yaw = np.arctan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    roll = -np.arctan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    return yaw, pitch, roll


def _nearest_shapes(coefficients: np.ndarray, expression: np.ndarray) -> np.ndarray:
    """ARKit shapes, float32 [T, 52], 0..1, whose bridge comes nearest to some coefficients [T, 100]."""
    bridge = expression.astype(np.float64)
    square = bridge @ bridge.T
    stiff = BRIDGE_STIFFNESS * max(np.trace(square) / len(square), 1e-12)
    found = np.linalg.solve(square + stiff * np.eye(len(square)), bridge @ coefficients.T.astype(np.float64)).T
    return np.clip(found, 0, 1).astype(np.float32)


@lru_cache(maxsize=1)
def _raw_table() -> tuple[np.ndarray, tuple[tuple[int, int, int], ...]]:
    """Gains float32 [251, 185], read only, and (curve, channel, curve it is divided by)."""
    gains = np.zeros((len(METAHUMAN_RAW_251), len(BOARD)), np.float32)
    quotients = []
    for row in read_rows("metahuman_board_from_raw.csv"):
        raw, control = METAHUMAN_RAW_251.index(row["raw"]), index(row["control"])
        if row["over"]:
            quotients.append((raw, control, METAHUMAN_RAW_251.index(row["over"])))
        else:
            gains[raw, control] += float(row["gain"])
    gains.setflags(write=False)
    return gains, tuple(quotients)
