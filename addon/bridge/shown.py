"""What of a mapping a character does show, for reports that judge performances by it."""

from __future__ import annotations

from dataclasses import replace

from ...core.batch.findings import Finding, lost_targets
from ...core.rig.targets import Drive, Mapping, Target
from .character import Character

BY_NAMES = "ARKit's names"
"""What the mapping is called of a character that needs none."""


def shown_mapping(character: Character) -> Mapping:
    """What moves a character: of its own mapping the lines whose targets are there, else the names that it has."""
    if character.mapping is None:
        names = character.match.matched
        drives = tuple(Drive(Target("shape_key", "", name), name) for name in names)
        return Mapping(BY_NAMES, "arkit52", drives)
    there = _there(character)
    return replace(character.mapping, drives=tuple(row for row in character.mapping.drives if row.target in there))


def lines_lost(character: Character) -> list[Finding]:
    """The lines of its own mapping whose targets are gone or cannot be keyed."""
    if character.mapping is None:
        return []
    there = _there(character)
    lost = tuple(str(target) for target in character.mapping.targets if target not in there)
    return lost_targets(character.mapping, lost)


def _there(character: Character) -> set[Target]:
    return set().union(*(moved.targets for moved in character.moved))
