"""Speech to learn from beside the filmed clips: packs of short clips, plain or with a phone for every frame.

docs/training.md says where each part comes from. Layout of the data folder:
  voices/prompts/LANGUAGE/**/*.g722    telephone prompts, one studio speaker a language, 16 kHz
  voices/dialogue/LANGUAGE/**/*.ogg    acted dialogue of two voices, told apart by their file names
  grid_words/*.align                   what is said in each clip of grid/ and when
  work/speech/plain.npz, phones.npz    made from them here
Licences of what is read here: prompts CC BY-SA 3.0 (Russian CC BY 3.0), dialogue GPL-2+.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..speech.phones import NUMBERS, SILENCE

RATE_HZ = 16_000
FRAME_SAMPLES = 320
UNKNOWN = -1
Span = tuple[str, float, float]
"""A phone (one of PHONES), its start and its end in seconds."""
DRAWN_S = 0.6
"""Where a phone is longer, the aligner was lost in it: its frames are UNKNOWN."""
SHORTEST_S, JOINED_S, LONGEST_S = 2.0, 8.0, 12.0
GAP_S = 0.3
EDGE_S = 0.1
QUIET_DB = -45.0
DIALOGUE_S = 2_400.0
NO_SPEECH = ("tone.", "2tone", "beep", "silence", "monkeys.")
"""Parts of the names of prompts that hold tones, silence or screams."""
ACTORS = ("m", "v")
"""The two of the dialogue whose lines make up most of it; the others are played through effects."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of speech.

    name: unique among the clips of a pack.
    kind: its language ("nl") in a plain pack, its source ("librispeech") in one with phones.
    samples: int16 [S] at RATE_HZ.
    labels: int8 [ceil(S / 320)], frame n centred on sample 320 n, places in PHONES or UNKNOWN; None in a plain pack.
    """

    name: str
    kind: str
    samples: np.ndarray
    labels: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Voices:
    """Recordings of speech whose words nobody told, by language."""

    prompts: dict[str, tuple[Path, ...]]
    dialogue: dict[str, tuple[Path, ...]]
    work: Path


def find_voices(data: Path) -> Voices:
    """Look a data folder over.

    Raises FormatError with one sentence when a part is missing.
    """
    voices = data / "voices"
    found = Voices(_by_language(voices / "prompts", "g722"), _by_language(voices / "dialogue", "ogg"), data / "work")
    parts = (("voices/prompts/LANGUAGE/*.g722", found.prompts), ("voices/dialogue/LANGUAGE/*.ogg", found.dialogue))
    missing = [what for what, there in parts if not there]
    if missing:
        lacking = ", ".join(missing)
        raise FormatError(f"The data folder {data} lacks {lacking}; docs/training.md says where they come from.")
    return found


def _by_language(folder: Path, ending: str) -> dict[str, tuple[Path, ...]]:
    languages = sorted(path for path in folder.glob("*") if path.is_dir())
    found = {path.name: tuple(sorted(path.rglob(f"*.{ending}"))) for path in languages}
    return {language: files for language, files in found.items() if files}


def make_plain(voices: Voices) -> Path:
    """The pack of speech without phones, made first if it is not there. Returns its path."""
    kept = voices.work / "speech" / "plain.npz"
    if not kept.exists():
        write_pack(kept, plain_clips(voices))
    return kept


def plain_clips(voices: Voices) -> Iterator[Clip]:
    """Every prompt, and DIALOGUE_S seconds of dialogue a language, as clips of SHORTEST_S to LONGEST_S seconds."""
    for language, files in voices.prompts.items():
        spoken = [path for path in files if not any(part in f"{path.parent.name}/{path.name}" for part in NO_SPEECH)]
        yield from joined(f"prompts-{language}", language, (read_sound(path) for path in spoken))
    for language, files in voices.dialogue.items():
        for actor in ACTORS:
            lines = (read_sound(path) for path in files if actor_of(path) == actor)
            left_s = DIALOGUE_S / len(ACTORS)
            for clip in joined(f"dialogue-{language}-{actor}", language, lines):
                left_s -= len(clip.samples) / RATE_HZ
                if left_s < 0:
                    break
                yield clip


def actor_of(path: Path) -> str:
    """Who speaks in a file of the dialogue: the second part of its name, as in "bar-m-barman.ogg"."""
    parts = path.stem.split("-")
    return parts[1] if len(parts) > 1 else ""


def joined(name: str, kind: str, pieces: Iterable[np.ndarray]) -> Iterator[Clip]:
    """Clips out of the recordings of one speaker: short ones put together with GAP_S between, long ones divided.

    pieces: float32 [S] each, trimmed here. What is left over at the end and is shorter than SHORTEST_S is dropped.
    """
    gap = np.zeros(round(GAP_S * RATE_HZ), np.float32)
    number, waiting = 0, np.zeros(0, np.float32)
    for piece in pieces:
        for part in divided(trimmed(piece)):
            if len(waiting) and len(waiting) + len(part) > JOINED_S * RATE_HZ:
                if len(waiting) >= SHORTEST_S * RATE_HZ:
                    yield Clip(f"{name}-{number:04}", kind, to_int16(waiting))
                    number += 1
                waiting = part
            elif len(part):
                waiting = np.concatenate([waiting, gap, part]) if len(waiting) else part
    if len(waiting) >= SHORTEST_S * RATE_HZ:
        yield Clip(f"{name}-{number:04}", kind, to_int16(waiting))


def trimmed(samples: np.ndarray) -> np.ndarray:
    """Cut silence off both ends, all but EDGE_S. samples: float32 [S]. Returns no samples where there is no sound."""
    loudness = frame_loudness(samples)
    if not len(loudness) or loudness.max() < 1e-3:
        return samples[:0]
    heard = np.flatnonzero(loudness > loudness.max() * 10 ** (QUIET_DB / 20))
    edge = round(EDGE_S * RATE_HZ)
    first, last = heard[0] * FRAME_SAMPLES - edge, (heard[-1] + 1) * FRAME_SAMPLES + edge
    return samples[max(0, first) : last]


def divided(samples: np.ndarray) -> list[np.ndarray]:
    """Divide a recording longer than LONGEST_S at its quietest frames. samples: float32 [S]."""
    if len(samples) <= LONGEST_S * RATE_HZ:
        return [samples]
    loudness = np.convolve(frame_loudness(samples), np.ones(5) / 5, mode="same")
    # Neither half may be longer than needed nor too short to be of use.
    low, high = round(0.35 * len(loudness)), round(0.65 * len(loudness))
    cut = (low + int(loudness[low:high].argmin())) * FRAME_SAMPLES
    return divided(samples[:cut]) + divided(samples[cut:])


def frame_loudness(samples: np.ndarray) -> np.ndarray:
    """Root mean square of each whole frame. samples: float32 [S], -1..1. Returns float32 [S // 320]."""
    frames = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    return np.sqrt((frames.astype(np.float32) ** 2).mean(axis=1))


def read_sound(path: Path) -> np.ndarray:
    """Decode any sound file PyAV knows, G.722 among them, as float32 [S] mono at RATE_HZ.

    Raises FormatError when the file holds no sound that can be read.
    """
    import av

    try:
        with av.open(str(path)) as box:
            to_mono = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
            blocks = [b.to_ndarray()[0] for f in box.decode(audio=0) for b in to_mono.resample(f)]
            blocks += [b.to_ndarray()[0] for b in to_mono.resample(None)]
    except (av.FFmpegError, IndexError):
        raise FormatError(f"{path} holds no sound that can be read.") from None
    return np.concatenate(blocks).astype(np.float32) if blocks else np.zeros(0, np.float32)


def to_int16(samples: np.ndarray) -> np.ndarray:
    """float32 -1..1 to int16, clipped."""
    return np.clip(np.rint(samples * 32_767), -32_768, 32_767).astype(np.int16)


def labels_of(spans: list[Span], count: int) -> np.ndarray:
    """The phone heard at the middle of each frame.

    spans: in order of time. count: samples of the recording.
    Returns int8 [ceil(count / 320)], frame n at n / 50 s; UNKNOWN where no span is or a phone is longer than DRAWN_S.
    """
    labels = np.full(-(-count // FRAME_SAMPLES), UNKNOWN, np.int8)
    times = np.arange(len(labels)) * FRAME_SAMPLES / RATE_HZ
    for phone, start_s, end_s in spans:
        if phone == SILENCE or end_s - start_s <= DRAWN_S:
            labels[(times >= start_s - 1e-9) & (times < end_s - 1e-9)] = NUMBERS[phone]
    return labels


def write_pack(path: Path, clips: Iterable[Clip]) -> None:
    """Write clips as one file: samples and labels of all in a row, with the places where each begins and ends.

    Arrays: samples int16 [sum S], offsets int64 [clips + 1], ids and kinds str [clips]; with phones also
    labels int8 [sum N] and label_offsets int64 [clips + 1].
    """
    kept = list(clips)
    arrays = {
        "samples": np.concatenate([np.zeros(0, np.int16), *(clip.samples for clip in kept)]),
        "offsets": _offsets([len(clip.samples) for clip in kept]),
        "ids": np.array([clip.name for clip in kept], np.str_),
        "kinds": np.array([clip.kind for clip in kept], np.str_),
    }
    labels = [clip.labels for clip in kept if clip.labels is not None]
    if labels:
        if len(labels) != len(kept):
            raise FormatError(f"{path.name}: some of the clips have phones and some have none.")
        arrays |= {"labels": np.concatenate(labels), "label_offsets": _offsets([len(row) for row in labels])}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez(part, **arrays)
    part.rename(path)


def _offsets(lengths: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def read_pack(path: Path) -> list[Clip]:
    """The clips of a pack that write_pack wrote.

    Raises FormatError when the file is none.
    """
    try:
        with np.load(path) as pack:
            arrays = dict(pack)
        samples = np.split(arrays["samples"], arrays["offsets"][1:-1])
        bounds = arrays.get("label_offsets")
        labels = [None] * len(samples) if bounds is None else np.split(arrays["labels"], bounds[1:-1])
        return [
            Clip(str(name), str(kind), *rest)
            for name, kind, *rest in zip(arrays["ids"], arrays["kinds"], samples, labels, strict=True)
        ]
    except (OSError, ValueError, KeyError):
        raise FormatError(f"{path} is not a pack of speech.") from None
