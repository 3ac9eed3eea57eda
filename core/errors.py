"""The errors a user can cause. Each text is one whole sentence: what, what was expected, what to do."""

from __future__ import annotations


class CoreError(Exception):
    """Anything a user can mend; its text is shown as it is. Everything else that is raised is a bug."""


class AudioError(CoreError):
    """A recording that cannot be read or holds nothing usable."""


class FormatError(CoreError):
    """An output or input file whose ending, content or place does not do."""


class ModelError(CoreError):
    """A weights file that is missing, damaged or of another layout."""


class RigError(CoreError):
    """A character that offers nothing to key."""


class SettingError(CoreError):
    """A setting outside its range, or a request that is not understood."""


class ShapeError(CoreError):
    """An array whose dtype or shape is not what its owner promises."""


class Cancelled(CoreError):
    """The user stopped the job; nothing was written."""
