"""Read many damaged copies of splat files: each must read or be refused. Run apart, so that a crash is seen as one.

python splat_mutants.py FOLDER NAME COUNT: NAME is a sound file in FOLDER; prints how many were read and refused.
"""

from __future__ import annotations

import gzip
import os
import random
import resource
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from core.splat.files import read_splats, usd, usd_child
from core.splat.types import SplatError

LONGEST_S = 2.0
MOST_BYTES = 3 << 30
WORDS = (b"\xff" * 4, b"\0" * 4, b"\0\0\x80\x7f", b"\0\0\xc0\x7f", b"\0\0\0\x80")
"""The largest and least numbers, infinite, none, minus zero."""


def mutant(content: bytes, chance: random.Random) -> bytes:
    """A copy with a few bytes changed, cut out, doubled, or a number made huge; more often near the front."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        span = min(len(data), chance.choice((64, 512, len(data))))
        place = chance.randrange(max(span, 1))
        deed = chance.randrange(6)
        if deed == 0:
            data[place : place + 1] = bytes([chance.randrange(256)])
        elif deed == 1:
            data[place : place + 1] = bytes([(data[place] if data else 0) ^ 1 << chance.randrange(8)])
        elif deed == 2:
            del data[place : place + chance.choice((1, 2, 4, 100))]
        elif deed == 3:
            data[place:place] = data[place : place + chance.choice((1, 4, 100))]
        elif deed == 4:
            data[place : place + 4] = chance.choice(WORDS)
        else:
            data[place : place + 1] = chance.choice((b"9", b"-", b"e99", b"nan", b"999999999", b"{", b"]", b"\n"))
        if not data:
            break
    return bytes(data)


def forked(command: list[str], **_: object) -> None:
    """What subprocess.run does for a USD file, without loading Pixar's library a thousand times."""
    child = os.fork()
    if not child:
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        usd_child.main(*command[-2:])
        os._exit(0)
    os.waitpid(child, 0)


def main(folder: Path, name: str, count: int) -> None:
    """Read the mutants one after another and say what became of them."""
    # A wild allocation fails here instead of taking the machine's memory.
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    usd.subprocess = SimpleNamespace(run=forked, DEVNULL=None, TimeoutExpired=TimeoutError)
    chance, content = random.Random(5), (folder / name).read_bytes()
    inner = gzip.decompress(content) if name.endswith(".spz") else None
    path, read = folder / f"mutant-{name}", 0
    for number in range(count):
        # Bytes inside a gzip stream hardly ever survive its checksum, so half of the mutants are packed anew.
        whole = inner is None or number % 2
        path.write_bytes(mutant(content, chance) if whole else gzip.compress(mutant(inner, chance), 1))
        start = time.process_time()
        try:
            splats, _ = read_splats(path)
        except SplatError as error:
            assert str(error).endswith("."), error
        else:
            read += 1
            assert all(np.isfinite(array).all() for array in (splats.means, splats.quats, splats.log_scales, splats.sh))
            np.testing.assert_allclose(np.linalg.norm(splats.quats, axis=1), 1, atol=1e-5)
        assert time.process_time() - start < LONGEST_S, f"mutant {number} took too long"
    sys.stdout.write(f"{read} read, {count - read} refused\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
