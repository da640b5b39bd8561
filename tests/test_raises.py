"""A public function that raises says in its docstring which errors, and when."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TREES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text())
    for package in ("registry", "trainer")
    for path in sorted((ROOT / package).rglob("*.py"))
}
Function = ast.FunctionDef | ast.AsyncFunctionDef
Owned = tuple[ast.ClassDef | None, Function]


def last(expression: ast.expr) -> str:
    """Returns the last name of a dotted, called or subscripted one: `b` of `a.b[T](c)`."""
    while isinstance(expression, ast.Call | ast.Subscript):
        expression = expression.func if isinstance(expression, ast.Call) else expression.value
    return ast.unparse(expression).rpartition(".")[2]


def functions(body: list[ast.stmt], owner: ast.ClassDef | None = None) -> Iterator[Owned]:
    """Gives a module's functions and methods, but none that stands within a function."""
    for node in body:
        if isinstance(node, Function):
            yield owner, node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node.body, node)


CLASSES: dict[str, list[ast.ClassDef]] = defaultdict(list)
RETURNED: dict[str, set[str]] = defaultdict(set)
for tree in TREES.values():
    for found in ast.walk(tree):
        if isinstance(found, ast.ClassDef):
            CLASSES[found.name].append(found)
    for _, function in functions(tree.body):
        if function.returns is not None:
            RETURNED[function.name].add(last(function.returns))


def caught_by(attempt: ast.Try) -> frozenset[str]:
    """Returns the names of the classes that a try's handlers are for."""
    kinds = [handler.type for handler in attempt.handlers if handler.type is not None]
    flat = [kind.elts if isinstance(kind, ast.Tuple) else [kind] for kind in kinds]
    return frozenset(last(kind) for group in flat for kind in group)


def escaping(node: ast.AST, caught: frozenset[str] = frozenset()) -> Iterator[ast.expr]:
    """Gives what a body raises itself, and doesn't catch itself by that very name."""
    if isinstance(node, ast.Raise) and node.exc is not None and last(node.exc) not in caught:
        yield node.exc
    tried = node.body if isinstance(node, ast.Try) else []
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Try) and child in tried:
            yield from escaping(child, caught | caught_by(node))
        elif not isinstance(child, Function | ast.ClassDef | ast.Lambda):
            yield from escaping(child, caught)


def raised(function: Function) -> set[str]:
    """Returns the classes that a function raises; "" for one that only a variable knows."""
    names: set[str] = set()
    for expression in escaping(function):
        name = last(expression)
        if name.lstrip("_")[:1].isupper():
            names.add(name)
        else:  # an error that a function of ours makes is of the type that it says it returns
            names |= (isinstance(expression, ast.Call) and RETURNED.get(name)) or {""}
    return names


def said(function: Function) -> set[str]:
    """Returns the classes under Raises in a docstring, and "" if there is such a section."""
    doc = ast.get_docstring(function) or ""
    section = re.search(r"^Raises:\n((?:[ ]+.*\n?|\n)+)", doc, flags=re.M)
    if section is None:
        return set()
    entries = re.findall(r"^    ([\w.]+(?:, [\w.]+)*):", section[1], flags=re.M)
    names = {name.rpartition(".")[2] for entry in entries for name in entry.split(", ")}
    return names | {""}


def inherited(owner: ast.ClassDef | None, name: str) -> set[str]:
    """Returns what the interfaces of a class say that a method raises."""
    names: set[str] = set()
    for base in [] if owner is None else [found for b in owner.bases for found in CLASSES[last(b)]]:
        for inner in base.body:
            if isinstance(inner, Function) and inner.name == name:
                names |= said(inner)
        names |= inherited(base, name)
    return names


def is_a_command(function: Function) -> bool:
    """Tells whether click calls a function: its docstring is the command's help."""
    return any(last(mark) in ("command", "group") for mark in function.decorator_list)


def test_every_public_function_says_what_it_raises() -> None:
    silent = [
        f"{path}:{function.lineno} {function.name}: {', '.join(sorted(missing)) or 'no Raises'}"
        for path, tree in TREES.items()
        for owner, function in functions(tree.body)
        if not function.name.startswith("_")
        and not (owner is not None and owner.name.startswith("_"))
        and not is_a_command(function)
        and (missing := raised(function) - said(function) - inherited(owner, function.name))
    ]
    assert not silent, f"{len(silent)} don't:\n" + "\n".join(silent)
