"""Picks as drives: owners named only where they must be, bones turned about the right axis, stand-ins, limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping as ReadOnly
from dataclasses import replace

import numpy as np

from .drafting import Pick
from .finding import COMMON
from .profile_table import Profile, Row, stand_ins
from .targets import Drive, Target

Names = ReadOnly[str, ReadOnly[str, tuple[str, ...]]]
"""What is there: kind to owner to names."""
Rests = ReadOnly[str, ReadOnly[str, np.ndarray]]
"""Armature to bone to rest matrix, [4, 4]."""


def settled(picks: Iterable[Pick], profile: Profile, names: Names, rests: Rests) -> tuple[Drive, ...]:
    """The drives of some picks; an owner is left out where every owner of that name is driven alike."""
    having: dict[tuple[str, str, Row], dict[str, None]] = {}
    for pick in picks:
        having.setdefault((pick.kind, pick.name, pick.row), {})[pick.owner] = None
    everyone = _owners(names)
    terms: dict[tuple[Target, str, str], Drive] = {}
    for (kind, name, row), owners in having.items():
        # Where rests are known, each armature's bones may turn about axes of their own.
        alike = everyone[kind, name] == len(owners) and not (kind == "bone" and rests)
        for owner in [""] if alike else owners:
            drive = _drive(kind, owner, name, row)
            if kind == "bone" and owner in rests:
                drive = _fitted(drive, row in COMMON.rows, profile, rests[owner])
            term = drive.target, drive.source, drive.part
            known = terms.get(term)
            terms[term] = replace(known, gain=known.gain + drive.gain) if known else drive
    return tuple(terms.values())


def _owners(names: Names) -> Counter[tuple[str, str]]:
    """How many owners have each name of a kind."""
    return Counter((kind, name) for kind, owners in names.items() for own in owners.values() for name in set(own))


def stood_in(drives: tuple[Drive, ...], wanted: Iterable[str]) -> tuple[tuple[Drive, ...], list[str]]:
    """The drives and what stands in for wanted curves that drive nothing; sentences that tell it."""
    driven = {drive.source for drive in drives}
    added: list[Drive] = []
    notes = []
    for curve in wanted:
        for other, share in () if curve in driven else stand_ins().get(curve, ()):
            same = [drive for drive in drives if drive.source == other and drive.part == "whole"]
            added += [replace(drive, source=curve, gain=share * drive.gain, offset=0.0) for drive in same]
            if same:
                notes.append(f"{curve} goes to {', '.join(drive.target.name for drive in same)} by {share:g}.")
    return (*drives, *added), notes


def limited(drives: tuple[Drive, ...]) -> tuple[Drive, ...]:
    """The same, with keys that several terms move kept within 0 to 1."""
    count: dict[Target, int] = {}
    for drive in drives:
        count[drive.target] = count.get(drive.target, 0) + 1
    return tuple(
        replace(drive, low=max(drive.low, 0.0), high=min(drive.high, 1.0))
        if drive.target.kind == "shape_key" and count[drive.target] > 1
        else drive
        for drive in drives
    )


def resized(drives: tuple[Drive, ...], size: float) -> tuple[Drive, ...]:
    """The same for a face so many times as large: everything that moves a bone from its place grows with it."""
    return tuple(
        replace(d, gain=d.gain * size, offset=d.offset * size, low=d.low * size, high=d.high * size)
        if d.target.channel.startswith("location")
        else d
        for d in drives
    )


def _drive(kind: str, owner: str, name: str, row: Row) -> Drive:
    target = Target(kind, owner, name, row.channel if kind == "bone" else "")
    return Drive(target, row.source, row.gain, row.offset, row.low, row.high, row.part)


def _fitted(drive: Drive, everyday: bool, profile: Profile, rests: ReadOnly[str, np.ndarray]) -> Drive:
    """A bone's drive on the character that it belongs to."""
    name = drive.target.name
    if everyday and name in rests:
        axis, sign = nearest_axis(rests[name], drive.target.channel[-1])
        target = replace(drive.target, channel=f"rotation.{axis}")
        return replace(drive, target=target, gain=sign * drive.gain)
    if profile.unit and all(bone in rests for bone in profile.unit):
        first, second = (rests[bone][:3, 3] for bone in profile.unit)
        return resized((drive,), float(np.linalg.norm(first - second)) / profile.unit_m)[0]
    return drive


def nearest_axis(rest: np.ndarray, axis: str) -> tuple[str, int]:
    """The axis of a bone that lies nearest to one of its armature's, and -1 where it points the other way, else 1.

    rest: [4, 4], the bone in its armature's space, the character looking along -y with z up. A positive turn about x
    opens a jaw and lowers a gaze, one about z turns it to the character's left.
    """
    along = rest["xyz".index(axis), :3]
    place = int(np.abs(along).argmax())
    return "xyz"[place], 1 if along[place] > 0 else -1
