"""The report of a batch: JSON for programs (data/report.schema.json), HTML for people."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..formats.atomic import replacing
from ..version import version
from .findings import MISS
from .page import page
from .plan import Item

ENDINGS = (".json", ".html")
SCHEMA = "mouthpiece-batch-report-1"
_NOTHING: dict[str, Any] = {
    "sentence": None,
    "duration_s": None,
    "frames": None,
    "level_db": None,
    "phones": None,
    "phone_confidence": None,
    "closures": None,
    "findings": [],
    "picture": None,
    "elapsed_s": None,
}
"""What an entry has where there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a batch.

    settings:  Settings.members().
    entries:   one for each recording, as entry_of() makes them.
    started:   seconds since 1970.
    elapsed_s: how long all of it took.
    """

    settings: dict[str, Any]
    entries: tuple[dict[str, Any], ...]
    started: float
    elapsed_s: float

    def count(self, status: str) -> int:
        """How many recordings ended so."""
        return sum(entry["status"] == status for entry in self.entries)

    @property
    def misses(self) -> int:
        """How many recordings have something that should be mended."""
        return sum(any(found["severity"] == MISS for found in entry["findings"]) for entry in self.entries)

    def members(self) -> dict[str, Any]:
        """All of it as members of a JSON object."""
        speech_s = sum(entry["duration_s"] or 0 for entry in self.entries)
        codes = Counter(found["code"] for entry in self.entries for found in entry["findings"])
        return {
            "schema": SCHEMA,
            "version": version(),
            "started": datetime.fromtimestamp(self.started, UTC).isoformat(timespec="seconds"),
            "elapsed_s": round(self.elapsed_s, 3),
            "settings": self.settings,
            "totals": {
                "recordings": len(self.entries),
                **{status: self.count(status) for status in ("done", "kept", "refused", "fault")},
                "with_misses": self.misses,
                "speech_s": round(speech_s, 3),
                "findings": dict(sorted(codes.items())),
            },
            "recordings": list(self.entries),
        }


def entry_of(item: Item, status: str, told: dict[str, Any]) -> dict[str, Any]:
    """A recording's part of the report. told: what is known beyond its names."""
    named = {
        "name": item.name,
        "character": item.character,
        "recording": str(item.source),
        "words": str(item.transcript) if item.transcript else None,
        "outputs": [str(target) for target in item.targets],
        "status": status,
    }
    return named | _NOTHING | told


def write_report(base: Path, report: Report) -> None:
    """Write base.json and base.html. Raises FormatError if they cannot be written."""
    members = report.members()
    texts = (json.dumps(members, indent=1) + "\n", page(members))
    for ending, text in zip(ENDINGS, texts, strict=True):
        with replacing(base.with_name(base.name + ending)) as temporary:
            temporary.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
