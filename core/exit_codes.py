"""What a command line's exit code says, the same for every door of Mouthpiece."""

from __future__ import annotations

from .errors import AudioError, Cancelled, CoreError, FormatError, ModelError, RigError, SettingError, ShapeError

OK, BUG, USAGE, CANCELLED = 0, 1, 2, 130
EXIT_CODES: dict[type[CoreError], int] = {
    SettingError: USAGE,
    AudioError: 3,
    FormatError: 4,
    ModelError: 5,
    RigError: 5,
    ShapeError: 5,
    Cancelled: CANCELLED,
}
EXPLAINED = """\
exit codes:
  0    done
  1    a fault of Mouthpiece itself; the message names a log file
  2    wrong usage, or a setting, transcript or phone that cannot be
  3    the recording cannot be used
  4    the output cannot be written, or a file beside the recording cannot be read
  5    the character or the model is at fault
  130  cancelled
Where one thing was asked for, in every case but 0 nothing has been written.
"""


def exit_code(error: CoreError) -> int:
    """The code of an error; one of a kind of its own is something the user asked that cannot be."""
    return next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), USAGE)
