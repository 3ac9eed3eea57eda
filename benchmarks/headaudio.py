"""HeadAudio as a rival: its own processor, classifier and animation, run offline under node, fetched when asked for.

Needs node and npm. Source: npm package @met4citizen/headaudio (MIT), Mika Suominen.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soxr

from .rhubarb import RivalMissing

PACKAGE = "@met4citizen/headaudio"
VERSION = "0.1.0"
HERE = Path(__file__).parent
CACHE = HERE.parent / ".venvs" / "cache" / "headaudio"
VISEMES = ("aa", "E", "I", "O", "U", "PP", "SS", "TH", "DD", "FF", "kk", "nn", "RR", "CH", "sil")
RATE_HZ = 100
HEARS_HZ = 48_000
"""What a browser gives it; at 16 and 24 kHz it does a little worse on GRID."""
LATE_S = 0.1
"""Its answer comes this late; its manual asks to delay the sound by 50 to 100 ms."""


def viseme_weights(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Viseme weights over time, HeadAudio's delay taken out.

    samples: float32 [S] at rate_hz, about -20 dB.
    Returns float32 [N, 15] at RATE_HZ, columns VISEMES, 0..0.75.
    Raises RivalMissing when it cannot be run here.
    """
    package = fetch()
    late = round(LATE_S * RATE_HZ)
    heard = soxr.resample(np.pad(samples, (0, round(LATE_S * rate_hz))), rate_hz, HEARS_HZ).astype("<f4")
    with tempfile.TemporaryDirectory(prefix="mouthpiece-headaudio-") as folder:
        pcm, answer = Path(folder) / "speech.pcm", Path(folder) / "weights.f32"
        heard.tofile(pcm)
        command = ["node", str(HERE / "headaudio.mjs"), str(package), str(pcm), str(HEARS_HZ), str(answer)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not answer.is_file():
            raise RivalMissing(f"HeadAudio failed: {(done.stderr or done.stdout).strip()[-300:]}")
        return np.fromfile(answer, "<f4").reshape(-1, len(VISEMES))[late:]


def fetch() -> Path:
    """Bring the package into the cache once.

    Returns its folder.
    Raises RivalMissing when node, npm or the package is not to be had.
    """
    package = CACHE / "package"
    if (package / "modules" / "processor.mjs").is_file():
        return package
    if not shutil.which("node") or not shutil.which("npm"):
        raise RivalMissing("HeadAudio was not run: node and npm are not installed.")
    CACHE.mkdir(parents=True, exist_ok=True)
    command = [shutil.which("npm"), "pack", f"{PACKAGE}@{VERSION}", "--silent"]
    done = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RivalMissing(f"HeadAudio was not run: npm could not fetch it ({done.stderr.strip()[-200:]}).")
    shutil.unpack_archive(CACHE / done.stdout.strip().splitlines()[-1], CACHE)
    return package
