"""What a developer or a machine can mend; the text is one plain sentence."""

from __future__ import annotations


class BuildError(Exception):
    """A step that cannot go on; shown without a traceback."""
