"""How files are named in sentences meant for people."""

from __future__ import annotations

from pathlib import Path


def shown(path: Path) -> str:
    """The file's name in quotes, safe to print: control and unencodable characters become escapes."""
    name = path.name or str(path)
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in name)
    return f'"{safe}"'


def reason(error: OSError) -> str:
    """The system's own words for what went wrong, without number or path."""
    return (error.strerror or str(error)).rstrip(".").lower()
