"""The job type for Flamenco, compiled by node against a small twin of Flamenco's author, and its commands run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from waves import spoken_wav

from core.rig.convert import RIGS

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "core" / "batch" / "data" / "mouthpiece_batch.js"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="needs node")

# Flamenco's scripts see two globals of the Manager: author, and the job that is handed to compileJob.
AUTHOR = """
const vm = require("node:vm"), fs = require("node:fs");
class Task {
    constructor(name, type) { this.name = name; this.type = type; this.commands = []; this.needs = []; }
    addCommand(command) { this.commands.push(command); }
    addDependency(task) { this.needs.push(task.name); }
}
class Command {
    constructor(name, parameters) { this.name = name; this.parameters = parameters; }
}
const author = {
    Task: (name, type) => new Task(name, type),
    Command: (name, parameters) => new Command(name, parameters),
};
const sandbox = { author };
vm.createContext(sandbox);
vm.runInContext(fs.readFileSync(process.argv[1], "utf8"), sandbox);
vm.runInContext("globalThis.TYPE = JOB_TYPE; globalThis.GO = compileJob;", sandbox);
const settings = {};
for (const row of sandbox.TYPE.settings) if (row.default !== undefined) settings[row.key] = row.default;
Object.assign(settings, JSON.parse(process.argv[2]));
const tasks = [];
sandbox.GO({ settings, addTask: (task) => tasks.push(task) });
process.stdout.write(JSON.stringify({ type: sandbox.TYPE, tasks }));
"""


def compiled(**settings):
    # node -e keeps no place for a script's own name, so that its arguments begin at 1.
    command = [NODE, "-e", AUTHOR, "--", str(SCRIPT), json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def test_the_job_type_is_one_that_flamenco_takes():
    found = compiled(recordings="/shared/takes", output="/shared/faces")["type"]
    assert set(found) == {"label", "description", "settings"}
    keys = [row["key"] for row in found["settings"]]
    assert len(set(keys)) == len(keys)
    for row in found["settings"]:
        assert row["type"] in ("string", "int32", "float", "bool")
        assert row.get("subtype", "dir_path") in ("dir_path", "file_path")
        assert set(row) <= {"key", "type", "subtype", "required", "default", "choices", "propargs", "description"}
        assert row.get("required") or "default" in row
    assert next(row["choices"] for row in found["settings"] if row["key"] == "rig") == list(RIGS)


def test_tasks_share_the_work_and_one_reports():
    tasks = compiled(recordings="/shared/takes", output="/shared/faces", shares=3, emotion="happy=0.5")["tasks"]
    assert [task["name"] for task in tasks] == [*(f"perform-{share}-of-3" for share in (1, 2, 3)), "report"]
    assert tasks[-1]["needs"] == [task["name"] for task in tasks[:-1]]
    for share, task in enumerate(tasks[:-1], 1):
        (command,) = task["commands"]
        args = command["parameters"]["args"]
        assert (task["type"], command["name"]) == ("misc", "exec")
        assert command["parameters"]["exe"] == "{mouthpiece_python}"
        assert args[2:7] == ["{mouthpiece_folder}", "batch", "/shared/takes", "--out", "/shared/faces"]
        assert args[-5:] == ["--share", f"{share}/3", "--report", f"share-{share}", "--forgive"]
        assert args[args.index("--emotion") + 1] == "happy=0.5"
    assert "--share" not in tasks[-1]["commands"][0]["parameters"]["args"]


def test_further_options_and_none():
    (task, _) = compiled(recordings="a", output="b", shares=1, options=" --no-blinks  --seed 3 ")["tasks"]
    args = task["commands"][0]["parameters"]["args"]
    assert args[args.index("--no-blinks") : args.index("--share")] == ["--no-blinks", "--seed", "3"]
    assert "--emotion" not in args
    assert "" not in args


def test_the_commands_do_what_they_say(tmp_path):
    takes, faces = tmp_path / "takes", tmp_path / "faces"
    takes.mkdir()
    for name in ("a", "b", "c"):
        (takes / f"{name}.wav").write_bytes(spoken_wav(0.4))
    (takes / "d.wav").write_text("no sound")
    tasks = compiled(
        recordings=str(takes), output=str(faces), shares=2, fps="24", python=sys.executable, folder=str(ROOT)
    )["tasks"]
    codes = []
    for task in tasks:
        parameters = task["commands"][0]["parameters"]
        # From another folder, for a worker has its own.
        done = subprocess.run([parameters["exe"], *parameters["args"]], cwd=tmp_path, timeout=120, check=False)
        codes.append(done.returncode)
    assert codes == [0, 0, 6]
    report = json.loads((faces / "report.json").read_text())
    assert [row["status"] for row in report["recordings"]] == ["kept", "kept", "kept", "refused"]
    assert sorted(path.name for path in faces.glob("*.csv")) == ["a.csv", "b.csv", "c.csv"]
    assert (faces / "share-1.html").is_file()
