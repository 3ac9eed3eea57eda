"""Install a zip into an empty Blender and let the installed extension animate its own demo character.

Run by a Python that has bpy and NumPy but none of the packages the zip carries:

    install_probe.py ZIP WAV OUT.blend ANSWER.json
"""

import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path

import bpy

archive, recording, output, answer = sys.argv[1:]
before = [name for name in ("soundfile", "soxr", "safetensors") if importlib.util.find_spec(name)]
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)
command = importlib.import_module("bl_ext.user_default.mouthpiece.addon.cli_command")
code = command.main(["animate", recording, "-o", output])
after = [importlib.util.find_spec(name).origin for name in ("soundfile", "soxr", "safetensors")]
Path(answer).write_text(json.dumps({"before": before, "code": code, "after": after}))
# Blender as a module can hang in its own threads at exit (core/departure.py).
os._exit(0)
