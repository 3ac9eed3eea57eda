"""A performance as a Python script that keys an animation sequence in Unreal Engine's editor.

The script carries the curves as lists and needs nothing but the engine's own module. Calls are those of Unreal's Python
API since 5.2 (AnimationLibrary, AnimDataController, AssetTools, EditorAssetLibrary).
Curve names are Unreal's own: CTRL_expressions_... for raw curves, the DNA's for the board, EyeBlinkLeft for ARKit.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import numpy as np

from ..rig.arkit import ARKIT_52
from ..types import Performance
from .arkit_columns import pascal
from .file_format import Placing
from .livelink_csv import HEAD_COLUMNS, HEAD_SIGNS

FOLDER = "/Game/Mouthpiece"
LARGEST_DENOMINATOR = 1001
SCRIPT = '''\
"""Keys the facial curves of %(title)s into an animation sequence.

Written by Mouthpiece for Unreal Engine 5.2 and later. Enable the plugins Python Editor Script Plugin and Editor
Scripting Utilities, set the names below, and run this file with Tools > Execute Python Script. A sequence that
exists keeps its bones; its curves are only replaced if REPLACE is True.
"""

import unreal

ASSET = "%(asset)s"
SKELETON = "%(skeleton)s"
REPLACE = False
RATE = %(rate)s  # frames per second, as a fraction
START_FRAME = %(start)d
FRAMES = %(frames)d
CURVES = {
%(curves)s
}


def sequence_to_key():
    """The sequence of this name, or a new one for the skeleton, long enough for the performance."""
    if unreal.EditorAssetLibrary.does_asset_exist(ASSET):
        sequence = unreal.load_asset(ASSET)
        if not isinstance(sequence, unreal.AnimSequence):
            raise RuntimeError(ASSET + " exists and is no animation sequence; set ASSET to another name.")
        if not REPLACE:
            raise RuntimeError(ASSET + " exists; set REPLACE to True to key it all the same, or ASSET to another name.")
        if unreal.AnimationLibrary.get_sequence_length(sequence) + 0.5 / rate() < (START_FRAME + FRAMES - 1) / rate():
            raise RuntimeError(ASSET + " is shorter than the performance; lengthen it or set ASSET to another name.")
        return sequence
    skeleton = unreal.load_asset(SKELETON)
    if not isinstance(skeleton, unreal.Skeleton):
        raise RuntimeError(SKELETON + " is no skeleton; set SKELETON to that of your character's face.")
    factory = unreal.AnimSequenceFactory()
    factory.set_editor_property("target_skeleton", skeleton)
    folder, _, name = ASSET.rpartition("/")
    sequence = unreal.AssetToolsHelpers.get_asset_tools().create_asset(name, folder, unreal.AnimSequence, factory)
    if sequence is None:
        raise RuntimeError(ASSET + " cannot be created; set ASSET to another name.")
    controller = sequence.get_editor_property("controller")
    controller.open_bracket("Mouthpiece", False)
    controller.set_frame_rate(unreal.FrameRate(RATE[0], RATE[1]), False)
    controller.set_number_of_frames(unreal.FrameNumber(max(START_FRAME + FRAMES - 1, 1)), False)
    controller.close_bracket(False)
    return sequence


def rate():
    return RATE[0] / RATE[1]


def key(sequence):
    """Put every curve in, a key a frame; a curve that never moves is a list of one value and gets one key."""
    library, kind = unreal.AnimationLibrary, unreal.RawCurveTrackTypes.RCT_FLOAT
    times = [(START_FRAME + frame) / rate() for frame in range(FRAMES)]
    for name, values in CURVES.items():
        if library.does_curve_exist(sequence, name, kind):
            library.remove_curve(sequence, name, False)
        library.add_curve(sequence, name, kind, False)
        library.add_float_curve_keys(sequence, name, times[: len(values)], values)


def main():
    sequence = sequence_to_key()
    key(sequence)
    if not unreal.EditorAssetLibrary.save_loaded_asset(sequence, False):
        raise RuntimeError(ASSET + " was keyed but cannot be saved; check that it is checked out.")
    unreal.log("Mouthpiece: keyed %%d curves of %%d frames into %%s" %% (len(CURVES), FRAMES, ASSET))


main()
'''


def write(path: Path, performance: Performance, placing: Placing) -> None:
    """Write the script; start frame and skeleton stand in it as names that a user can change."""
    curves = performance.curves
    names = [pascal(name) if name in ARKIT_52 else name for name in curves.names]
    rows = np.concatenate([curves.values, performance.head * HEAD_SIGNS + 0], axis=1).T
    lines = (f"    {json.dumps(name)}: {_list(row)}," for name, row in zip((*names, *HEAD_COLUMNS), rows, strict=True))
    rate = Fraction(curves.fps).limit_denominator(LARGEST_DENOMINATOR)
    text = SCRIPT % {
        "title": _one_line(placing.name),
        "asset": f"{FOLDER}/{asset_name(placing.name)}",
        "skeleton": placing.skeleton,
        "rate": f"({rate.numerator}, {rate.denominator})",
        "start": placing.start_frame,
        "frames": len(curves.values),
        "curves": "\n".join(lines),
    }
    path.write_text(text, encoding="utf-8", newline="\n")


def asset_name(name: str) -> str:
    """A name that Unreal allows for an asset: letters, digits and underscores."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") or "Performance"


def _one_line(name: str) -> str:
    """A name that can stand in the script's docstring."""
    return "".join(character for character in name if character.isprintable() and character not in '"\\')


def _list(row: np.ndarray) -> str:
    """Nine digits, which tell every float32 from its neighbours."""
    kept = row[:1] if (row == row[0]).all() else row
    return "[" + ", ".join(f"{value:.9g}" for value in kept.tolist()) + "]"
