"""The two packs of speech the network's trunk and phones are taught with, made once and kept in work/speech."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from ..errors import FormatError
from .aligned import filmed_clips, reading_clips
from .sentences import sentences
from .sources import Sources
from .speech_corpus import RATE_HZ, Clip, find_voices, make_plain, read_pack, write_pack
from .voices import spoken_clips

VOICE_S = 1_800.0
"""What each speech engine says, in seconds."""
WORDS_TOGETHER = 14
"""So many words of a reading make a sentence for the engines."""


def make_speech(data: Path, sources: Sources, say: Callable[[str], None]) -> tuple[Path, Path]:
    """The packs plain.npz and phones.npz of a data folder; what is there already is taken as it is.

    Raises FormatError when a part of the data folder is missing.
    """
    folder = sources.work / "speech"
    word_lists = data / "grid_words"
    if not any(word_lists.glob("*.align")):
        raise FormatError(f"The data folder {data} lacks grid_words/*.align; docs/training.md says whence.")
    plain = make_plain(find_voices(data))
    say(f"{plain.name} is there")
    phones = folder / "phones.npz"
    if not phones.exists():
        parts = [
            _kept(folder / "librispeech.npz", lambda: reading_clips(sources), say),
            _kept(folder / "grid.npz", lambda: filmed_clips(sources, word_lists), say),
            _kept(folder / "hibari.npz", lambda: spoken_clips("hibari", voice_texts(folder, 1), VOICE_S, 1), say),
            _kept(folder / "joe.npz", lambda: spoken_clips("joe", voice_texts(folder, 2), VOICE_S, 2), say),
        ]
        write_pack(phones, [clip for part in parts for clip in part])
    return plain, phones


def _kept(path: Path, clips: Callable[[], Iterable[Clip]], say: Callable[[str], None]) -> list[Clip]:
    if not path.exists():
        write_pack(path, clips())
    found = read_pack(path)
    minutes = sum(len(clip.samples) for clip in found) / RATE_HZ / 60
    say(f"{path.stem}: {len(found)} clips, {minutes:.0f} min with phones")
    return found


def voice_texts(folder: Path, seed: int) -> list[str]:
    """Our own sentences and pieces of what was heard in the readings, in a random order."""
    heard = []
    for path in sorted((folder / "aligned").glob("*-*.json")):
        words = json.loads(path.read_text())["words"]
        groups = [words[start : start + WORDS_TOGETHER] for start in range(0, len(words), WORDS_TOGETHER)]
        heard += [f"{' '.join(group).capitalize()}." for group in groups if len(group) > 3]
    texts = heard + sentences(len(heard) // 2, seed)
    return [texts[place] for place in np.random.default_rng(seed).permutation(len(texts))]
