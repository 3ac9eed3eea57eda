"""Text to IPA by eSpeak NG, where it is there: as the package espeakng_loader or installed on the system.

It is not carried by the extension: its wheels for four platforms would add 39 MB. It is GPL-3.0-or-later, as we are,
and is only loaded when a transcript of another language than English asks for it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
import os
import shutil
import threading
from functools import lru_cache
from pathlib import Path

_RETRIEVAL, _DO_NOT_EXIT = 1, 0x8000  # espeak_AUDIO_OUTPUT and espeakINITIALIZE_* of speak_lib.h
_UTF8, _IPA = 1, 2
_LOCK = threading.Lock()
NAMES = (
    "libespeak-ng.so.1", "libespeak-ng.so", "libespeak-ng.dylib", "libespeak-ng.1.dylib", "espeak-ng.dll",
    "libespeak-ng.dll",
)  # fmt: skip
VOICES = {"zh": "cmn", "en": "en-us", "pt": "pt", "no": "nb"}
"""eSpeak's names where they are not the usual code of the language."""


def is_there() -> bool:
    """True where eSpeak NG can be used."""
    return _library() is not None


def transcribe(text: str, language: str) -> list[str] | None:
    """IPA of each clause of a text, words between spaces, or None where eSpeak does not know the language.

    language: a code such as "es" or "pt-br". Needs is_there().
    """
    library = _library()
    if library is None:
        raise RuntimeError("eSpeak NG is not there; ask is_there() first.")
    with _LOCK:
        voice = VOICES.get(language.lower(), language.lower())
        if library.espeak_SetVoiceByName(voice.encode()):
            return None
        place = ctypes.c_char_p(text.encode() + b"\0")
        clauses = []
        while place.value is not None:
            said = library.espeak_TextToPhonemes(ctypes.byref(place), _UTF8, _IPA)
            clauses.append((said or b"").decode("utf-8", "replace"))
        return clauses


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL | None:
    """eSpeak's library, ready for use; None where it is not found or does not start."""
    for path, data in _candidates():
        try:
            library = ctypes.CDLL(str(path))
            library.espeak_TextToPhonemes.restype = ctypes.c_char_p
            library.espeak_TextToPhonemes.argtypes = (ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int)
        except (OSError, AttributeError):
            continue
        folder = str(data).encode() if data else None
        if library.espeak_Initialize(_RETRIEVAL, 0, folder, _DO_NOT_EXIT) > 0:
            return library
    return None


def _candidates() -> list[tuple[Path | str, Path | None]]:
    """Libraries to try, each with its data folder where that is not built in."""
    found: list[tuple[Path | str, Path | None]] = []
    spec = importlib.util.find_spec("espeakng_loader")
    if spec and spec.origin:
        folder = Path(spec.origin).parent
        found += [(folder / name, folder / "espeak-ng-data") for name in NAMES if (folder / name).is_file()]
    if named := ctypes.util.find_library("espeak-ng"):
        found.append((named, None))
    homes = [Path(os.environ[key]) / "eSpeak NG" for key in ("ProgramFiles", "ProgramFiles(x86)") if key in os.environ]
    if program := shutil.which("espeak-ng"):
        homes += [Path(program).resolve().parent, Path(program).resolve().parent.parent / "lib"]
    found += [(home / name, None) for home in homes for name in NAMES if (home / name).is_file()]
    return found
