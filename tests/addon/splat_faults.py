"""Files that are no sound splats, by name: what a user may drop on Blender by mistake or by malice."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from mouthpiece.core.splat.files import write_splats
from mouthpiece.core.splat.head_files import head_bytes
from splat_cast import small_head, some_splats

GEOMETRY = ["x", "y", "z", "nx", "ny", "nz", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"]
FLOATS = [*GEOMETRY, "f_dc_0", "f_dc_1", "f_dc_2", "opacity"]


def ply(count: object = 2, names: list[str] | None = None, body: bytes | None = None, form: str = "") -> bytes:
    """A PLY whose header says what is asked for."""
    names = FLOATS if names is None else names
    rows = [f"property float {name}" for name in names]
    header = ["ply", f"format {form or 'binary_little_endian'} 1.0", f"element vertex {count}", *rows, "end_header"]
    sound = np.tile(np.array([0.1] * len(names), "<f4"), 2).tobytes()
    return "\n".join(header).encode() + b"\n" + (sound if body is None else body)


def spz(version: int = 3, count: int = 2, degree: int = 0, body: bytes = b"") -> bytes:
    """An SPZ whose header says what is asked for."""
    plain = b"NGSP" + struct.pack("<IIBBBB", version, count, degree, 12, 0, 0) + (body or bytes(2 * 20))
    return gzip.compress(plain)


def bomb(size: int) -> bytes:
    """A small gzip file that holds much."""
    return gzip.compress(b"NGSP" + struct.pack("<IIBBBB", 3, 2, 0, 12, 0, 0) + bytes(size), 9)


def glb(tree: object, chunk: bytes = b"") -> bytes:
    """A glTF binary around any JSON."""
    text = json.dumps(tree).encode() if not isinstance(tree, bytes) else tree
    text += b" " * (-len(text) % 4)
    parts = struct.pack("<II", len(text), 0x4E4F534A) + text
    parts += struct.pack("<II", len(chunk), 0x004E4942) + chunk if chunk else b""
    return struct.pack("<III", 0x46546C67, 2, 12 + len(parts)) + parts


def head(change: Callable[[bytearray], object] | None = None, cut: int | None = None) -> bytes:
    """A head of splats with something wrong."""
    data = bytearray(head_bytes(small_head()))
    if change:
        change(data)
    return bytes(data[:cut])


def header_of(words: object) -> bytes:
    """A safetensors file without tensors whose metadata is some words."""
    text = json.dumps({"__metadata__": {"head": words if isinstance(words, str) else json.dumps(words)}}).encode()
    return struct.pack("<Q", len(text)) + text


def mutate(place: int, what: bytes) -> Callable[[bytearray], None]:
    """Write over some bytes."""

    def change(data: bytearray) -> None:
        data[place : place + len(what)] = what

    return change


_NAN, _HUGE = struct.pack("<f", float("nan")), struct.pack("<f", 3e38)
FAULTS: dict[str, bytes] = {
    # PLY, family 4
    "empty.ply": b"",
    "text.ply": "Dies ist kein PLY.\n".encode("utf-16"),
    "magic only.ply": b"ply\n",
    "no end.ply": b"ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\n",
    "mesh.ply": ply(1, ["x", "y", "z"], b"0 0 0\n", "ascii"),
    "count lies.ply": ply(2**31),
    "count is huge.ply": ply(10**12),
    "count is negative.ply": ply(-5),
    "count is a word.ply": ply("many"),
    "no splats.ply": ply(0, body=b""),
    "cut off.ply": ply()[:-9],
    "lists.ply": ply().replace(b"property float x", b"property list uchar int x"),
    "twice.ply": ply(names=[*FLOATS, "x"]),
    "no rotation.ply": ply(names=[name for name in FLOATS if not name.startswith("rot")]),
    "no opacity.ply": ply(names=[name for name in FLOATS if name != "opacity"]),
    "odd harmonics.ply": ply(names=[*FLOATS, "f_rest_0", "f_rest_1"]),
    "strange format.ply": ply(form="binary_middle_endian"),
    "long comment.ply": b"ply\nformat binary_little_endian 1.0\ncomment " + b"x" * 5_000_000 + b"\n" + ply()[4:],
    "all NaN.ply": ply(body=_NAN * 2 * len(FLOATS)),
    "all huge.ply": ply(body=_HUGE * 2 * len(FLOATS)),
    "words for numbers.ply": ply(form="ascii", body=b"a b c d e f g h i j k l m n o p q\n" * 2),
    "too few numbers.ply": ply(form="ascii", body=b"1 2 3\n"),
    "chunks cut.compressed.ply": b"ply\nformat binary_little_endian 1.0\nelement chunk 1\nproperty float min_x\n"
    b"element vertex 1\nproperty uint packed_position\nend_header\n",
    # .splat
    "empty.splat": b"",
    "cut off.splat": bytes(33),
    "text.splat": b"splat" * 7,
    # SPZ, family 5
    "empty.spz": b"",
    "plain.spz": b"NGSP" + bytes(60),
    "not gzip.spz": b"\x1f\x8b" + bytes(40),
    "other magic.spz": gzip.compress(b"ABCD" + bytes(60)),
    "version 0.spz": spz(0),
    "version 4.spz": spz(4),
    "version 99.spz": spz(99),
    "count lies.spz": spz(count=2**31),
    "degree 9.spz": spz(degree=9),
    "cut in gzip.spz": spz()[:-6],
    "cut inside.spz": spz(body=bytes(7)),
    "bomb 64.spz": bomb(64 << 20),
    "bomb 256.spz": bomb(256 << 20),
    "checksum.spz": spz()[:-8] + b"\0" * 8,
    "zstd.spz": b"NGSP" + struct.pack("<I", 4) + zlib.compress(bytes(80)),
    # glTF
    "empty.glb": b"",
    "magic only.glb": b"glTF",
    "lying length.glb": struct.pack("<III", 0x46546C67, 2, 1 << 31),
    "version 1.glb": struct.pack("<III", 0x46546C67, 1, 12),
    "no splats.glb": glb({"asset": {"version": "2.0"}}),
    "list.glb": glb([]),
    "deep.glb": glb(b"[" * 100_000),
    "no json.glb": glb(b"\xff\xfe{"),
    "cut off.glb": glb({"asset": {"version": "2.0"}})[:-3],
    "no json.gltf": b"}{",
    "empty.gltf": b"",
    "outside.gltf": json.dumps(
        {"asset": {"version": "2.0"}, "buffers": [{"uri": "../../../etc/passwd", "byteLength": 4}]}
    ).encode(),
    # heads
    "empty.splathead": b"",
    "text.splathead": b"head of splats",
    "cut off.splathead": head(cut=-5),
    "cut in header.splathead": head(cut=40),
    "huge header.splathead": head(mutate(0, b"\xff" * 8)),
    "other metadata.splathead": header_of({"layout": "another-head-7"}),
    "no metadata.splathead": struct.pack("<Q", 2) + b"{}",
    "metadata is no json.splathead": header_of("{"),
    "metadata is a list.splathead": header_of([1]),
    "deep metadata.splathead": header_of("[" * 50_000),
    "nothing in it.splathead": header_of({"layout": "mouthpiece-splat-head-1", "arkit": []}),
    # none of ours
    "picture.png": b"\x89PNG\r\n",
    "no ending": ply(),
    "python.py": b"import os",
}
"""What each holds, by its name."""


def write_faults(folder: Path) -> list[Path]:
    """All of them, and some that are no files at all."""
    for name, content in FAULTS.items():
        (folder / name).write_bytes(content)
    folder_like = folder / "folder.ply"
    folder_like.mkdir()
    (folder / "link.ply").symlink_to(folder / "gone.ply")
    write_splats(folder / "sound.ply", some_splats(count=3))
    nan = head(mutate(-4, _NAN))
    (folder / "ends in NaN.splathead").write_bytes(nan)
    return [*(folder / name for name in FAULTS), folder_like, folder / "link.ply", folder / "missing.spz"]
