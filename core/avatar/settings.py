"""What a training is asked to be, as frozen data read from YAML; a key nobody knows is refused, never skipped."""

from __future__ import annotations

import difflib
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import get_type_hints

from ..errors import SettingError
from ..paths import reason, shown
from ..splat.types import SH_COEFFICIENTS

CONFIGS = Path(__file__).with_name("configs")
GRIDS = ("none", "planes", "hash")


@dataclass(frozen=True, slots=True)
class SplatSettings:
    """count: splats to begin with. most: that density control may reach. mouth, eyes: splats an area of lips and mouth,
    of lids and eyes gets over other skin. mesh: whether ARKit's shapes move the splats; else only a field does.
    cards: whether torso and hair that the template lacks are put on flat cards. ceilings: whether lips close no further
    than the jaw is open, as on the CC0 template. degree: of the harmonics that say how a colour changes with the side
    it is seen from, 0 to 3; 0 is taken where the head turns too little to tell (core.avatar.start.degree_told).
    """

    count: int = 8000
    most: int = 12000
    mouth: float = 5.0
    eyes: float = 3.0
    mesh: bool = True
    cards: bool = True
    ceilings: bool = True
    degree: int = 0


@dataclass(frozen=True, slots=True)
class ShapeSettings:
    """Speaker-specific blendshapes. count: how many; 0 for none. latent: driven by a small network's latent pose, not
    by a matrix (which a SplatHead holds exactly)."""

    count: int = 20
    latent: bool = False


@dataclass(frozen=True, slots=True)
class FieldSettings:
    """The deformation field. grid: none, planes or hash. fusion: attention or concatenation. smoothing: attention,
    kernel or none. canonical: whether rest looks come from the grid too. options: sizes of the grid. torso: whether a
    field of its own moves the torso. follow: whether the torso goes with the head by learned shares, which a SplatHead
    holds."""

    grid: str = "none"
    fusion: str = "attention"
    smoothing: str = "attention"
    canonical: bool = False
    torso: bool = True
    follow: bool = False
    width: int = 64
    options: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TranslatorSettings:
    """The speaker's way of moving to speech. steps: of its own training; 0 for none. latent: whether it tells the
    latent pose of the blendshapes too."""

    steps: int = 600
    latent: bool = False


@dataclass(frozen=True, slots=True)
class StageSettings:
    """Steps of each stage. static: the splats alone. deform: everything. lips: the mouth above all, at a tenth of the
    rate. batch: pictures a step in deform and lips."""

    static: int = 800
    deform: int = 4000
    lips: int = 800
    batch: int = 1


@dataclass(frozen=True, slots=True)
class LossSettings:
    """Weights. l1, ssim: of the picture. lips: of the mouth's crop. alpha: of the mask. smooth: of the grid's
    roughness. shapes: of the blendshapes' size. far: of offsets beyond a centimetre and of sizes no face has.
    tracks: of how much each frame's track is put right. harmonics: of the colours' change with the side."""

    l1: float = 0.8
    ssim: float = 0.2
    lips: float = 0.4
    alpha: float = 0.2
    smooth: float = 2e-4
    shapes: float = 1e-3
    far: float = 1.0
    tracks: float = 1e-3
    harmonics: float = 1e-2


@dataclass(frozen=True, slots=True)
class RateSettings:
    """Learning rates at the start; each falls to memory.FALL of that. offsets: metres. tracks: of what puts the track
    of each frame right; 0 to believe the track. follow: of what the torso goes along with."""

    offsets: float = 2e-4
    quats: float = 2e-3
    log_scales: float = 5e-3
    logits: float = 2e-2
    colors: float = 1e-2
    harmonics: float = 2e-3
    shapes: float = 2e-3
    grid: float = 2e-3
    networks: float = 5e-4
    tracks: float = 0.0
    follow: float = 3e-3


@dataclass(frozen=True, slots=True)
class DensitySettings:
    """start, end, every: steps between which splats are added and removed. growth: share that may be added at a time.
    fainter: opacity below which a splat goes."""

    start: int = 300
    end: int = 3000
    every: int = 300
    growth: float = 0.08
    fainter: float = 0.01


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole training. size: pixels of the longer side that is learned, 0 for the video's own. seed: of all chance.

    keep: seconds between checkpoints.
    """

    name: str = "mouthpiece"
    size: int = 0
    seed: int = 0
    keep: float = 60.0
    splats: SplatSettings = SplatSettings()
    shapes: ShapeSettings = ShapeSettings()
    field: FieldSettings = FieldSettings()
    translator: TranslatorSettings = TranslatorSettings()
    stages: StageSettings = StageSettings()
    loss: LossSettings = LossSettings()
    rates: RateSettings = RateSettings()
    density: DensitySettings = DensitySettings()

    def __post_init__(self) -> None:
        for key, value, known in (
            ("field.grid", self.field.grid, GRIDS),
            ("field.fusion", self.field.fusion, ("attention", "concatenation")),
            ("field.smoothing", self.field.smoothing, ("attention", "kernel", "none")),
        ):
            if value not in known:
                raise SettingError(f"The setting {key} must be one of {', '.join(known)}, but is {value!r}.")
        if self.splats.degree not in range(len(SH_COEFFICIENTS)):
            raise SettingError(f"The setting splats.degree must be 0 to 3, but is {self.splats.degree}.")
        if self.splats.count < 10 or self.stages.batch < 1 or self.density.every < 1:
            raise SettingError("A training needs at least 10 splats, 1 picture a step and 1 step between densities.")


def read_settings(source: str | Path, changes: dict[str, str] | None = None) -> Settings:
    """Settings by the name of a configuration that ships, or from a YAML file.

    changes: values by dotted key, as YAML text, that replace those of the file, such as {"field.grid": "hash"}.
    Raises SettingError for a file that is none, a key nobody knows or a value of another kind.
    """
    import yaml

    path = CONFIGS / f"{source}.yaml" if str(source) in configurations() else Path(source)
    try:
        words = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for key, value in (changes or {}).items():
            _put(words, key.split("."), yaml.safe_load(value))
    except OSError as fault:
        known = ", ".join(configurations())
        raise SettingError(f"{shown(path)} cannot be read ({reason(fault)}); name a file or one of {known}.") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise SettingError(f"{shown(path)} is no YAML; mend it or take one of {', '.join(configurations())}.") from None
    return settings_of(words)


def settings_of(words: object) -> Settings:
    """Settings from plain words, as YAML and JSON hold them."""
    return _made(Settings, words, "")


def words_of(settings: Settings) -> dict:
    """The opposite of settings_of."""
    return asdict(settings)


def check_same(kept: Settings, wished: Settings) -> None:
    """Raise SettingError where a training that goes on is asked to be another; only its steps may change."""
    before, after = (words_of(replace(s, stages=StageSettings(), keep=0.0)) for s in (kept, wished))
    for key, value in before.items():
        rows = value.items() if isinstance(value, dict) else [("", value)]
        for name, old in rows:
            new = after[key][name] if name else after[key]
            if old != new:
                full = f"{key}.{name}" if name else key
                raise SettingError(
                    f"This training was begun with {full} {old}, not {new}; go on with that, or train in a new folder."
                )


def configurations() -> tuple[str, ...]:
    """Names of the configurations that ship."""
    return tuple(sorted(path.stem for path in CONFIGS.glob("*.yaml")))


def _put(words: dict, keys: list[str], value: object) -> None:
    for key in keys[:-1]:
        words = words.setdefault(key, {})
    words[keys[-1]] = value


def _made(kind: type, words: object, where: str) -> object:
    """A settings dataclass from a mapping, each value checked against the type that its field names."""
    if not isinstance(words, dict):
        raise SettingError(f"The configuration's {where or 'top level'} must hold keys and values, but is {words!r}.")
    known, hints = [f.name for f in fields(kind)], get_type_hints(kind)
    values = {}
    for key, value in words.items():
        name = f"{where}.{key}" if where else str(key)
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(known)}."
            raise SettingError(f'The configuration has a key "{name}" that nobody knows; {hint}')
        values[key] = _value(hints[key], value, name)
    return kind(**values)


def _value(kind: type, value: object, name: str) -> object:
    if is_dataclass(kind):
        return _made(kind, value, name)
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    plain = dict if str(kind).startswith("dict") else kind
    if not isinstance(value, plain) or (plain is int and isinstance(value, bool)):
        raise SettingError(f"The setting {name} must be {plain.__name__}, but is {value!r}.")
    return value
