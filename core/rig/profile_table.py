"""Profiles: what the faces of well-known rigs are called, as tables in data/profiles.

A table starts with lines "# key: value", then has one row for each term. Columns, all but the name may be left out:

- name, with other spellings after "|"; kind, channel, source, gain, part, offset, low, high as in core.rig.targets
- when: "spare", only if nothing else is driven by its curves; "rest", only where the bone's rest is known
- else: the name that takes this row's curve where this one is missing

A row without a source is a name that is known and rests.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from .arkit import names_of_region
from .board import DATA

REST = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One term of a profile, see the module. names: its spellings, the usual one first."""

    names: tuple[str, ...]
    kind: str
    channel: str
    source: str
    gain: float
    part: str
    offset: float
    low: float
    high: float
    spare: bool
    rest: bool
    otherwise: str

    @property
    def name(self) -> str:
        return self.names[0]


@dataclass(frozen=True)
class Profile:
    """One rig's names.

    key:    the table's file name without its ending.
    title:  what people call the rig.
    rig:    the rig whose curves it mostly reads.
    worth:  0..1, how much of a face it can show; what is found of its names counts so much.
    least:  how many names must be found before it is offered.
    beside: ARKit curves that drive ARKit or everyday names beside it.
    unit:   two bones whose distance on the rig the table was made for is unit_m; None where no length matters.
    """

    key: str
    title: str
    rig: str
    worth: float
    least: int
    beside: frozenset[str]
    unit: tuple[str, str] | None
    unit_m: float
    rows: tuple[Row, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names a character is searched for, but for spares."""
        return tuple(dict.fromkeys(row.name for row in self.rows if not row.spare))

    @cached_property
    def by_name(self) -> dict[str, tuple[Row, ...]]:
        """The rows of each name."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.name, []).append(row)
        return {name: tuple(rows) for name, rows in found.items()}


@lru_cache(maxsize=1)
def stand_ins() -> dict[str, tuple[tuple[str, float], ...]]:
    """What stands in for a curve that drives nothing: (other curve, share) of each."""
    found: dict[str, list[tuple[str, float]]] = {}
    for row in _read(DATA / "instead.csv")[1]:
        found.setdefault(row["curve"], []).append((row["instead"], float(row["gain"])))
    return {curve: tuple(rows) for curve, rows in found.items()}


def _read(path: Path) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The head of a table and its rows."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# ") and ": " in line)
    return head, list(csv.DictReader(line for line in lines if not line.startswith("#")))


def read_profile(path: Path) -> Profile:
    """One table of data/profiles."""
    head, rows = _read(path)
    kind = head.get("kind", "shape_key")
    unit = head.get("unit", "").split()
    beside = head.get("beside", "").split()
    regions = names_of_region(*beside)
    return Profile(
        key=path.stem,
        title=head["title"],
        rig=head["rig"],
        worth=float(head["worth"]),
        least=int(head.get("least", "1")),
        beside=frozenset(regions),
        unit=(unit[0], unit[1]) if unit else None,
        unit_m=float(unit[2]) if unit else 1.0,
        rows=tuple(_row(row, kind) for row in rows),
    )


def _row(row: dict[str, str], kind: str) -> Row:
    def number(column: str, usual: float) -> float:
        return float(row.get(column) or usual)

    return Row(
        names=tuple(row["name"].split("|")),
        kind=row.get("kind") or kind,
        channel=row.get("channel") or "",
        source=row.get("source") or REST,
        gain=number("gain", 1.0),
        part=row.get("part") or "whole",
        offset=number("offset", 0.0),
        low=number("low", -math.inf),
        high=number("high", math.inf),
        spare=row.get("when") == "spare",
        rest=row.get("when") == "rest",
        otherwise=row.get("else") or "",
    )
