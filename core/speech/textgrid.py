"""Praat's TextGrid, long or short text, interval tiers only."""

from __future__ import annotations

import re

Interval = tuple[float, float, str]
TOKEN = re.compile(r'"((?:[^"]|"")*)"|(?<![\w.])(-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(?![\w.\]])')
"""A text in quotes, or a number that stands alone: the names between them ("xmin =", "intervals [3]:") are only for
the eye, as Praat's own manual says."""


def compose(tiers: dict[str, list[Interval]], duration_s: float) -> str:
    """A TextGrid's text. tiers: intervals (start, end, text) in order, by name; gaps become empty intervals."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    lines += [f"xmin = {0.0!r}", f"xmax = {duration_s!r}", "tiers? <exists>", f"size = {len(tiers)}", "item []:"]
    for number, (name, intervals) in enumerate(tiers.items(), 1):
        whole = _filled(intervals, duration_s)
        lines += [f"    item [{number}]:", '        class = "IntervalTier"', f'        name = "{name}"']
        lines += [f"        xmin = {0.0!r}", f"        xmax = {duration_s!r}"]
        lines += [f"        intervals: size = {len(whole)}"]
        for place, (start, end, text) in enumerate(whole, 1):
            quoted = text.replace('"', '""')
            lines += [f"        intervals [{place}]:", f"            xmin = {start!r}", f"            xmax = {end!r}"]
            lines += [f'            text = "{quoted}"']
    return "\n".join(lines) + "\n"


def parse(text: str) -> tuple[dict[str, list[Interval]], float]:
    """Interval tiers by name, and the length in seconds. Raises ValueError where it is no TextGrid."""
    tokens = [match[1].replace('""', '"') if match[2] is None else float(match[2]) for match in TOKEN.finditer(text)]
    if tokens[:2] != ["ooTextFile", "TextGrid"]:
        raise ValueError('it does not begin with "ooTextFile" and "TextGrid"')
    reader = _Reader(tokens[2:])
    reader.number()
    duration_s = reader.number()
    tiers = {}
    for _ in range(int(reader.number())):
        kind, name = reader.word(), reader.word()
        reader.number(), reader.number()
        rows = range(int(reader.number()))
        if kind == "IntervalTier":
            tiers[name] = [(reader.number(), reader.number(), reader.word()) for _ in rows]
        else:
            for _ in rows:
                reader.number(), reader.word()
    return tiers, duration_s


class _Reader:
    """Takes one token after another."""

    def __init__(self, tokens: list[str | float]) -> None:
        self._tokens = iter(tokens)

    def number(self) -> float:
        return self._next(float, "a number")

    def word(self) -> str:
        return self._next(str, "a text in quotes")

    def _next(self, kind: type, title: str) -> str | float:
        token = next(self._tokens, None)
        if not isinstance(token, kind):
            raise ValueError(f"{title} is missing" if token is None else f"{title} is expected where {token!r} stands")
        return token


def _filled(intervals: list[Interval], duration_s: float) -> list[Interval]:
    """The intervals with empty ones in every gap."""
    whole, now = [], 0.0
    for start, end, text in intervals:
        if start > now:
            whole.append((now, start, ""))
        whole.append((start, end, text))
        now = end
    return [*whole, (now, duration_s, "")] if now < duration_s else whole
