"""The demo head saying one recording in seven emotions: a sheet of moments and a film with sound.

python build.py sheet emotions [RECORDING ...] [--character man] [--film] [--quick]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import wave
from pathlib import Path

from . import environments
from .errors import BuildError
from .paths import OUT, ROOT, SAMPLE, TEMPLATES
from .shooting import Lens, Shot, must, shoot
from .templates import ensure_templates

FACES = ("neutral", "happy", "sad", "angry", "surprised", "fearful", "disgusted")
CHARACTERS = ("woman", "man")
SHEET = Lens(rate=24, width=176, samples=4)
FILM = Lens(rate=24, width=160, samples=2)
QUICK = Lens(rate=24, width=64, samples=1)
CLOSE_UP = "close_up.blend"
MOMENTS, QUICK_MOMENTS = 9, 2


def show(arguments: list[str]) -> int:
    """Make out/emotions_NAME_CHARACTER.png, and .mp4 if asked, of each recording; say what was made.

    Returns 0. Raises BuildError when a recording cannot be read or a step fails.
    """
    chosen = _parser().parse_args(arguments)
    ensure_templates()
    python = environments.ensure("bpy45", "demo")
    for recording in chosen.recordings:
        with tempfile.TemporaryDirectory(prefix="mouthpiece-emotions-") as folder:
            sound = Path(folder) / "sound.wav"
            must(_convert(python, recording, sound), f"{recording} could not be read")
            near = [str(python), "-m", "tools.scripts.close_up", str(TEMPLATES / f"{chosen.character}.blend")]
            must([*near, str(Path(folder) / CLOSE_UP)], "The camera could not be moved")
            _draw(python, sound, Path(folder), chosen, f"emotions_{recording.stem}_{chosen.character}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="build.py sheet emotions", description=__doc__)
    parser.add_argument("recordings", nargs="*", type=Path, default=[SAMPLE], help="default: the sample line")
    parser.add_argument("--character", choices=CHARACTERS, default=CHARACTERS[0])
    parser.add_argument("--faces", nargs="+", choices=FACES, default=FACES, help="default: all seven")
    parser.add_argument("--strength", type=float, default=1.0, help="of the emotions, 0 to 1 (default: 1)")
    parser.add_argument("--film", action="store_true", help="also make the film, which takes minutes")
    parser.add_argument("--quick", action="store_true", help="tiny pictures of two moments, for tests")
    return parser


def _convert(python: Path, recording: Path, sound: Path) -> list[str]:
    """The command that writes any recording as the WAV that films and waveforms are made with."""
    return [str(python), "-m", "tools.scripts.convert_sound", str(recording.resolve()), str(sound)]


def _draw(python: Path, sound: Path, folder: Path, chosen: argparse.Namespace, name: str) -> None:
    blends = {face: _animate(python, sound, folder, chosen, face) for face in chosen.faces}
    out = OUT / "quick" if chosen.quick else OUT
    out.mkdir(parents=True, exist_ok=True)
    lens = QUICK if chosen.quick else SHEET
    frames = max(1, int(_length_s(sound) * lens.rate))
    count = QUICK_MOMENTS if chosen.quick else MOMENTS
    moments = tuple(int((n + 0.5) * frames / count) for n in range(count))
    shoot(python, [Shot(blend, folder / "sheet" / face, moments) for face, blend in blends.items()], lens)
    joined = [str(python), "-m", "tools.scripts.join_faces"]
    settings = ["--fps", str(lens.rate), "--faces", *chosen.faces]
    sheet = out / f"{name}.png"
    must([*joined, str(folder / "sheet"), str(sound), str(sheet), *settings], "The sheet could not be drawn")
    _report(sheet)
    if chosen.film:
        shots = [Shot(blend, folder / "film" / face, tuple(range(frames))) for face, blend in blends.items()]
        shoot(python, shots, FILM)
        tiles, film = folder / "tiles", out / f"{name}.mp4"
        must([*joined, str(folder / "film"), str(sound), str(tiles), *settings], "The pictures could not be joined")
        command = [str(python), "-m", "tools.scripts.join_film", str(tiles), str(sound), str(film)]
        must([*command, "--fps", str(FILM.rate)], "The film could not be joined")
        _report(film)


def _animate(python: Path, sound: Path, folder: Path, chosen: argparse.Namespace, face: str) -> Path:
    """The character saying the recording with one emotion, as a .blend."""
    target = folder / f"{face}.blend"
    blend = folder / CLOSE_UP
    command = [str(python), "-m", "addon", "animate", str(sound), "--blend", str(blend), "-o", str(target)]
    command += ["--object", chosen.character.capitalize(), "--emotion", f"{face}={chosen.strength}"]
    must(command, f"The character could not be animated as {face}")
    return target


def _length_s(sound: Path) -> float:
    with wave.open(str(sound)) as recording:
        if not recording.getnframes():
            raise BuildError("The recording is empty.")
        return recording.getnframes() / recording.getframerate()


def _report(path: Path) -> None:
    sys.stdout.write(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1e6:.1f} MB\n")
