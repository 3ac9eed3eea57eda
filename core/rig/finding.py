"""Every name of every profile that one mesh, armature or object has."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from .board import DATA
from .match import match_keys, spellings
from .profile_table import Profile, read_profile
from .spelling import BEFORE_SHORT, SHORT, Speller, words

Found = dict[str, tuple[str, ...]]
"""The character's own names for names of a profile; two where a rig splits a shape into halves."""
FoundBy = dict[tuple[str, str], dict[str, Found]]
"""What was found, by kind and owner as in core.rig.targets.Target, then by profile."""


def _read_profiles() -> dict[str, Profile]:
    tables = (read_profile(path) for path in sorted((DATA / "profiles").glob("*.csv")))
    return {profile.key: profile for profile in tables}


_TABLES: dict[str, Profile] = _read_profiles()
COMMON: Profile = _TABLES.pop("common")
"""Everyday names, for curves that nothing else drives."""
PROFILES: dict[str, Profile] = _TABLES
"""The profiles by key."""


@lru_cache(maxsize=128)
def read_names(names: tuple[str, ...], bones: bool) -> dict[str, Found]:
    """What some names are in each profile, "common" among them; profiles that find nothing are left out.

    bones: True for an armature's bones, False for keys and properties, which may stand for each other.
    """
    candidates: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for profile in _hits(name, bones):
            candidates[profile].append(name)
    found = {profile: _found(profile, tuple(keys), bones) for profile, keys in candidates.items()}
    return {profile: rows for profile, rows in found.items() if rows}


def _found(profile: str, names: tuple[str, ...], bones: bool) -> Found:
    if profile == "arkit52":
        return match_keys(names).matched
    return {name: (key,) for name, key in _speller(profile, bones).find(names).items()}


def _hits(name: str, bones: bool) -> set[str]:
    """The profiles that have a word which this name ends in."""
    known, tails = _known(bones), _tails(bones)
    tokens = words(name)
    hits: set[str] = set()
    for last in (len(tokens), len(tokens) - 1) if tokens and tokens[-1].isdigit() else (len(tokens),):
        end = ""
        for place in range(last - 1, -1, -1):
            end = tokens[place] + end
            if end not in tails:
                break
            if end in known and (len(end) >= SHORT or BEFORE_SHORT.issuperset(tokens[:place])):
                hits.update(known[end])
    return hits


@lru_cache(maxsize=2)
def _known(bones: bool) -> dict[str, tuple[str, ...]]:
    """Every spelling of every profile, with the profiles that have it."""
    known: dict[str, list[str]] = defaultdict(list)
    for key in (*PROFILES, COMMON.key):
        for folded in _speller(key, bones).known:
            known[folded].append(key)
    if not bones:
        for folded in spellings():
            known[folded].append("arkit52")
    return {folded: tuple(dict.fromkeys(keys)) for folded, keys in known.items()}


@lru_cache(maxsize=2)
def _tails(bones: bool) -> frozenset[str]:
    """Whatever a spelling may end in: most names of a character are told apart by their last word."""
    return frozenset(folded[start:] for folded in _known(bones) for start in range(len(folded)))


@lru_cache(maxsize=64)
def _speller(profile: str, bones: bool) -> Speller:
    rows = (COMMON if profile == COMMON.key else PROFILES[profile]).rows
    return Speller({row.name: row.names for row in rows if (row.kind == "bone") == bones}, bones)
