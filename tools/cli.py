"""The commands of build.py."""

from __future__ import annotations

import argparse
import sys

from . import emotions, environments, package, templates, testing
from .errors import BuildError
from .processes import run

ABOUT = """Everything a developer does with Mouthpiece, from a fresh machine with Python 3.11.

  demo        animate the sample line and render it to out/
  test        run all tests on all Blenders; the last line counts them
  build       make dist/mouthpiece-VERSION.zip, the extension
  templates   build the demo characters
  sheet       render every shape of the characters to a contact sheet; "sheet emotions" lets one speak in seven moods
  train       train the network anew ("train speech")
  benchmark   measure ("benchmark speed")
  setup       only make the environments
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
    """
    chosen, rest = _parser().parse_known_args(arguments)
    if rest and chosen.command not in ("test", "sheet", "train", "benchmark"):
        _parser().error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return int(COMMANDS[chosen.command](chosen, rest) or 0)
    except BuildError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build.py", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="animate the sample line and render it to out/")
    demo.add_argument("--quick", action="store_true", help="a few small pictures only, for tests")
    test = commands.add_parser("test", help="run all tests; further arguments go to pytest")
    test.add_argument("--only", choices=tuple(testing.SUITES), help="one group of tests, and no ruff")
    build = commands.add_parser("build", help="make the extension zip")
    build.add_argument("--relock", action="store_true", help="renew tools/wheels.lock from what pip finds now")
    made = commands.add_parser("templates", help="build the demo characters")
    made.add_argument("--force", action="store_true", help="build them even if nothing changed")
    commands.add_parser("sheet", help="render every shape of the characters to a contact sheet")
    train = commands.add_parser("train", help="train a network anew; further arguments go to the trainer")
    train.add_argument("what", choices=("speech",))
    benchmark = commands.add_parser("benchmark", help="measure; further arguments go to the benchmark")
    benchmark.add_argument("what")
    setup = commands.add_parser("setup", help="only make the environments")
    setup.add_argument("layers", nargs="*", default=("main", "torch", "bpy45", "bpy50", "bpy52"))
    return parser


def _demo(chosen: argparse.Namespace, _: list[str]) -> int:
    from . import demo

    return demo.show(quick=chosen.quick)


def _test(chosen: argparse.Namespace, rest: list[str]) -> int:
    return testing.test(chosen.only, tuple(rest))


def _build(chosen: argparse.Namespace, _: list[str]) -> int:
    package.build(chosen.relock)
    return 0


def _templates(chosen: argparse.Namespace, _: list[str]) -> int:
    templates.ensure_templates(force=chosen.force)
    return 0


def _sheet(_: argparse.Namespace, rest: list[str]) -> int:
    if rest[:1] == ["emotions"]:
        return emotions.show(rest[1:])
    return templates.draw_sheet(rest)


def _train(chosen: argparse.Namespace, rest: list[str]) -> int:
    python = environments.ensure("engine")
    return run([str(python), "-m", "core.training", chosen.what, *rest])


def _benchmark(chosen: argparse.Namespace, rest: list[str]) -> int:
    # Filmed mouths are tracked by what training tracks them with.
    filmed = chosen.what in ("lipsync", "heads")
    python = environments.ensure("engine") if filmed else environments.ensure("main", "torch")
    return run([str(python), "-m", "benchmarks", chosen.what, *rest])


def _setup(chosen: argparse.Namespace, _: list[str]) -> int:
    for name in chosen.layers:
        if name not in environments.LAYERS:
            raise BuildError(f"There is no layer {name}; the table is in tools/layers.py.")
        sys.stdout.write(f"{name}: {environments.ensure(name)}\n")
    return 0


COMMANDS = {
    "demo": _demo,
    "test": _test,
    "build": _build,
    "templates": _templates,
    "sheet": _sheet,
    "train": _train,
    "benchmark": _benchmark,
    "setup": _setup,
}
