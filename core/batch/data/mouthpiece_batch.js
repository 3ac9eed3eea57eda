// SPDX-License-Identifier: GPL-3.0-or-later
//
// A job type for Flamenco 3, Blender's own farm manager: every worker performs a share of the recordings of a folder,
// and the last task writes one report of all. docs/batch.md tells how to install it.

const JOB_TYPE = {
    label: "Mouthpiece Batch",
    description: "Recorded speech to face performances, for all recordings of a folder",
    settings: [
        { key: "recordings", type: "string", subtype: "dir_path", required: true,
          description: "Folder of the recordings, with their transcripts, as all workers see it" },
        { key: "output", type: "string", subtype: "dir_path", required: true,
          description: "Folder that performances and report are written to" },
        { key: "shares", type: "int32", default: 8, propargs: { min: 1, max: 1000 },
          description: "Into how many tasks the recordings are divided" },
        { key: "formats", type: "string", default: "csv",
          description: "Formats of the performances, with commas between" },
        { key: "rig", type: "string", default: "arkit52",
          choices: ["arkit52", "metahuman", "metahuman251", "flame", "visemes"],
          description: "Whose controls are moved" },
        { key: "fps", type: "string", default: "60",
          description: "Frames per second, also as a fraction such as 24000/1001" },
        { key: "emotion", type: "string", default: "",
          description: "Such as happy=0.5, or auto for what the voice suggests; empty for neutral" },
        { key: "language", type: "string", default: "en",
          description: "Language of the transcripts" },
        { key: "options", type: "string", default: "",
          description: "Further options of python -m core batch, with spaces between" },
        { key: "processes", type: "int32", default: 1, propargs: { min: 1, max: 256 },
          description: "Recordings that one worker performs at a time" },
        { key: "python", type: "string", default: "{mouthpiece_python}",
          description: "The Python to run, a variable of the Manager" },
        { key: "folder", type: "string", default: "{mouthpiece_folder}",
          description: "The folder of Mouthpiece, the one that holds core, a variable of the Manager" },
    ],
};

// A task has no working folder of its own, so Python is told where Mouthpiece lies.
const START =
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); " +
    "runpy.run_module('core', run_name='__main__', alter_sys=True)";

function compileJob(job) {
    const settings = job.settings;
    const report = author.Task("report", "misc");
    for (let share = 1; share <= settings.shares; share++) {
        const task = author.Task(`perform-${share}-of-${settings.shares}`, "misc");
        // A recording that is refused must not keep the others' report from being written.
        task.addCommand(batch(settings, [
            "--share", `${share}/${settings.shares}`, "--report", `share-${share}`, "--forgive",
        ]));
        job.addTask(task);
        report.addDependency(task);
    }
    report.addCommand(batch(settings, []));
    job.addTask(report);
}

function batch(settings, more) {
    const args = ["-c", START, settings.folder, "batch", settings.recordings, "--out", settings.output];
    args.push("--resume", "--format", settings.formats, "--rig", settings.rig, "--fps", settings.fps);
    args.push("--language", settings.language, "--processes", `${settings.processes}`);
    if (settings.emotion) {
        args.push("--emotion", settings.emotion);
    }
    args.push(...settings.options.split(" ").filter((word) => word));
    return author.Command("exec", { exe: settings.python, args: args.concat(more) });
}
