"""The options of a performance, the same for every command line of Mouthpiece."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator
from pathlib import Path

from .errors import FormatError, SettingError
from .guidance import ENGLISH, Guidance
from .paths import reason, shown
from .speech.direction import PARAMETERS, SWITCHES, Direction, Parameter, Switch, direct, read_direction
from .speech.emotion import EMOTIONS, NEUTRAL, EmotionTrack, parse_emotion
from .speech.emotion_files import read_emotion
from .speech.phone_files import read_track
from .speech.script import Script
from .speech.wishes import STEADY, WishTrack, read_wishes

AUTO = "auto"
GROUPED = ("strength", "style")
TEXT_ENDING = ".txt"
LONGEST_TEXT = 1 << 20
DIRECTION_NOTE = "All continuous; their defaults leave what was heard as it is."


def add_guidance_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what Guidance holds to a command."""
    suggest_help = "say what emotion is heard in the voice"
    add_emotion(parser).add_argument("--suggest-emotion", action="store_true", help=suggest_help)
    group = add_words(parser)
    phones_help = "an edited phone track to speak: .json, .csv, .TextGrid or .txt"
    group.add_argument("--phones", metavar="FILE", type=Path, help=phones_help)
    add_direction_keys(add_direction(parser))


def guidance_of(chosen: argparse.Namespace) -> Guidance:
    """What the options ask for. Raises SettingError or FormatError."""
    script = words_of(chosen)
    if chosen.phones and script:
        raise SettingError("A phone track already tells what is said; give --text or --phones, not both.")
    if chosen.phones:
        script = Script.from_track(read_track(chosen.phones))
    return Guidance(
        emotion=emotion_of(chosen),
        as_heard=chosen.emotion == AUTO,
        direction=direction_of(chosen),
        script=script,
        wishes=wishes_of(chosen),
    )


def add_emotion(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add what the face feels; returns the group of options."""
    group = parser.add_argument_group("emotion", f"{', '.join((NEUTRAL, *EMOTIONS))}; each 0 to 1.")
    either = group.add_mutually_exclusive_group()
    either.add_argument(
        "--emotion",
        metavar="MIX",
        help="happy=0.7, a mixture happy=0.5,surprised=0.3, one side happy.left=0.8, or auto: as the voice suggests",
    )
    either.add_argument("--emotion-keys", metavar="FILE", type=Path, help="emotion that changes over time: .csv, .json")
    return group


def emotion_of(chosen: argparse.Namespace) -> EmotionTrack:
    """What the options feel, neutral where the voice decides. Raises SettingError or FormatError."""
    if chosen.emotion_keys:
        return read_emotion(chosen.emotion_keys)
    return EmotionTrack.neutral() if chosen.emotion in (None, AUTO) else parse_emotion(chosen.emotion)


def add_words(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add the words that are said; returns their group of options."""
    group = parser.add_argument_group("what is said", "Knowing the words places lips and tongue better.")
    group.add_argument("--text", metavar="TEXT", help="the words, or a text file that holds them")
    group.add_argument("--language", metavar="CODE", default=ENGLISH, help="of the words (default: %(default)s)")
    return group


def words_of(chosen: argparse.Namespace) -> Script | None:
    """The words where some are given. Raises TranscriptError or FormatError."""
    return None if chosen.text is None else Script.from_text(_text_of(chosen.text), chosen.language)


def _text_of(given: str) -> str:
    """The words: those of a file where one of that name exists, else the given ones."""
    path = Path(given)
    try:
        if not path.is_file():
            if path.suffix.lower() == TEXT_ENDING and " " not in given:
                raise FormatError(f"{shown(path)} does not exist; check the path of the transcript.")
            return given
        if path.stat().st_size > LONGEST_TEXT:
            raise FormatError(f"{shown(path)} is larger than 1 MB, which is no transcript.")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FormatError(f"{shown(path)} is not text in UTF-8; save the transcript again as text.") from None
    except ValueError:  # A null character, which no name of a file may hold.
        return given
    except OSError as error:
        # Long speeches are no names of files.
        if len(given) < 255:
            raise FormatError(f"{shown(path)} cannot be read ({reason(error)}); check its permissions.") from error
        return given


def add_direction(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add every wish of PARAMETERS and SWITCHES; returns the group of options."""
    group = parser.add_argument_group("direction", DIRECTION_NOTE)
    for word in GROUPED:
        parts = [parameter for parameter in PARAMETERS if _group_of(parameter) == word]
        names = ", ".join(_part_of(parameter) for parameter in parts)
        first = parts[0]
        group.add_argument(
            f"--{word}",
            metavar="PART=X",
            help=f"{_part_of(first)}=1.2 or several between commas; {names}: {_range(first)}",
        )
    for parameter in PARAMETERS:
        if _group_of(parameter) is None:
            about = f"{parameter.meaning.rstrip('.').replace('%', '%%')}; {_range(parameter)}"
            group.add_argument(_flag_of(parameter), dest=parameter.name, metavar="X", help=about)
    for switch in SWITCHES:
        flag = f"--no-{switch.name.removeprefix('live_')}"
        group.add_argument(flag, dest=switch.name, action="store_const", const=False, help=_without(switch))
    group.add_argument("--direction", metavar="FILE", type=Path, help="a .json file of all these; options win over it")
    return group


def add_direction_keys(group: argparse._ArgumentGroup) -> None:
    """Add wishes that change while the face speaks; a stream cannot have them, for it does not know what comes."""
    keys_help = "wishes that change over time: .csv, .json; they win over options"
    group.add_argument("--direction-keys", metavar="FILE", type=Path, help=keys_help)


def wishes_of(chosen: argparse.Namespace) -> WishTrack:
    """What changes over time. Raises FormatError."""
    return read_wishes(chosen.direction_keys) if chosen.direction_keys else STEADY


def direction_of(chosen: argparse.Namespace) -> Direction:
    """What the options wish, over the file of wishes where one is given. Raises SettingError or FormatError."""
    base = read_direction(chosen.direction) if chosen.direction else Direction()
    wishes = dataclasses.asdict(base)
    for word in GROUPED:
        wishes |= dict(_parts(word, getattr(chosen, word) or ""))
    single = [item.name for item in (*PARAMETERS, *SWITCHES) if getattr(chosen, item.name, None) is not None]
    return direct(wishes | {name: getattr(chosen, name) for name in single})


def _parts(word: str, text: str) -> Iterator[tuple[str, str]]:
    """Wishes such as strength_jaw: 1.2 from "jaw=1.2,brows=0.5". Raises SettingError."""
    known = [_part_of(parameter) for parameter in PARAMETERS if _group_of(parameter) == word]
    seen: set[str] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or name not in known:
            names = ", ".join(known)
            raise SettingError(f'--{word} does not know "{part}"; write for example {known[0]}=1.2 ({names}).')
        if name in seen:
            raise SettingError(f"--{word} names {name} twice; give it one value.")
        seen.add(name)
        yield f"{word}_{name}", value


def _group_of(parameter: Parameter) -> str | None:
    return next((word for word in GROUPED if parameter.name.startswith(f"{word}_")), None)


def _part_of(parameter: Parameter) -> str:
    return parameter.name.partition("_")[2]


def _flag_of(parameter: Parameter) -> str:
    """--smoothing for smoothing_s: the unit stands in the help."""
    return "--" + parameter.name.removesuffix("_s").replace("_", "-")


def _without(switch: Switch) -> str:
    return f"without {switch.meaning[0].lower()}{switch.meaning[1:].rstrip('.')}"


def _range(parameter: Parameter) -> str:
    unit = " s" if parameter.unit == "s" else ""
    return f"{parameter.low:g} to {parameter.high:g}{unit} (default: {parameter.default:g})"
