"""Files of other programs' exporters, which appear when they are whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...core.errors import FormatError
from ...core.formats.atomic import MARK
from ...core.paths import reason, shown


@contextmanager
def moved_into_place(path: Path) -> Iterator[Path]:
    """A path of the same name in a folder of its own; all that is written there is put beside path if the block ends
    well, and nothing if not.

    Raises: FormatError when nothing was written there or the system refuses.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=MARK, dir=path.parent) as folder:
            temporary = Path(folder) / path.name
            yield temporary
            if not temporary.is_file():
                raise FormatError(f"Blender's exporter wrote no {shown(path)}; its report in the console says why.")
            for made in sorted(Path(folder).rglob("*")):
                if made.is_file():
                    target = path.parent / made.relative_to(folder)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    made.replace(target)
    except OSError as error:
        raise FormatError(f"{shown(path)} cannot be written ({reason(error)}); choose another place.") from error


@contextmanager
def given_up(path: Path) -> Iterator[None]:
    """What Blender's operators report as an error, as one sentence. Raises: FormatError."""
    try:
        yield
    except RuntimeError as error:
        said = str(error).strip().splitlines()[-1].removeprefix("Error: ").rstrip(".")
        raise FormatError(f"Blender's exporter gave up on {shown(path)}: {said}.") from error
