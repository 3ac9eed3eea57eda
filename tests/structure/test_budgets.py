"""The house budget: small files, short functions, few arguments, typed signatures, no prints, no hidden state."""

from __future__ import annotations

import ast

import pytest
from sources import ROOT, body_lines, functions, package_files, python_files

FILE_LINES = 300
BODY_LINES = 40
ARGUMENTS = 6
EXECUTE_LINES = 10
BROAD_HANDLERS = 2
# The worker's entry owns its process; the operator base owns an operator. Only they may catch everything.
BROAD_ALLOWED = ("worker", "modal_job", "operator")


@pytest.mark.parametrize("path", python_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_file_is_short(path):
    count = len(path.read_text(encoding="utf-8").splitlines())
    assert count <= FILE_LINES, f"{count} lines; split the file by what it is about"


@pytest.mark.parametrize("path", package_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_functions_keep_the_budget(path):
    faults = []
    for function in functions(path):
        if body_lines(function) > BODY_LINES:
            faults.append(f"{function.name} (line {function.lineno}) has a body of {body_lines(function)} lines")
        if function.name == "execute" and body_lines(function) > EXECUTE_LINES:
            faults.append(f"execute (line {function.lineno}) has {body_lines(function)} lines")
        if argument_count(function) > ARGUMENTS:
            faults.append(f"{function.name} (line {function.lineno}) takes {argument_count(function)} arguments")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", package_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_public_signatures_are_annotated(path):
    faults = [
        f"{function.name} (line {function.lineno})"
        for function in functions(path)
        if is_public(function) and not is_annotated(function)
    ]
    assert not faults, "without types: " + ", ".join(faults)


@pytest.mark.parametrize("path", package_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_global_and_no_print(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    faults = [f"global on line {node.lineno}" for node in ast.walk(tree) if isinstance(node, ast.Global)]
    faults += [
        f"print on line {node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not faults, "\n".join(faults)


def test_broad_handlers_only_where_allowed():
    found = []
    for path in package_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler) and is_broad(node):
                found.append((path.relative_to(ROOT).as_posix(), node.lineno))
    elsewhere = [row for row in found if not any(word in row[0] for word in BROAD_ALLOWED)]
    assert not elsewhere, f"catch what you expect, not everything: {elsewhere}"
    assert len(found) <= BROAD_HANDLERS, found


def argument_count(function: ast.FunctionDef) -> int:
    spec = function.args
    names = [item.arg for item in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def is_public(function: ast.FunctionDef) -> bool:
    return not function.name.startswith("_")


def is_annotated(function: ast.FunctionDef) -> bool:
    spec = function.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
    named = [item for item in every if item is not None and item.arg not in ("self", "cls")]
    return function.returns is not None and all(item.annotation is not None for item in named)


def is_broad(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "id", "") in ("Exception", "BaseException") for kind in kinds)
