"""A worker that learns nothing but leaves in the folder, and says, what the real one would. The film's name decides:

"slow" goes on until it is stopped and then keeps its step; "full", "card" and "none" fail as disks, cards and films do.
"""

from __future__ import annotations

import json
import shutil
import struct
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITES = [folder for word, folder in zip(sys.argv, sys.argv[1:], strict=False) if word == "--site"]
sys.path[:0] = [str(ROOT), *SITES]

import numpy as np  # noqa: E402

from core.formats import write_performance  # noqa: E402
from core.learned import HeadFolder, Newest, write_newest  # noqa: E402
from core.rig.arkit import ARKIT_52  # noqa: E402
from core.types import Performance, RigCurves  # noqa: E402

STEPS = 40
FAULTS = {
    "full": ("FormatError", 'The disk of "training" is full; make room and start again, it goes on from what is kept.'),
    "card": ("ModelError", "There is not enough of the graphics card's memory for this training; take a smaller size."),
    "none": ("SettingError", 'No face was found in "none.mp4"; give a film of a face.'),
}


def say(event: str, **members: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **members}) + "\n")
    sys.stdout.flush()


def keep(folder: HeadFolder, step: int) -> None:
    """A checkpoint's header, settings, and pictures whose brightness tells the step."""
    folder.training.mkdir(parents=True, exist_ok=True)
    words = {"step": step, "facts": {"seconds": step * 2.0}}
    header = json.dumps({"__metadata__": {"training": json.dumps(words)}}).encode()
    (folder.training / "checkpoint.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    stages = {"static": 10, "deform": 20, "lips": 10}
    (folder.training / "settings.json").write_text(json.dumps({"name": "mouthpiece", "stages": stages}))
    write_newest(folder.newest, Newest(np.full((2, 8, 8, 3), step, np.uint8), step, 20.0 + step / 10))


def stand(folder: HeadFolder) -> int:
    path = folder.training / "checkpoint.safetensors"
    if not path.is_file():
        return 0
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + struct.unpack("<Q", data[:8])[0]])
    return json.loads(header["__metadata__"]["training"])["step"]


def learn(asked: dict, folder: HeadFolder, stopped: threading.Event) -> str:
    folder.video.mkdir(parents=True, exist_ok=True)
    (folder.video / "prepared.json").write_text(json.dumps({"count": 50, "fps": 25.0}))
    fault = FAULTS.get(Path(asked["input"]).stem)
    for step in range(stand(folder) + 1, STEPS + 1):
        if fault and step > STEPS // 2:
            say("error", text=fault[1], bug=False, kind=fault[0])
            return ""
        keep(folder, step)
        say("progress", value=step / STEPS, text=f"3 s left: deforming {step}/{STEPS}")
        say("picture", path=str(folder.newest), text=f"After {step} steps")
        while Path(asked["input"]).stem == "slow" and step == 5 and not stopped.is_set():
            time.sleep(0.01)
        if stopped.is_set():
            say("error", text="Stopped; work so far is kept.", bug=False, kind="Cancelled")
            return ""
    shutil.copyfile(Path(asked["folder"]) / "ready.splathead", asked["output"])
    return "50 splats after 40 steps."


def perform(asked: dict) -> None:
    count = 25
    values = np.zeros((count, len(ARKIT_52)), np.float32)
    values[:, ARKIT_52.index("jawOpen")] = np.abs(np.sin(np.arange(count) / 3))
    made = Performance(RigCurves(tuple(ARKIT_52), values, float(asked["fps"])), np.zeros((count, 3), np.float32))
    write_performance(Path(asked["output"]).with_suffix(".npz"), made)


def answer(asked: dict, stopped: threading.Event) -> str:
    folder, deed = HeadFolder(Path(asked["folder"])), asked["deed"]
    assert asked["task"] == "head" and asked["protocol"] == 2
    assert deed == "perform" or asked["patience"] > 0
    if deed in ("perform", "clip"):
        perform(asked)
    if deed in ("bake", "clip"):
        name = "said.splathead" if deed == "clip" else "ready.splathead"
        shutil.copyfile(Path(asked["folder"]) / name, asked["output"])
    if deed == "evaluate":
        folder.scores.write_text(json.dumps({"sentence": "5 frames it never learned from: 30.1 dB."}))
    if deed == "learn":
        return learn(asked, folder, stopped)
    return {"evaluate": "5 frames it never learned from: 30.1 dB.", "prepare": "50 pictures."}.get(deed, "Made.")


def main() -> None:
    asked = json.loads(sys.stdin.readline())
    stopped = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
    said = answer(asked, stopped)
    if said:
        say("result", output=asked["output"], text=said)
    say("exit")


main()
