"""Which of a character's own names a profile's rows drive; no name is driven for two rows' sake by accident."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from .arkit import ARKIT_52
from .finding import COMMON, PROFILES, FoundBy
from .profile_table import Profile, Row


@dataclass(frozen=True, slots=True)
class Pick:
    """A name of the character and the row that drives it. kind, owner, name: as in core.rig.targets.Target."""

    kind: str
    owner: str
    name: str
    row: Row

    @property
    def place(self) -> tuple[str, str, str]:
        return self.kind, self.owner, self.name


class Draft:
    """What one profile drives on one character. rested: the armatures whose bones' rests are known.

    picks:     every name with every row that drives it.
    fallbacks: sentences that tell what plays in place of what is missing.
    spares:    the curves that only everyday names play.
    """

    def __init__(self, profile: Profile, found: FoundBy, rested: Collection[str] = ()) -> None:
        self.picks: list[Pick] = []
        self.fallbacks: list[str] = []
        self.spares: set[str] = set()
        own = list(_picks(profile, found))
        self._take(pick for pick in own if not pick.row.spare)
        self._lend(profile, own)
        self._take(_beside(profile.beside - self._driven(), found))
        self._take_spares(pick for pick in own if pick.row.spare)
        free = _free(profile)
        everyday = (pick for pick in _picks(COMMON, found) if pick.row.source in free)
        self._take_spares(pick for pick in everyday if pick.owner in rested or not pick.row.rest)

    def _driven(self) -> set[str]:
        return {pick.row.source for pick in self.picks}

    def _take(self, picks: Iterable[Pick]) -> list[Pick]:
        """Add picks of names that are free; returns them."""
        taken = {pick.place for pick in self.picks}
        new = [pick for pick in picks if pick.row.source and pick.place not in taken]
        self.picks += new
        return new

    def _lend(self, profile: Profile, own: list[Pick]) -> None:
        """Give the curves of missing names to the names that lend themselves to it (G shows A)."""
        there = {pick.row.name for pick in own}
        for name, rows in profile.by_name.items():
            lender = rows[0].otherwise
            if name not in there and lender in there and rows[0].source:
                places = dict.fromkeys(pick.place for pick in own if pick.row.name == lender)
                self.picks += [Pick(*place, row) for place in places for row in rows]
                self.fallbacks.append(f"{lender} plays for {name}, which is missing.")

    def _take_spares(self, picks: Iterable[Pick]) -> None:
        """Add names whose curves nothing drives yet, one name after the other."""
        by_name: dict[str, list[Pick]] = {}
        for pick in picks:
            by_name.setdefault(pick.row.name, []).append(pick)
        for mine in by_name.values():
            sources = dict.fromkeys(pick.row.source for pick in mine)
            if self._driven().isdisjoint(sources) and self._take(mine):
                self.spares.update(sources)
                self.fallbacks.append(f"{mine[0].name} plays for {' and '.join(sources)}.")


def _picks(profile: Profile, found: FoundBy) -> Iterator[Pick]:
    """Every name of a profile that is there; keys go before properties, unless the profile is one of properties."""
    kinds: dict[str, set[str]] = {}
    for (kind, _), profiles in found.items():
        for name in profiles.get(profile.key, {}):
            kinds.setdefault(name, set()).add(kind)
    for (kind, owner), profiles in found.items():
        for name, keys in profiles.get(profile.key, {}).items():
            rows = profile.by_name[name]
            if kind == rows[0].kind or rows[0].kind not in kinds[name]:
                yield from (Pick(kind, owner, key, row) for key in keys for row in rows)


def _beside(curves: frozenset[str], found: FoundBy) -> Iterator[Pick]:
    """ARKit's own names for what visemes cannot show."""
    return (pick for pick in _picks(PROFILES["arkit52"], found) if pick.row.source in curves)


def _free(profile: Profile) -> frozenset[str]:
    """The curves that everyday names may stand for."""
    every = profile.rig == "arkit52" and {row.kind for row in profile.rows} == {"shape_key"}
    return frozenset(ARKIT_52) if every else profile.beside
