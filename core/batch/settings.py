"""How every recording of a batch is performed, in values that travel as JSON and tell one batch from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..animate import AnimateJob
from ..errors import SettingError
from ..formats import FORMATS, Placing, endings, format_for, format_named
from ..formats.file_format import FileFormat
from ..guidance import ENGLISH, Guidance, guidance_from
from ..layers.regions import groups_of_rig
from ..rig import targets
from ..rig.presets import preset_of, preset_text
from ..speech import phone_files
from ..speech.transcript import check_language
from .holes import check_mapping


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """What AnimateJob takes, but for the recording itself.

    formats:  at least one; names or endings of core.formats.FORMATS, each with an ending of its own.
    phones:   ending of the phone track to write, such as ".TextGrid"; empty for none.
    guidance: emotion and direction; what is said comes with each recording.
    language: of the transcripts.
    mapping:  what moves the character that the performances are for, where the report shall judge by that.
    Raises SettingError or FormatError for what cannot be.
    """

    rig: str = "arkit52"
    fps: float = 60.0
    seed: int = 0
    formats: tuple[str, ...] = ("csv",)
    phones: str = ""
    guidance: Guidance = field(default_factory=Guidance)
    language: str = ENGLISH
    mapping: targets.Mapping | None = None

    def __post_init__(self) -> None:
        AnimateJob(Path(), Path("any"), self.fps, self.seed, self.rig)
        check_language(self.language)
        if self.mapping:
            check_mapping(self.mapping)
        if self.phones and self.phones.lower() not in phone_files.FORMATS:
            known = ", ".join(name.lstrip(".") for name in phone_files.FORMATS)
            raise SettingError(f'There is no format "{self.phones.lstrip(".")}" for phones; choose one of {known}.')
        written = [*self.endings, *([self.phones.lower()] if self.phones else [])]
        if not self.formats or len(set(written)) < len(written):
            raise SettingError("Every file of a recording needs an ending of its own; give each format once.")
        names = tuple(groups_of_rig(self.rig))
        for name in self.formats:
            (named(name) or format_for(Path(f"any{ending_of(name)}"), names)).check(names, Placing())

    @property
    def endings(self) -> tuple[str, ...]:
        """The endings of the performances to write, in small letters with their dots."""
        return tuple(ending_of(name) for name in self.formats)

    def members(self) -> dict[str, Any]:
        """All of it as members of a JSON object."""
        return {
            "rig": self.rig,
            "fps": self.fps,
            "seed": self.seed,
            "formats": list(self.formats),
            "phones_ending": self.phones,
            "language": self.language,
            "guidance": self.guidance.members(),
            "mapping": preset_text(self.mapping) if self.mapping else None,
        }


def settings_from(members: Mapping[str, Any]) -> Settings:
    """Read what Settings.members() gave."""
    return Settings(
        rig=members["rig"],
        fps=members["fps"],
        seed=members["seed"],
        formats=tuple(members["formats"]),
        phones=members["phones_ending"],
        guidance=guidance_from(members["guidance"]),
        language=members["language"],
        mapping=preset_of(members["mapping"]) if members["mapping"] else None,
    )


def ending_of(name: str) -> str:
    """The ending that a format's name or bare ending means. Raises SettingError for an unknown one."""
    form = named(name)
    if form:
        return form.ending
    ending = f".{name.lower().lstrip('.')}"
    if ending not in endings():
        known = ", ".join(sorted({*FORMATS, *(known.lstrip(".") for known in endings())}))
        raise SettingError(f'There is no format "{name}"; choose one of {known}.')
    return ending


def named(name: str) -> FileFormat | None:
    """The format of a name; None for an ending, whose format the curves decide."""
    return format_named(name) if name in FORMATS and f".{name}" not in endings() else None
