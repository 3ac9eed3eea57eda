"""3DGS PLY: the file that trainers write, one row of floats a splat.

Columns: x y z, f_dc_0..2 (coefficient 0), f_rest_0.. (the others, all of red, then green, then blue), opacity (logit),
scale_0..2 (natural logarithm), rot_0..3 (w x y z, any length). Normals are written as zeros, because viewers that map
the row onto a struct expect them, and never read. Source: Kerbl et al. 2023, graphdeco-inria/gaussian-splatting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..types import Splats
from .axes import Turn
from .ply_header import Element, Header, read_header
from .ply_text import text_rows
from .report import BLOCK, LEAST_LOG_SCALE, MOST_SPLATS, Block, Fault, Source

AXES = "right-down-front"
NEEDED = (
    *("x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity"),
    *("scale_0", "scale_1", "rot_0", "rot_1", "rot_2", "rot_3"),
)
DEGREES = {0: 0, 3: 1, 8: 2, 15: 3, 24: 4}
"""The degree by the coefficients that a channel has beside the first."""
CUT = "splats whose harmonics of degree 4 were left out"
Columns = slice | list[int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a row of floats has what; a slice where the columns lie side by side, which is faster.

    flat:   whether there is no third size, as in 2DGS files.
    degree: of the harmonics in the file, 0 to 4.
    """

    means: Columns
    base: Columns
    rest: Columns
    logit: int
    log_scales: Columns
    quats: Columns
    flat: bool
    degree: int


def open_ply(path: Path, axes: str = AXES) -> Source:
    """A 3DGS PLY file: ascii or binary of either byte order. Raises Fault, OSError."""
    header = read_header(path)
    element = header.element("vertex")
    if element is None:
        raise Fault('has no element "vertex"')
    layout, count = layout_of(element), checked_count(element.count)
    rows = _text(path, header, element) if not header.order else _binary(path, header, element)
    cut = {CUT: count} if layout.degree == 4 else {}
    return Source(count, min(layout.degree, 3), axes, (_block(table, layout) for table in rows), cut)


def checked_count(count: int) -> int:
    """A count of splats within reason. Raises Fault."""
    if not 0 < count <= MOST_SPLATS:
        raise Fault(f"holds {count:,} splats, which must be between 1 and {MOST_SPLATS:,}")
    return count


def layout_of(element: Element) -> Layout:
    """Where the columns of splats lie. Raises Fault where there are not all that splats need."""
    missing = [name for name in NEEDED if name not in element.names]
    if missing:
        raise Fault(f"is no splat file: it has points without {', '.join(missing)}")
    number = 0
    while f"f_rest_{number}" in element.names:
        number += 1
    others = {name for name in element.names if name.startswith("f_rest_")}
    if number % 3 or number // 3 not in DEGREES or len(others) != number:
        raise Fault("has harmonics (f_rest) of no whole degree from 0 to 4")
    flat = "scale_2" not in element.names
    at = element.names.index
    return Layout(
        _columns([at(axis) for axis in "xyz"]),
        _columns([at(f"f_dc_{channel}") for channel in range(3)]),
        _columns([at(f"f_rest_{place}") for place in range(number)]),
        at("opacity"),
        _columns([at(f"scale_{axis}") for axis in range(2 if flat else 3)]),
        _columns([at(f"rot_{part}") for part in range(4)]),
        flat,
        DEGREES[number // 3],
    )


def _columns(places: list[int]) -> Columns:
    if not places:
        return slice(0, 0)
    run = range(places[0], places[0] + len(places))
    return slice(run.start, run.stop) if places == list(run) else places


def _block(table: np.ndarray, layout: Layout) -> Block:
    count = len(table)
    log_scales = table[:, layout.log_scales]
    if layout.flat:
        log_scales = np.column_stack((log_scales, np.full(count, LEAST_LOG_SCALE, table.dtype)))
    rest = table[:, layout.rest]
    rest = rest.reshape(count, 3, rest.shape[1] // 3).transpose(0, 2, 1)
    return Block(
        table[:, layout.means], table[:, layout.quats], log_scales, table[:, layout.logit], table[:, layout.base], rest
    )


def _binary(path: Path, header: Header, element: Element) -> Iterator[np.ndarray]:
    start, dtype = header.offset(element.name), element.dtype(header.order)
    plain = all(kind == "f4" for _, kind in element.columns)
    return _tables(path, start, dtype, element.count, plain)


def _tables(path: Path, start: int, dtype: np.dtype, count: int, plain: bool) -> Iterator[np.ndarray]:
    """Rows as tables of one float type, a block at a time."""
    with path.open("rb") as file:
        file.seek(start)
        for first in range(0, count, BLOCK):
            rows = np.fromfile(file, dtype, min(BLOCK, count - first))
            if plain:
                yield rows.view(dtype[0]).reshape(len(rows), len(dtype))
            else:
                yield np.stack([rows[name].astype(np.float64) for name in dtype.names], axis=1)


def _text(path: Path, header: Header, element: Element) -> Iterator[np.ndarray]:
    skipped = 0
    for other in header.elements:
        if other.name == element.name:
            break
        skipped += other.count * len(other.dtype("<"))
    width = len(element.dtype("<"))
    if 2 * (skipped + element.count * width) - 1 > header.size - header.start:
        raise Fault(f"ends early: {element.count:,} rows of text do not fit into {header.size:,} bytes")
    return text_rows(path, header.start, skipped, (element.count, width))


def write_ply(path: Path, splats: Splats, axes: str = AXES) -> None:
    """Write binary little endian rows with zero normals."""
    names = _names(splats.sh.shape[1])
    header = ["ply", "format binary_little_endian 1.0", f"comment axes {axes}", f"element vertex {len(splats)}"]
    header += [f"property float {name}" for name in names] + ["end_header", ""]
    table = np.zeros((min(len(splats), BLOCK), len(names)), "<f4")
    turn = Turn(axes)
    with path.open("wb") as file:
        file.write("\n".join(header).encode())
        for start in range(0, len(splats), BLOCK):
            rows = slice(start, min(start + BLOCK, len(splats)))
            _fill(table[: rows.stop - start], splats, rows, turn)
            table[: rows.stop - start].tofile(file)


def _names(coefficients: int) -> list[str]:
    rest = [f"f_rest_{place}" for place in range(3 * (coefficients - 1))]
    scales, turns = ["scale_0", "scale_1", "scale_2"], ["rot_0", "rot_1", "rot_2", "rot_3"]
    return ["x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2", *rest, "opacity", *scales, *turns]


def _fill(table: np.ndarray, splats: Splats, rows: slice, turn: Turn) -> None:
    count, number = len(table), splats.sh.shape[1] - 1
    after = 9 + 3 * number
    np.multiply(splats.means[rows], turn.means, out=table[:, :3])
    table[:, 6:9] = splats.sh[rows, 0]
    if number:
        rest = table[:, 9:after].reshape(count, 3, number).transpose(0, 2, 1)
        np.multiply(splats.sh[rows, 1:], turn.harmonics[1 : number + 1], out=rest)
    table[:, after] = splats.logits[rows]
    table[:, after + 1 : after + 4] = splats.log_scales[rows]
    np.multiply(splats.quats[rows], turn.quats, out=table[:, after + 4 :])
