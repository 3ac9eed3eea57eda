"""Single values of YAML: plain words and numbers, quoted texts, and brackets on one line."""

from __future__ import annotations

import math
import re
from typing import Any

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    "null": None, "~": None, "true": True, "false": False, ".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf,
}  # fmt: skip
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b", " ": " ",
    '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_CODES = {"x": 2, "u": 4, "U": 8}
_DEEPEST = 32


class YamlFault(Exception):
    """What is wrong with a line; the reader makes a sentence of it."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line, self.what = line, what


def plain_value(text: str) -> Any:
    """What a text without quotes means."""
    lower = text.lower()
    if lower in _WORDS and text in (lower, lower.upper(), lower.capitalize()):
        return _WORDS[lower]
    if _INTEGER.fullmatch(text) and len(text) < 20:
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


class FlowReader:
    """A value in brackets or quotes on one line."""

    def __init__(self, text: str, line: int) -> None:
        self._text, self._line, self._at = text, line, 0

    def whole(self) -> Any:
        """The value; nothing but a comment may follow it."""
        value = self._value(0)
        end = self._at
        if self._next() and not (self._at > end and self._next() == "#"):
            raise self._fault("has more after the value than a comment")
        return value

    def _fault(self, what: str) -> YamlFault:
        return YamlFault(self._line, what)

    def _skip(self) -> None:
        while self._text[self._at : self._at + 1] == " ":
            self._at += 1

    def _next(self) -> str:
        self._skip()
        return self._text[self._at : self._at + 1]

    def _value(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise self._fault(f"is nested more than {_DEEPEST} deep")
        letter = self._next()
        if letter == "[":
            return self._list(depth)
        if letter == "{":
            return self._map(depth)
        if letter == '"':
            return self._double()
        if letter == "'":
            return self._single()
        return self._plain()

    def _list(self, depth: int) -> list[Any]:
        items = []
        self._at += 1
        while self._next() != "]":
            items.append(self._value(depth + 1))
            self._comma("]")
        self._at += 1
        return items

    def _map(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._at += 1
        while self._next() != "}":
            key = self._value(depth + 1)
            if not isinstance(key, str):
                raise self._fault("has a key that is no text; put it in quotes")
            if self._next() != ":":
                raise self._fault(f'must have a value after the key "{key}"')
            if key in found:
                raise self._fault(f'has the key "{key}" a second time')
            self._at += 1
            found[key] = None if self._next() in (",", "}") else self._value(depth + 1)
            self._comma("}")
        self._at += 1
        return found

    def _comma(self, closing: str) -> None:
        letter = self._next()
        if letter == ",":
            self._at += 1
        elif letter != closing:
            raise self._fault(f'lacks a comma or a closing "{closing}"; brackets must end on the line they begin on')

    def _plain(self) -> Any:
        match = re.compile(r"(?:[^\s,\[\]{}:#\"'&*!|>%@`]|:(?=[^\s,\[\]{}])|(?<=\S)#| +(?=[^\s,\[\]{}#:]))+").match(
            self._text, self._at
        )
        if not match or match.group().startswith("? ") or match.group() == "?":
            raise self._fault(f'cannot be read at "{self._text[self._at : self._at + 12]}"')
        self._at = match.end()
        return plain_value(match.group().strip())

    def _single(self) -> str:
        match = re.compile(r"'((?:[^']|'')*)'").match(self._text, self._at)
        if not match:
            raise self._fault("lacks a closing quote")
        self._at = match.end()
        return match.group(1).replace("''", "'")

    def _double(self) -> str:
        match = re.compile(r'"((?:[^"\\]|\\.)*)"').match(self._text, self._at)
        if not match:
            raise self._fault("lacks a closing quote")
        self._at = match.end()
        return re.sub(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", self._escape, match.group(1))

    def _escape(self, found: re.Match[str]) -> str:
        code = found.group(1)
        if code[0] in _CODES and len(code) == 1 + _CODES[code[0]]:
            value = int(code[1:], 16)
            if value > 0x10FFFF:
                raise self._fault(f'has a letter "\\{code}" that does not exist')
            return chr(value)
        if code not in _ESCAPES:
            raise self._fault(f'has the escape "\\{code}", which YAML does not know')
        return _ESCAPES[code]
