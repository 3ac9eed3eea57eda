"""The house budget: small files, short functions, few arguments, typed signatures, no prints, no hidden state."""

from __future__ import annotations

import ast

from sources import body_lines, functions, name_of, package_files, python_files

FILE_LINES = 300
BODY_LINES = 40
ARGUMENTS = 6
EXECUTE_LINES = 10
BROAD_HANDLERS = 2
# The worker's entry owns its process; the operator base owns an operator. Only they may catch everything.
BROAD_ALLOWED = ("worker", "modal_job", "operator")


def test_files_are_short():
    counts = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    too_long = {name: count for name, count in counts.items() if count > FILE_LINES}
    assert not too_long, "split these by what they are about"


def test_bodies_are_short():
    faults = [
        f"{where}: a body of {body_lines(function)} lines"
        for where, function in all_functions()
        if body_lines(function) > (EXECUTE_LINES if function.name == "execute" else BODY_LINES)
    ]
    assert not faults, "\n".join(faults)


def test_functions_take_few_arguments():
    counts = ((where, argument_count(function)) for where, function in all_functions())
    faults = [f"{where}: {count} arguments; make a frozen dataclass" for where, count in counts if count > ARGUMENTS]
    assert not faults, "\n".join(faults)


def test_public_signatures_are_annotated():
    public = (row for row in all_functions() if not row[1].name.startswith("_"))
    faults = [f"{where}: not every type is written" for where, function in public if not is_annotated(function)]
    assert not faults, "\n".join(faults)


def test_public_functions_are_described():
    """Methods that Blender or a base class calls need no words of their own."""
    known = {"execute", "invoke", "modal", "poll", "draw", "main", "register", "unregister", "cancel"}
    public = [row for row in all_functions() if not row[1].name.startswith("_") and row[1].name not in known]
    silent = [where for where, function in public if ast.get_docstring(function) is None]
    assert len(silent) <= 0.25 * len(public), "\n".join(silent)


def test_no_global_and_no_print():
    faults = []
    for path in package_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            printing = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            if printing or isinstance(node, ast.Global):
                faults.append(f"{name_of(path)}:{node.lineno}")
    assert not faults, "\n".join(faults)


def test_broad_handlers_only_where_allowed():
    found = []
    for path in package_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler) and is_broad(node):
                found.append((name_of(path), node.lineno))
    elsewhere = [row for row in found if not any(word in row[0] for word in BROAD_ALLOWED)]
    assert not elsewhere, f"catch what you expect, not everything: {elsewhere}"
    assert len(found) <= BROAD_HANDLERS, found


def all_functions() -> list[tuple[str, ast.FunctionDef]]:
    return [
        (f"{name_of(path)}:{function.lineno} {function.name}", function)
        for path in package_files()
        for function in functions(path)
    ]


def argument_count(function: ast.FunctionDef) -> int:
    spec = function.args
    names = [item.arg for item in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def is_annotated(function: ast.FunctionDef) -> bool:
    spec = function.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
    named = [item for item in every if item is not None and item.arg not in ("self", "cls")]
    return function.returns is not None and all(item.annotation is not None for item in named)


def is_broad(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "id", "") in ("Exception", "BaseException") for kind in kinds)
