"""Run one command and tell its cost as a line of JSON; small on purpose: python cost.py COMMAND..."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main(command: list[str]) -> int:
    """Run the command with its output thrown away.

    Returns its exit code.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    cost: dict[str, float] = {}
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        unit = 1 if sys.platform == "darwin" else 1024
        cost = {"peak_mb": usage.ru_maxrss * unit / 1e6, "cpu_s": usage.ru_utime + usage.ru_stime}
    code = process.wait()
    sys.stdout.write(json.dumps({"seconds": time.perf_counter() - started, **cost}) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
