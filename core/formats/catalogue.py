"""Every format, in the order in which menus show them: the one list that command line, worker and Blender share.

The first of an ending that takes a performance's rig is what is written where only the ending is given.
"""

from __future__ import annotations

from ..rig.convert import RIGS
from . import (
    a2f_csv,
    a2f_json,
    godot_tres,
    json_text,
    livelink_csv,
    metahuman_csv,
    metahuman_json,
    moho_dat,
    npz,
    rhubarb_json,
    rhubarb_tsv,
    rhubarb_xml,
    table_csv,
    unity_anim,
    unreal_script,
    vrma,
)
from .dna_board import DNA_RIG
from .file_format import FileFormat

ARKIT = ("arkit52",)
METAHUMAN = ("metahuman251", DNA_RIG, "metahuman")
CUES = ("visemes",)

_LISTED = (
    FileFormat("npz", "NumPy archive", "Names, values, head and phones as arrays, exact", ".npz", npz.write, npz.read),
    FileFormat(
        "livelink",
        "Live Link Face CSV",
        "A take as Epic's iPhone app writes it, for Unreal Engine, Maya, MotionBuilder and other add-ons",
        ".csv",
        livelink_csv.write,
        livelink_csv.read,
        rigs=ARKIT,
        starts=True,
    ),
    FileFormat(
        "table",
        "Plain table",
        "Seconds, one column a control, and the head, for spreadsheets and scripts",
        ".csv",
        table_csv.write,
        table_csv.read,
        table_csv.is_table,
        starts=True,
    ),
    FileFormat(
        "json", "JSON text", "Names, values, head and phones as text, exact", ".json", json_text.write, json_text.read
    ),
    FileFormat(
        "a2f-json",
        "Audio2Face JSON",
        "Blend-shape weights as NVIDIA Audio2Face exports them",
        ".json",
        a2f_json.write,
        a2f_json.read,
        a2f_json.is_audio2face,
        rigs=ARKIT,
    ),
    FileFormat(
        "a2f-csv",
        "Audio2Face CSV",
        "animation_frames.csv as the client of NVIDIA's Audio2Face-3D service writes it",
        ".csv",
        a2f_csv.write,
        a2f_csv.read,
        a2f_csv.is_audio2face,
        rigs=ARKIT,
        starts=True,
    ),
    FileFormat(
        "metahuman-json",
        "MetaHuman JSON",
        "Raw curves or control board by name, a list of values each",
        ".json",
        metahuman_json.write,
        metahuman_json.read,
        metahuman_json.is_metahuman,
        rigs=METAHUMAN,
        starts=True,
    ),
    FileFormat(
        "metahuman-csv",
        "MetaHuman CSV",
        "Raw curves or control board as a table of frames, for Maya and other tools",
        ".csv",
        metahuman_csv.write,
        metahuman_csv.read,
        metahuman_csv.is_metahuman,
        rigs=METAHUMAN,
        starts=True,
    ),
    FileFormat(
        "unreal",
        "Unreal Python script",
        "Run in Unreal Engine 5, keys an animation sequence",
        ".py",
        unreal_script.write,
        rigs=(*METAHUMAN, *ARKIT, *CUES),
        starts=True,
    ),
    FileFormat(
        "unity",
        "Unity animation clip",
        "Curves of a skinned mesh renderer's blend shapes, weights 0 to 100",
        ".anim",
        unity_anim.write,
        unity_anim.read,
        starts=True,
    ),
    FileFormat(
        "godot",
        "Godot animation",
        "Animation resource of Godot 4 with blend-shape tracks and the head's turn",
        ".tres",
        godot_tres.write,
        godot_tres.read,
        starts=True,
    ),
    FileFormat(
        "vrma",
        "VRM animation",
        "Expressions and head of a VRM 1.0 avatar",
        ".vrma",
        vrma.write,
        vrma.read,
        rigs=(*ARKIT, *CUES),
        starts=True,
    ),
    FileFormat(
        "rhubarb-tsv",
        "Rhubarb table",
        "Mouth cues A to H and X, as Rhubarb Lip Sync writes them",
        ".tsv",
        rhubarb_tsv.write,
        rhubarb_tsv.read,
        rigs=CUES,
    ),
    FileFormat(
        "rhubarb-json",
        "Rhubarb JSON",
        "Mouth cues A to H and X, as Rhubarb Lip Sync writes them",
        ".json",
        rhubarb_json.write,
        rhubarb_json.read,
        rhubarb_json.is_rhubarb,
        rigs=CUES,
    ),
    FileFormat(
        "rhubarb-xml",
        "Rhubarb XML",
        "Mouth cues A to H and X, as Rhubarb Lip Sync writes them",
        ".xml",
        rhubarb_xml.write,
        rhubarb_xml.read,
        rigs=CUES,
    ),
    FileFormat(
        "moho",
        "Moho switch data",
        "Frames and mouths for a switch layer of Moho or OpenToonz",
        ".dat",
        moho_dat.write,
        rigs=CUES,
        starts=True,
    ),
)

FORMATS: dict[str, FileFormat] = {form.name: form for form in _LISTED}
"""The formats by name, in the order of menus."""
WRITTEN_RIGS: tuple[str, ...] = (*RIGS, DNA_RIG)
"""The rigs a file can hold: those of core.rig.convert, and the board as today's DNA has it."""
