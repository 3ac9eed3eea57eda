"""The report of a batch as one page of HTML that needs nothing else: no script, no picture file, no network."""

from __future__ import annotations

from html import escape
from typing import Any

from .findings import MISS
from .naming import plain
from .picture import drawing

STYLE = """
body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;max-width:60em;padding:0 1em;color:#222;background:#fff}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25em .6em;border-bottom:1px solid #ddd}
section{border:1px solid #ddd;border-radius:6px;padding:.6em 1em;margin:1em 0}h2{font-size:1.05em;margin:.2em 0}
.miss{color:#a40000;font-weight:600}.note{color:#555}.refused,.fault{background:#fff3f0}.path{color:#777}
svg{display:block;max-width:100%;height:auto;margin:.5em 0}.sound{fill:#9db4c8}.lips{fill:#c8746a}
.met{fill:#2c7a3f}.open{fill:#d40000}
@media (prefers-color-scheme:dark){body{background:#1c1c1c;color:#ddd}section,td,th{border-color:#444}
.refused,.fault{background:#3a2320}.miss{color:#ff8f80}.note,.path{color:#aaa}}
"""
_HEADS = "".join(f"<th>{head}</th>" for head in ("Recording", "State", "Length", "Closures", "Look at"))
_ORDER = {"fault": 0, "refused": 1}


def page(report: dict[str, Any]) -> str:
    """The page. report: Report.members()."""
    entries = sorted(report["recordings"], key=_urgency)
    rows = "".join(_row(entry, place) for place, entry in enumerate(entries))
    sections = "".join(_section(entry, place) for place, entry in enumerate(entries))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Mouthpiece batch</title>'
        f"<style>{STYLE}</style></head><body><h1>Mouthpiece batch</h1>{_summary(report)}"
        f"<table><thead><tr>{_HEADS}</tr></thead><tbody>{rows}</tbody></table>{sections}"
        '<p class="note">Grey: the sound. Red hill: how far the lips are open. Marks below: every p, b and m, green '
        "where the lips meet and red where they stay open.</p></body></html>\n"
    )


def _urgency(entry: dict[str, Any]) -> tuple[int, int, str]:
    """What needs somebody comes first."""
    misses = sum(found["severity"] == MISS for found in entry["findings"])
    return _ORDER.get(entry["status"], 2), -misses, entry["name"]


def _summary(report: dict[str, Any]) -> str:
    totals, settings = report["totals"], report["settings"]
    told = [f"{totals[state]} {state}" for state in ("done", "kept", "refused", "fault") if totals[state]]
    formats = ", ".join(settings["formats"])
    return (
        f"<p>{totals['recordings']} recordings: {_text(', '.join(told))}; {totals['with_misses']} to look at. "
        f"{totals['speech_s'] / 60:.1f} minutes of speech in {report['elapsed_s']:.1f} s.</p>"
        f'<p class="note">{_text(report["started"])}, Mouthpiece {_text(report["version"])}: rig '
        f"{_text(settings['rig'])}, {settings['fps']:g} fps, seed {settings['seed']}, {_text(formats)}.</p>"
    )


def _row(entry: dict[str, Any], place: int) -> str:
    closures = entry["closures"]
    met = f"{closures['met']} of {closures['wanted']}" if closures else ""
    length = f"{entry['duration_s']:.2f} s" if entry["duration_s"] is not None else ""
    codes = ", ".join(found["code"].replace("_", " ") for found in entry["findings"] if found["severity"] == MISS)
    return (
        f'<tr class="{_text(entry["status"])}"><td><a href="#r{place}">{_text(entry["name"])}</a></td>'
        f"<td>{_text(entry['status'])}</td><td>{length}</td><td>{met}</td>"
        f'<td class="miss">{_text(codes)}</td></tr>'
    )


def _section(entry: dict[str, Any], place: int) -> str:
    parts = [f'<section id="r{place}" class="{_text(entry["status"])}"><h2>{_text(entry["name"])}</h2>']
    words = f", words from {entry['words']}" if entry["words"] else ""
    whose = f"{entry['character']}: " if entry["character"] else ""
    parts.append(f'<p class="path">{_text(whose + entry["recording"] + words)}</p>')
    if entry["sentence"]:
        parts.append(f'<p class="miss">{_text(entry["sentence"])}</p>')
    parts += [_finding(found) for found in entry["findings"]]
    if entry["picture"]:
        parts.append(drawing(entry["picture"], entry["duration_s"]))
    return "".join((*parts, "</section>"))


def _finding(found: dict[str, Any]) -> str:
    times = ", ".join(f"{time:.2f} s" for time in found["times_s"])
    at = f' <span class="note">({times})</span>' if times else ""
    kind = MISS if found["severity"] == MISS else "note"
    return f'<p class="{kind}">{_text(found["text"])}{at}</p>'


def _text(text: str) -> str:
    """Any text so that it can stand in the page, between tags or in an attribute; control characters are shown."""
    return escape(plain(str(text)), quote=True)
