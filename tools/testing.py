"""Run every test there is, on every Blender there is, and close with one line that counts them all."""

from __future__ import annotations

import os
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from . import environments
from .errors import BuildError
from .paths import ROOT
from .processes import TIMED_OUT, one_thread, run
from .templates import ensure_templates
from .windowed import find_windowed_blender

NO_TESTS_FOUND = 5
LIMIT_S = 1500


@dataclass(frozen=True, slots=True)
class Suite:
    """Tests that share an environment.

    layers:  what must be installed; the first names the environment.
    folders: test folders; those that do not exist are left out.
    """

    name: str
    layers: tuple[str, ...]
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """What came of some tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


CORE = Suite("core", ("main", "torch", "sight"), ("tests/core", "tests/structure", "tests/tools", "tests/benchmarks"))
ADDON = (
    Suite("Blender 4.5", ("bpy45",), ("tests/addon",)),
    Suite("Blender 5.0", ("bpy50",), ("tests/addon",)),
    Suite("Blender 5.2", ("bpy52",), ("tests/addon",)),
)
WINDOW = Suite("window", ("main",), ("tests/ui",))
SUITES = {"core": (CORE,), "addon": ADDON, "ui": (WINDOW,)}


def test(only: str | None = None, rest: tuple[str, ...] = ()) -> int:
    """Run the suites and print the sum as the last line.

    only: "core", "addon" or "ui"; None for all and for ruff.
    rest: further arguments for pytest.
    Returns 0 when nothing failed, else 1.
    """
    total = Count()
    if only in (None, "core", "addon"):
        ensure_templates()
    for name, suites in SUITES.items():
        if only in (None, name):
            for suite in suites:
                total += _run_suite(suite, rest)
    if only is None:
        total += _lint()
    sys.stdout.write(f"{total}\n")
    return 1 if total.failed or not total.passed else 0


def _run_suite(suite: Suite, rest: tuple[str, ...]) -> Count:
    _title(suite.name)
    folders = [folder for folder in suite.folders if any((ROOT / folder).glob("**/test_*.py"))]
    if not folders:
        sys.stdout.write("no tests yet\n")
        return Count()
    extra = one_thread()
    if suite is WINDOW:
        blender = find_windowed_blender()
        if not blender:
            sys.stdout.write("skipped: no Blender 5.2 with a window; set MOUTHPIECE_BLENDER to its command\n")
            return Count(skipped=1)
        extra["MOUTHPIECE_BLENDER"] = blender
    try:
        python = environments.ensure(*suite.layers)
    except BuildError as problem:
        sys.stdout.write(f"skipped: {problem}\n")
        return Count(skipped=1) if suite is not CORE else Count(failed=1)
    return _pytest(suite, python, [*folders, *rest], extra)


def _pytest(suite: Suite, python: Path, arguments: list[str], extra: dict[str, str]) -> Count:
    with tempfile.TemporaryDirectory(prefix="mouthpiece-") as folder:
        report = Path(folder) / "report.xml"
        # Blender reads and writes user files; the tests must find none and leave none.
        extra = {**extra, "BLENDER_USER_RESOURCES": folder}
        command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={report}", *arguments]
        code = run(command, extra, LIMIT_S)
        counted = read_report(report) if report.is_file() else Count()
    if code not in (0, NO_TESTS_FOUND) and not counted.failed:
        why = "ran out of time" if code == TIMED_OUT else f"ended with {code}"
        sys.stdout.write(f"{suite.name}: pytest {why}; counted as one failure\n")
        counted += Count(failed=1)
    return counted


def read_report(path: Path) -> Count:
    """Count the cases of a JUnit report; an error counts as a failure."""
    cases = list(ElementTree.parse(path).iter("testcase"))
    failed = sum(1 for case in cases if case.find("failure") is not None or case.find("error") is not None)
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    return Count(len(cases) - failed - skipped, failed, skipped)


def _lint() -> Count:
    _title("ruff")
    python = environments.ensure("main")
    code = run([str(python), "-m", "ruff", "check", "."])
    return Count(failed=1) if code else Count(passed=1)


def _title(text: str) -> None:
    width = 100 if not os.environ.get("COLUMNS", "").isdigit() else int(os.environ["COLUMNS"])
    sys.stdout.write(f"\n{f' {text} ':=^{width}}\n")
    sys.stdout.flush()
