"""Whether tests notice small faults in a Python module; prints which they don't, and the score.

Run from the repository's root: `python tools/mutate_python.py MODULE.py TESTS… [--count 40]
[--seed 1]`. Each fault is one change of the syntax tree (a comparison, an operator, a constant, a
condition, a returned value), made in a copy of the project under build/, where the tests are run
until one fails. A fault that none notices wants a test, unless nothing could notice it.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutants-python"
_LONGEST = 300  # seconds: a fault that makes a test run on is noticed
_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Add,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """Yields what a node may be replaced with."""
    new = copy.deepcopy(node)
    if isinstance(new, ast.Compare) and type(new.ops[0]) in _COMPARED:
        new.ops[0] = _COMPARED[type(new.ops[0])]()
        yield new
    elif isinstance(new, ast.BinOp) and type(new.op) in _OPERATED:
        new.op = _OPERATED[type(new.op)]()
        yield new
    elif isinstance(new, ast.BoolOp):
        new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
        yield new
    elif isinstance(new, ast.UnaryOp) and isinstance(new.op, ast.Not):
        yield new.operand
    elif isinstance(new, ast.Constant) and type(new.value) in (int, bool):
        new.value = (not new.value) if type(new.value) is bool else new.value + 1
        yield new
    elif isinstance(new, ast.Return) and new.value is not None:
        new.value = ast.Constant(None)
        yield new
    elif isinstance(new, ast.Raise):
        yield ast.copy_location(ast.Pass(), new)


def mutants(source: str) -> list[tuple[int, str, str]]:
    """Returns every fault of a module: its line, what it changes into what, and the new source."""
    found, nodes = [], list(ast.walk(ast.parse(source)))
    for place, node in enumerate(nodes):
        for new in changed(node):
            tree = ast.parse(source)
            target = list(ast.walk(tree))[place]
            for parent in ast.walk(tree):
                for name, value in ast.iter_fields(parent):
                    if value is target:
                        setattr(parent, name, new)
                    elif isinstance(value, list) and target in value:
                        value[value.index(target)] = new
            told = f"{ast.unparse(node):.60} → {ast.unparse(new):.60}"
            found.append((node.lineno, told, ast.unparse(ast.fix_missing_locations(tree))))  # type: ignore[attr-defined]
    return found


def notices(tests: list[str]) -> bool:
    """Tells whether a test fails in the copy, or none ends in time."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(WORK), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(
            command, cwd=WORK, env=environment, capture_output=True, timeout=_LONGEST
        )
    except subprocess.TimeoutExpired:
        return True
    if ended.returncode not in (0, 1, 2):
        raise SystemExit(ended.stdout.decode()[-2_000:])
    return ended.returncode != 0


def copied() -> None:
    """Makes the copy in which faults are made, anew."""
    shutil.rmtree(WORK, ignore_errors=True)
    left_out = shutil.ignore_patterns("build", "node_modules", ".venv", ".git", "__pycache__")
    shutil.copytree(ROOT, WORK, ignore=left_out, symlinks=True)
    for name in ("node_modules", ".venv"):
        (WORK / name).symlink_to(ROOT / name)


def main() -> int:
    """Makes the faults one after another; returns 1 if one isn't noticed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("module", type=Path)
    parser.add_argument("tests", nargs="+")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    source = given.module.read_text()
    every = mutants(source)
    drawn = random.Random(given.seed).sample(every, min(given.count, len(every)))  # noqa: S311
    copied()
    if notices(given.tests):
        raise SystemExit("the tests fail without a fault; mend that first")
    survivors = []
    for line, told, text in drawn:
        (WORK / given.module).write_text(text)
        if not notices(given.tests):
            survivors.append(f"{given.module}:{line}: {told}")
    print("\n".join(survivors))
    print(f"{given.module}: {len(drawn) - len(survivors)} of {len(drawn)} noticed")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main())
