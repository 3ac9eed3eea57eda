"""What the documents tell a reader to type exists."""

from __future__ import annotations

import re
import subprocess
import sys

from sources import ROOT, name_of, tracked_files

from tools.cli import COMMANDS

MODULE = re.compile(r"python -m ((?:core|addon|benchmarks|blend_templates)[.\w]*)")
DOCUMENTS = [path for path in tracked_files() if path.suffix == ".md"]


def test_build_commands_exist():
    for path in DOCUMENTS:
        named = set(re.findall(r"python build\.py ([a-z]+)", path.read_text(encoding="utf-8")))
        assert named <= set(COMMANDS), f"{name_of(path)} tells of {sorted(named - set(COMMANDS))}"


def test_modules_named_in_documents_exist():
    for path in DOCUMENTS:
        for module in set(MODULE.findall(path.read_text(encoding="utf-8"))):
            place = ROOT.joinpath(*module.split("."))
            found = place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()
            assert found, f"{name_of(path)} tells of python -m {module}"


def test_links_lead_somewhere():
    for path in DOCUMENTS:
        for link in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
            if not link.startswith(("http://", "https://", "mailto:")):
                assert (path.parent / link).exists(), f"{name_of(path)} links to {link}"


def test_help_is_a_page():
    said = subprocess.run([sys.executable, "build.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0
    for command in COMMANDS:
        assert command in said.stdout


def test_an_unknown_command_is_wrong_usage():
    said = subprocess.run([sys.executable, "build.py", "dance"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 2
