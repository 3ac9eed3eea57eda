"""One line about the hardware, without which no figure means anything."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

import numpy as np


def describe() -> str:
    """Processor, cores, memory, system, Python and NumPy."""
    cores = os.cpu_count()
    python = f"Python {platform.python_version()}, NumPy {np.__version__}"
    return f"{_processor()}, {cores} cores, {_memory()}, {platform.system()} {platform.machine()}, {python}"


def _processor() -> str:
    table = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", table.read_text()) if table.is_file() else None
    return found[1].strip() if found else platform.processor() or "unknown processor"


def _memory() -> str:
    table = Path("/proc/meminfo")
    found = re.search(r"MemTotal:\s*(\d+)", table.read_text()) if table.is_file() else None
    return f"{int(found[1]) / 2**20:.0f} GiB" if found else "unknown memory"
