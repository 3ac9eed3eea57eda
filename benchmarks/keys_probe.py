"""Time the writing of keys inside one Blender: python -m benchmarks.keys_probe, run by a Python that has bpy."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from pathlib import Path
from types import ModuleType

import bpy
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
FRAMES = 18000
ROUNDS = 3


def main() -> int:
    """Print one JSON line: Blender's version, keys written, best microseconds a key."""
    load_extension()
    best = min(write_once() for _ in range(ROUNDS))
    row = {"blender": bpy.app.version_string, "keys": best[1], "us_per_key": best[0] / best[1] * 1e6}
    sys.stdout.write("\n" + json.dumps(row) + "\n")
    return 0


def load_extension() -> ModuleType:
    """Import the repository under the extension's name, so that its relative imports work."""
    place = ROOT / "__init__.py"
    spec = importlib.util.spec_from_file_location("mouthpiece", place, submodule_search_locations=[str(ROOT)])
    module = importlib.util.module_from_spec(spec)
    sys.modules["mouthpiece"] = module
    spec.loader.exec_module(module)
    return module


def write_once() -> tuple[float, int]:
    """Key ten minutes at 30 frames a second on a fresh character; seconds and number of keys."""
    from mouthpiece.addon.bridge.character import find_character
    from mouthpiece.addon.bridge.keys import Take, write_take
    from mouthpiece.core.rig.arkit import ARKIT_52
    from mouthpiece.core.types import Performance, RigCurves

    bpy.ops.wm.read_factory_settings(use_empty=True)
    rng = np.random.default_rng(0)
    values = rng.random((FRAMES, len(ARKIT_52)), np.float32)
    performance = Performance(RigCurves(ARKIT_52, values, 30.0), np.zeros((FRAMES, 3), np.float32))
    face = new_face(ARKIT_52)
    started = time.perf_counter()
    write_take(find_character(face), Take("probe", "", 1, performance))
    return time.perf_counter() - started, FRAMES * len(ARKIT_52)


def new_face(names: tuple[str, ...]) -> bpy.types.Object:
    """A triangle with one shape key a name."""
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    face = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(face)
    for name in ("Basis", *names):
        face.shape_key_add(name=name)
    return face


if __name__ == "__main__":
    sys.exit(main())
