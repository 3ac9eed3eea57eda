"""The folder of a learned head as anybody sees it, without the engine environment."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from core.errors import FormatError, ShapeError
from core.learned import HeadFolder, Newest, Stand, clip_title, read_newest, stand_of, write_newest


def put(path, words):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(words))


def put_checkpoint(path, step, seconds):
    header = json.dumps({"__metadata__": {"training": json.dumps({"step": step, "facts": {"seconds": seconds}})}})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(header)) + header.encode() + b"\0" * 8)


def test_an_empty_or_missing_folder_holds_nothing(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        assert stand_of(HeadFolder(folder)) == Stand(fps=25.0)
        assert stand_of(HeadFolder(folder)).sentences() == ("Nothing is prepared yet.",)


def test_a_folder_tells_how_far_it_is(tmp_path):
    folder = HeadFolder(tmp_path)
    put(folder.video / "prepared.json", {"count": 500, "fps": 25.0})
    assert stand_of(folder).sentences() == ("Prepared: 500 pictures, 20 s.",)
    stages = {"static": 800, "deform": 3600, "lips": 600}
    put(folder.training / "settings.json", {"name": "gstalker", "size": 160, "stages": stages})
    put_checkpoint(folder.training / "checkpoint.safetensors", 1203, 252)
    found = stand_of(folder)
    assert found.is_learned and not found.is_done
    assert found.sentences()[1] == "Learned: 1,203 of 5,000 steps of gstalker at 160 pixels, 4 minutes."
    put_checkpoint(folder.training / "checkpoint.safetensors", 5000, 50)
    put(folder.scores, {"sentence": "Good."})
    assert stand_of(folder).is_done and stand_of(folder).judged == "Good."
    assert stand_of(folder).sentences()[1].endswith("gstalker at 160 pixels, 50 s.")


@pytest.mark.parametrize(
    "data", [b"", b"\xff" * 7, b"\xff" * 64, struct.pack("<Q", 4) + b"[1]}", b"\x02" + b"\0" * 7 + b"{}"]
)
def test_a_damaged_checkpoint_counts_as_none(tmp_path, data):
    folder = HeadFolder(tmp_path)
    put(folder.video / "prepared.json", {"count": 500, "fps": 25.0})
    folder.training.mkdir()
    (folder.training / "checkpoint.safetensors").write_bytes(data)
    (folder.training / "settings.json").write_text("[]")
    assert stand_of(folder).step == 0 and stand_of(folder).pictures == 500


def test_pictures_come_back_as_they_were(tmp_path):
    pictures = np.random.default_rng(0).integers(0, 256, (2, 5, 7, 3)).astype(np.uint8)
    write_newest(tmp_path / "newest.safetensors", Newest(pictures, 1200, 28.34))
    read = read_newest(tmp_path / "newest.safetensors")
    assert (read.pictures == pictures).all() and read.step == 1200
    assert read.sentence() == "After 1,200 steps: 28.3 dB on frames it never learned from"
    assert [path.name for path in tmp_path.iterdir()] == ["newest.safetensors"]


def test_damaged_pictures_are_one_sentence(tmp_path):
    path = tmp_path / "newest.safetensors"
    for data in (None, b"", b"none of it"):
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(FormatError, match="missing or damaged"):
            read_newest(path)
    with pytest.raises(ShapeError):
        Newest(np.zeros((1, 4, 4, 3), np.uint8), 1, 20.0)


def test_a_clip_is_called_as_its_recording_as_far_as_a_property_may():
    assert clip_title(Path("a/line.wav")) == "line"
    long = clip_title(Path("ü" * 60 + ".wav"))
    assert long == "ü" * 24 and len(f"clip {long}".encode()) <= 63
