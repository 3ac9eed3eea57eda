"""Which rig a character is, told by its names, and a mapping that drives it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from ..errors import RigError
from .drafting import Draft
from .finding import PROFILES, FoundBy, read_names
from .settling import limited, settled, stood_in
from .targets import HEAD_CURVES, Drive, Mapping, Target

SPARE_SHARE = 0.5
"""What a curve that found only an everyday name counts, beside one that found its own."""
_TOLD = 8
"""How many missing names one sentence lists."""

__all__ = ["PROFILES", "Inventory", "Proposal", "propose", "rank"]


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything of a character that could be driven, by name; leave out what must not be, such as driven keys.

    shape_keys: mesh object to its keys.
    bones:      armature to its bones.
    properties: object, or "armature/bone", to its custom properties.
    rests:      armature to bone to its rest matrix, [4, 4] in the armature's space (Blender's matrix_local, the
                character looking along -y, z up). Optional: they tell the axes of jaw and eyes and how large a face is.
    """

    shape_keys: ReadOnly[str, tuple[str, ...]] = field(default_factory=dict)
    bones: ReadOnly[str, tuple[str, ...]] = field(default_factory=dict)
    properties: ReadOnly[str, tuple[str, ...]] = field(default_factory=dict)
    rests: ReadOnly[str, ReadOnly[str, np.ndarray]] = field(default_factory=dict)

    @property
    def by_kind(self) -> dict[str, ReadOnly[str, tuple[str, ...]]]:
        """The names by kind of target, then by owner."""
        return {"shape_key": self.shape_keys, "bone": self.bones, "property": self.properties}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping for a character, and how well it fits.

    profile:   key of the profile, one of PROFILES.
    score:     0..1: the share of the profile's names that were found, times what the profile can show of a face.
    missing:   names of the profile that the character lacks.
    unused:    shape keys that nothing drives.
    fallbacks: sentences that tell what plays in place of what is missing.
    others:    (profile, score) of the runners-up, best first.
    """

    mapping: Mapping
    profile: str
    score: float
    missing: tuple[str, ...]
    unused: tuple[str, ...]
    fallbacks: tuple[str, ...]
    others: tuple[tuple[str, float], ...]

    @property
    def summary(self) -> str:
        """One sentence that says what was found."""
        names = len(PROFILES[self.profile].names)
        if len(self.missing) == names:
            return f"None of the names of {PROFILES[self.profile].title} were found, but everyday ones."
        told, more = self.missing[:_TOLD], len(self.missing) - _TOLD
        lacking = f"; missing: {', '.join(told)}{f' and {more} more' if more > 0 else ''}" if told else ""
        return f"{PROFILES[self.profile].title}: {names - len(self.missing)} of {names} names were found{lacking}."


def propose(inventory: Inventory, profile: str | None = None) -> Proposal:
    """The mapping that fits a character best.

    profile: one of PROFILES to be taken instead of the best.
    Raises RigError where no name is known, or none of the profile asked for.
    """
    if profile is not None and profile not in PROFILES:
        raise RigError(f'There is no profile "{profile}"; choose one of {", ".join(PROFILES)}.')
    found = _found(inventory)
    ranked = _ranked(found)
    # A character of everyday names only is a poor ARKit one.
    key = profile or (ranked[0][0] if ranked else "arkit52")
    chosen, draft = PROFILES[key], Draft(PROFILES[key], found, inventory.rests.keys())
    if not draft.picks:
        raise RigError(_nothing(profile))
    wanted = dict.fromkeys(row.source for row in chosen.rows if row.source and not row.spare)
    drives, notes = stood_in(settled(draft.picks, chosen, inventory.by_kind, inventory.rests), wanted)
    used = {pick.name for pick in draft.picks if pick.kind == "shape_key"}
    spares = chosen.worth * SPARE_SHARE * len(draft.spares) / len(chosen.names)
    return Proposal(
        mapping=Mapping(chosen.title, chosen.rig, (*limited(drives), *_turns(inventory))),
        profile=key,
        score=min(_score(key, found) + spares, chosen.worth),
        missing=tuple(name for name in chosen.names if name not in _names(key, found)),
        unused=tuple(name for name in dict.fromkeys(chain(*inventory.shape_keys.values())) if name not in used),
        fallbacks=(*draft.fallbacks, *notes),
        others=tuple(row for row in ranked if row[0] != key),
    )


def _turns(inventory: Inventory) -> Iterator[Drive]:
    """Properties that are named as the head's curves take them as they are."""
    for owner, names in inventory.properties.items():
        for name in names:
            if name in HEAD_CURVES:
                yield Drive(Target("property", owner, name), name)


def rank(inventory: Inventory) -> tuple[tuple[str, float], ...]:
    """Every profile that fits at all with its score, best first."""
    return _ranked(_found(inventory))


def _found(inventory: Inventory) -> FoundBy:
    return {
        (kind, owner): read_names(tuple(names), kind == "bone")
        for kind, owners in inventory.by_kind.items()
        for owner, names in owners.items()
    }


def _names(profile: str, found: FoundBy) -> set[str]:
    return {name for profiles in found.values() for name in profiles.get(profile, ())}


def _score(profile: str, found: FoundBy) -> float:
    names = PROFILES[profile].names
    return PROFILES[profile].worth * len(_names(profile, found).intersection(names)) / len(names)


def _ranked(found: FoundBy) -> tuple[tuple[str, float], ...]:
    offered = (key for key, profile in PROFILES.items() if len(_names(key, found)) >= profile.least)
    scores = ((key, _score(key, found)) for key in offered)
    return tuple(sorted((row for row in scores if row[1] > 0), key=lambda row: -row[1]))


def _nothing(asked: str | None) -> str:
    if asked:
        return f'Nothing on the character has a name of the profile "{asked}"; choose another or draw lines by hand.'
    return "No shape key, bone or property has a name of a known rig; choose a profile or draw the lines by hand."
