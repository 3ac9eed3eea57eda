"""Which bone of an armature is the head."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TOKEN = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
# Bones that only deform or help; an animator keys the control beside them where there is one.
_BEHIND = frozenset({"def", "org", "mch", "deform", "jnt", "ref", "phys", "ik", "target", "twist"})
_OTHER_PARTS = frozenset({"fore", "sub", "over", "bed", "look"})


def find_head_bone(names: Iterable[str]) -> str | None:
    """The bone named head, whatever stands around that word (mixamorig:Head, c_head.x, DEF-head), or None."""
    ranked = sorted((rank, name) for name in names if (rank := _rank(name)) is not None)
    return ranked[0][1] if ranked else None


def _rank(name: str) -> tuple[bool, int] | None:
    """How far a name is from being just head: helpers last, then more words; None when it is another bone."""
    tokens = [token.lower() for token in _TOKEN.findall(name)]
    # Auto-Rig Pro ends centre bones in .x; copies end in .001.
    while len(tokens) > 1 and (tokens[-1] == "x" or tokens[-1].isdigit()):
        tokens.pop()
    if not tokens or tokens[-1] != "head" or _OTHER_PARTS.intersection(tokens):
        return None
    return (bool(_BEHIND.intersection(tokens)), len(tokens))
