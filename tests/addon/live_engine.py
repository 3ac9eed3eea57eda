"""A worker that sees no camera but tells, picture by picture, a face that moves by a known rule.

The film's name decides: "gone" breaks off like a camera that is unplugged, "none" like one that is not there.
"""

from __future__ import annotations

import base64
import json
import math
import os
import sys
import threading
import time

RATE = 50
SHAPES = 52
JAW, BLINK = 17, 0
"""Columns of jawOpen and eyeBlinkLeft among ARKit's 52, in the order of core.rig.arkit; the test checks them."""


def jaw_at(second: float) -> float:
    return 0.5 + 0.4 * math.sin(2 * math.pi * second)


def yaw_at(second: float) -> float:
    return 0.3 * math.sin(4 * second)


def say(event: str, **members: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **members}) + "\n")
    sys.stdout.flush()


def fail(text: str) -> None:
    say("error", text=text, bug=False, kind="FormatError")
    say("exit")
    os._exit(2)


def listen(heard: list[str]) -> None:
    for line in sys.stdin:
        heard.append(line.strip())
    os._exit(130)


def tell(number: int, began: float, calibrated: float) -> None:
    second = number / RATE
    values = [0.0] * SHAPES
    values[JAW], values[BLINK] = jaw_at(second), 0.25
    moment = {
        "time_s": second,
        "values": values if number >= 3 else None,
        "head": [yaw_at(second), 0.1, 0.0] if number >= 3 else None,
        "confidence": 0.9,
        "seen": True,
        "restless": False,
        "calibrated": calibrated if number >= 3 else number / 3,
        "fps": float(RATE),
        "lag_ms": 5.0,
        "began": began,
        "camera_fps": float(RATE),
        "dropped": 0,
        "filter_ms": 40.0,
    }
    if number % 10 == 0:
        picture = bytes([number % 256, 10, 20]) * (16 * 12)
        moment["preview"] = {"width": 16, "height": 12, "rgb": base64.b64encode(picture).decode()}
    say("moment", moment=moment)


def main() -> None:
    asked = json.loads(sys.stdin.readline())
    film = asked.get("input", "")
    if "none" in film:
        fail("There is no camera 7; plug one in, or give another number, from 0 up.")
    heard: list[str] = []
    threading.Thread(target=listen, args=(heard,), daemon=True).start()
    began, number = time.time(), 0
    while "stop" not in heard:
        tell(number, began, 0.5 if "calibrate" in heard else 1.0)
        number += 1
        if "gone" in film and number == 40:
            fail("Camera 0 gives no more pictures; plug it in again and press Start.")
        time.sleep(max(0.0, began + number / RATE - time.time()))
    say("result", output=asked["output"])
    say("exit")


if __name__ == "__main__":
    main()
