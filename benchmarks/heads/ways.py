"""Ways of learning a head: whole configurations, and ours and theirs with one thing changed."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import SettingError


@dataclass(frozen=True, slots=True)
class Way:
    """name: of the row. config: a configuration that ships. changes: settings by dotted key, as YAML text.

    question: what an ablation asks; empty for a whole configuration. longer: times the share of steps of the others.
    """

    name: str
    config: str
    changes: tuple[tuple[str, str], ...] = ()
    question: str = ""
    longer: int = 1

    @property
    def key(self) -> str:
        """A name for files."""
        return self.name.replace(" ", "_").replace(",", "")


EVEN = (("splats.mouth", "1"), ("splats.eyes", "1"))
HASH = "{levels: 12, channels: 1, coarsest: 16, finest: 256, log2_size: 14}"
WHOLE = (
    Way("mouthpiece", "mouthpiece"),
    Way("mouthpiece, long", "mouthpiece", longer=8),
    Way("gaussiantalker_alibaba", "gaussiantalker_alibaba"),
    Way("gaussiantalker_ku", "gaussiantalker_ku"),
    Way("gstalker", "gstalker"),
)
ABLATIONS = (
    Way("ku, concatenated", "gaussiantalker_ku", (("field.fusion", "concatenation"),), "attention over conditions"),
    Way("ku, hash planes", "gaussiantalker_ku", (("field.grid", "hash"), ("field.options", HASH)), "tri-planes"),
    Way("gstalker, unsmoothed", "gstalker", (("field.smoothing", "none"),), "smoothing over time"),
    Way("mouthpiece, even", "mouthpiece", EVEN, "more splats at mouth and eyes"),
    Way("mouthpiece, shapeless", "mouthpiece", (("shapes.count", "0"),), "speaker-specific blendshapes"),
)
FOR_CARD = (("size", "512"), ("splats.count", "30000"), ("splats.most", "50000"))
"""What is changed for a graphics card."""


def ways_named(names: str) -> tuple[Way, ...]:
    """Ways by comma-separated names; all whole ones for "whole", all for "all". Raises SettingError for another."""
    groups = {"whole": WHOLE, "ablations": ABLATIONS, "all": WHOLE + ABLATIONS}
    if names in groups:
        return groups[names]
    known = {way.key: way for way in WHOLE + ABLATIONS}
    lost = [name for name in names.split(",") if name not in known]
    if lost:
        raise SettingError(f"There is no way {lost[0]!r} to learn a head; name some of {', '.join(known)}.")
    return tuple(known[name] for name in names.split(","))


def shortened(static: int, deform: int, lips: int, share: float) -> tuple[tuple[str, str], ...]:
    """Changes that leave a share of each stage's steps."""
    stages = (("static", static), ("deform", deform), ("lips", lips))
    return tuple((f"stages.{name}", str(max(1, round(steps * share)))) for name, steps in stages)
