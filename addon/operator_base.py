"""What all operators share: users see sentences, developers find the rest in a log."""

from __future__ import annotations

import os
from collections.abc import Callable

import bpy

from ..core.bug_log import write_bug_log
from ..core.errors import CoreError
from .places import logs_folder

# Tests set this: a bug must fail them with its traceback.
RAISE_BUGS = "MOUTHPIECE_RAISE_BUGS"


class Guarded:
    """Mixin for what Blender calls and what can report; work in guard() ends in one sentence if it fails."""

    def guard(self, work: Callable[[], set[str] | None]) -> set[str]:
        """Run a piece of work and turn what it raises into one sentence."""
        try:
            return work() or {"FINISHED"}
        except CoreError as error:
            sentence = str(error)
        except Exception as error:  # the one place of the add-on that must not let a traceback reach the user
            if os.environ.get(RAISE_BUGS):
                raise
            log = write_bug_log(error, logs_folder())
            sentence = f"Mouthpiece stopped because of a fault of its own ({type(error).__name__}); see {log}."
        self.report({"ERROR"}, sentence)
        return {"CANCELLED"}


class SentenceOperator(Guarded):
    """Mixin for operators whose run() may raise; subclasses say what they do in run()."""

    def run(self, context: bpy.types.Context) -> set[str] | None:
        """Do the work; None means finished. Raises: CoreError, whose text is shown."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Called by Blender."""
        return self.guard(lambda: self.run(context))
