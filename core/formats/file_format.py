"""What a format is, and what it is told about the place a performance goes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import FormatError, SettingError
from ..rig.names import rig_of
from ..types import Performance
from .dna_board import DNA_RIG, is_dna_board

LONGEST_LIST = 5


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a performance stands in the program that opens its file; each format takes what it has a place for.

    name:        what the clip is called; the file's own name where empty.
    start_frame: the frame of the time line it begins at, at its own rate, 0 or more.
    face:        path of the node or renderer that carries the shapes (Unity, Godot).
    head:        path of the node that turns with the head (Unity, Godot); empty for none.
    skeleton:    path of the skeleton asset that a new sequence is made for (Unreal).
    """

    name: str = ""
    start_frame: int = 0
    face: str = "Face"
    head: str = "Head"
    skeleton: str = "/Game/MetaHumans/Common/Face/Face_Archetype_Skeleton"

    def __post_init__(self) -> None:
        if self.start_frame < 0:
            raise SettingError(f"The start frame must be 0 or more, but is {self.start_frame}.")
        for word, path in (("face", self.face), ("head", self.head), ("skeleton", self.skeleton)):
            if not all(character.isprintable() and character not in "\"'\\" for character in path):
                raise SettingError(f"The path of the {word} must not hold quotes, backslashes or control characters.")


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One way to store a performance.

    name:        what the command line calls it.
    title:       a few words for a menu.
    description: half a sentence for a hint: what it is and what reads it.
    ending:      of its files, in small letters with its dot.
    write:       gets a temporary path.
    read:        raises FormatError; None for what is only written.
    claims:      whether a file of the same ending is one of these; None for the format that is taken if none claims it.
    rigs:        the rigs it takes, the one it is made for first; empty where every name will do.
    starts:      whether the file can say at which frame it begins.
    """

    name: str
    title: str
    description: str
    ending: str
    write: Callable[[Path, Performance, Placing], None]
    read: Callable[[Path], Performance] | None = None
    claims: Callable[[Path], bool] | None = None
    rigs: tuple[str, ...] = ()
    starts: bool = False

    @property
    def reads(self) -> bool:
        return self.read is not None

    def takes(self, names: Sequence[str]) -> bool:
        """Whether curves of these names can be stored."""
        return self.takes_rig(rig_named(names))

    def takes_rig(self, rig: str | None) -> bool:
        """Whether curves of a rig can be stored; None is that of unknown names."""
        return not self.rigs or rig in self.rigs

    def check(self, names: Sequence[str], placing: Placing) -> None:
        """Raise FormatError or SettingError unless such a performance can be stored."""
        if not self.takes(names):
            rig = rig_named(names) or f"{len(names)} others"
            some = " or ".join(self.rigs[:LONGEST_LIST])
            raise FormatError(f"{self.title} takes curves of the rig {some}, but these are {rig}; convert them first.")
        if placing.start_frame and not self.starts:
            raise SettingError(f"{self.title} cannot say at which frame it begins; leave the start frame at 0.")


def rig_named(names: Sequence[str]) -> str | None:
    """The rig of some names as formats know it: one of core.rig.convert.RIGS, or "metahuman174"."""
    return DNA_RIG if is_dna_board(names) else rig_of(names)
