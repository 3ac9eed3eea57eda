"""A stand-in for a Blender that is killed: it starts the real worker on a long recording, names it, and works on."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import conftest  # noqa: E402, F401
from mouthpiece.addon.job import Job  # noqa: E402
from mouthpiece.addon.worker_command import WorkerCommand  # noqa: E402

ORDER = {"task": "animate", "input": sys.argv[1], "fps": 24.0, "seed": 0, "rig": "arkit52"}

job = Job(WorkerCommand(("-I",), ROOT / "worker_main.py", Path(sys.argv[1]).parent), ORDER)
while job.progress.value < 0.05:
    assert job.running, job.progress.error
    job.drain(wait_s=0.1)
sys.stdout.write(f"{job.pid}\n")
sys.stdout.flush()
while job.running:
    job.drain(wait_s=0.1)
sys.stdout.write("The job ended before it was killed.\n")
