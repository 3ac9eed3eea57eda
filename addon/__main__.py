"""python -m addon: the add-on's command line with the bpy module, from a checkout.

The repository's root is loaded as a package under the extension's name, so that relative imports work as in Blender.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

NAME = "mouthpiece"


def main() -> None:
    """Load the extension as a package, run its command line, and leave with its exit code."""
    # What is remembered with characters can only be read once its properties are known.
    load().register()
    code = importlib.import_module(f"{NAME}.addon.cli_command").main(sys.argv[1:])
    importlib.import_module(f"{NAME}.core.departure").leave(code)


def load() -> ModuleType:
    """The extension as a package, not yet registered."""
    root = Path(__file__).resolve().parent.parent
    spec = importlib.util.spec_from_file_location(NAME, root / "__init__.py", submodule_search_locations=[str(root)])
    package = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = package
    spec.loader.exec_module(package)
    return package


if __name__ == "__main__":
    main()
