"""Splats that were read from the file before, and when each datablock last changed."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from ...core.splat.types import Splats

KEPT = 24
"""Sets of splats kept in memory; those not seen for longest go first."""


@dataclass(slots=True)
class Kept:
    """Splats read before, and when each datablock last changed, counted in changes of anything.

    Counting never starts anew, so that a version stands for the same splats as long as Blender runs.
    """

    now: int = 0
    since: int = 0
    changes: dict[int, int] = field(default_factory=dict)
    read: OrderedDict[tuple, tuple[int, Splats]] = field(default_factory=OrderedDict)

    def changed(self, uid: int) -> None:
        """Take note that a datablock is not what it was."""
        self.now += 1
        self.changes[uid] = self.now

    def version(self, *uids: int) -> int:
        """When any of some datablocks last changed."""
        return max((self.changes.get(uid, self.since) for uid in uids), default=self.since)

    def known(self, key: tuple, version: int) -> Splats | None:
        """What was read at that version, or None."""
        found = self.read.get(key)
        if found is None or found[0] != version:
            return None
        self.read.move_to_end(key)
        return found[1]

    def keep(self, key: tuple, version: int, splats: Splats) -> Splats:
        """Remember splats; the oldest go."""
        self.read[key] = version, splats
        self.read.move_to_end(key)
        while len(self.read) > KEPT:
            self.read.popitem(last=False)
        return splats

    def clear(self) -> None:
        """Everything may have changed: another file is opened, or a step is undone."""
        self.now += 1
        self.since = self.now
        self.read.clear()
        self.changes.clear()


KEPT_SPLATS = Kept()
