"""Performances, rates and places for the tests of what goes out to engines."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from fractions import Fraction

import numpy as np

from core.formats import FORMATS, read_performance, write_performance
from core.formats.dna_board import narrowed
from core.rig.arkit import ARKIT_52
from core.rig.convert import to_rig
from core.types import Performance, RigCurves

RATES = tuple(
    float(Fraction(rate)) for rate in ("24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60", "120")
)
TOLERANCE = 1e-5
GODOT = shlex.split(os.environ.get("MOUTHPIECE_GODOT", ""))


def smooth_performance(frames=90, fps=60.0, names=ARKIT_52, seed=0):
    """Motion as speech makes it: a few hertz, parts at rest, a head that turns."""
    random = np.random.default_rng(seed)
    times = np.arange(frames)[:, None] / fps
    waves = np.sin(2 * np.pi * (times * random.uniform(0.5, 6, len(names)) + random.random(len(names))))
    values = np.clip(waves, 0, 1).astype(np.float32)
    head = (0.3 * np.sin(2 * np.pi * (times * (0.5, 0.7, 0.9) + (0, 0.2, 0.4)))).astype(np.float32)
    return Performance(RigCurves(tuple(names), values, fps), head)


def for_format(form, frames=90, fps=60.0):
    """A performance that a format takes."""
    rig = form.rigs[0] if form.rigs else "arkit52"
    performance = smooth_performance(frames, fps)
    return narrowed(to_rig(performance, "metahuman")) if rig == "metahuman174" else to_rig(performance, rig)


def there_and_back(path, performance, form, placing=None):
    """What a performance is after a format has written and read it."""
    write_performance(path, performance, FORMATS[form], placing)
    return read_performance(path)


def largest_error(after, before, with_head=True):
    """The largest difference of curves (by name) and head; frames must be as many."""
    assert after.curves.names == before.curves.names
    assert after.curves.values.shape == before.curves.values.shape
    error = np.abs(after.curves.values - before.curves.values).max()
    return max(error, np.abs(after.head - before.head).max()) if with_head else error


def drift_in_frames(after, before):
    """How many frames the last row has moved."""
    frames, fps = len(before.head) - 1, before.curves.fps
    return abs(frames / after.curves.fps - frames / fps) * fps


def godot(*arguments):
    """Run the Godot that MOUTHPIECE_GODOT names, without a window."""
    command = [*GODOT, *([] if "--headless" in GODOT else ["--headless"]), *map(str, arguments)]
    # A Godot in a root of its own sees the folder of temporary files, not every folder inside it.
    return subprocess.run(command, cwd=tempfile.gettempdir(), capture_output=True, text=True, timeout=300, check=False)
