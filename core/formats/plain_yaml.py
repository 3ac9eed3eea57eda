"""The part of YAML that people write settings in, read without any library and without ever making an object.

Mappings and lists by indentation or in brackets on one line, quoted and plain texts, numbers, true, false, null, .inf,
comments. Anchors, tags, block texts and several documents are refused with their line. A text keeps its meaning:
"no" and "on" stay texts, as in YAML 1.2.
Source: YAML 1.2.2, chapters 6 to 8 and 10.2 (JSON schema's numbers and words).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..errors import FormatError
from .yaml_scalar import FlowReader, YamlFault, plain_value

DEEPEST = 32
_KEY = re.compile(
    r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'\[\]{},#&*!|>%@`-](?:[^:#]|:(?=\S)|(?<=\S)#)*?|-(?=\S)[^:#]*?)\s*:(?=\s|$)"""
)


@dataclass(frozen=True, slots=True)
class _Line:
    """number from 1, columns of indentation, and the text; a comment may end it."""

    number: int
    indent: int
    text: str


def read_yaml(text: str) -> Any:
    """The document as dicts, lists, texts, numbers, booleans and None. Raises FormatError naming the line."""
    try:
        lines = _lines(text)
        if not lines:
            return None
        value, rest = _block(lines, 0, 0)
        if rest < len(lines):
            raise YamlFault(lines[rest].number, "is indented like nothing above it")
    except YamlFault as fault:
        raise FormatError(f"Line {fault.line} {fault.what}.") from fault
    return value


def _lines(text: str) -> list[_Line]:
    lines = []
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        bare = raw.lstrip(" ")
        if bare.startswith("\t"):
            raise YamlFault(number, "is indented with a tab; use spaces")
        shown = bare.rstrip()
        if shown in ("---", "...") or shown.startswith(("%", "--- ")):
            if lines or shown != "---":
                raise YamlFault(number, "begins another document or a directive; keep one plain document")
        elif shown and not shown.startswith("#"):
            lines.append(_Line(number, len(raw) - len(bare), shown))
    return lines


def _block(lines: list[_Line], at: int, depth: int) -> tuple[Any, int]:
    """The value that begins at a line, and the place of the line after it."""
    line = lines[at]
    if depth > DEEPEST:
        raise YamlFault(line.number, f"is nested more than {DEEPEST} deep")
    if line.text == "-" or line.text.startswith("- "):
        return _sequence(lines, at, depth)
    if _KEY.match(line.text) and not line.text.startswith("? "):
        return _mapping(lines, at, depth)
    return _scalar(line.text, line.number), at + 1


def _sequence(lines: list[_Line], at: int, depth: int) -> tuple[list[Any], int]:
    indent, items = lines[at].indent, []
    while at < len(lines) and lines[at].indent == indent and (lines[at].text == "-" or lines[at].text.startswith("- ")):
        line = lines[at]
        inner = line.text[1:].lstrip(" ")
        if not inner or inner.startswith("#"):
            value, at = _below(lines, at, indent, depth)
        else:
            # What follows the dash is a block of its own, indented as far as it stands.
            step = len(line.text) - len(inner)
            lines[at] = _Line(line.number, indent + step, inner)
            value, at = _block(lines, at, depth + 1)
        items.append(value)
    _check_indent(lines, at, indent)
    return items, at


def _mapping(lines: list[_Line], at: int, depth: int) -> tuple[dict[str, Any], int]:
    indent, found = lines[at].indent, {}
    while at < len(lines) and lines[at].indent == indent:
        line = lines[at]
        match = _KEY.match(line.text)
        if not match or line.text.startswith("? "):
            raise YamlFault(line.number, 'must be "key: value"')
        key = _scalar(match.group().rstrip()[:-1].rstrip(), line.number)
        if not isinstance(key, str):
            raise YamlFault(line.number, "has a key that is no text; put it in quotes")
        if key in found:
            raise YamlFault(line.number, f'has the key "{key}" a second time')
        value = line.text[match.end() :].strip()
        if value and not value.startswith("#"):
            found[key], at = _scalar(value, line.number), at + 1
        else:
            found[key], at = _below(lines, at, indent, depth, lists_level=True)
    _check_indent(lines, at, indent)
    return found, at


def _below(lines: list[_Line], at: int, indent: int, depth: int, lists_level: bool = False) -> tuple[Any, int]:
    """The block under a line that ends in a colon or is a lone dash; None if there is none."""
    after = at + 1
    if after < len(lines):
        line = lines[after]
        dash = line.text == "-" or line.text.startswith("- ")
        if line.indent > indent or (lists_level and dash and line.indent == indent):
            return _block(lines, after, depth + 1)
    return None, after


def _check_indent(lines: list[_Line], at: int, indent: int) -> None:
    if at < len(lines) and lines[at].indent > indent:
        raise YamlFault(lines[at].number, "is indented further than what it belongs to")


def _scalar(text: str, number: int) -> Any:
    if text[0] in "[{\"'":
        return FlowReader(text, number).whole()
    text = re.split(r"\s#", text, maxsplit=1)[0].rstrip()
    if text[0] in "&*!|>%@`" or re.match(r"\?(\s|$)", text):
        raise YamlFault(number, f'uses "{text[0]}", a part of YAML that is not read here; write the value out')
    if re.search(r":(\s|$)", text):
        raise YamlFault(number, "has a colon inside a value; put the value in quotes")
    return plain_value(text)
