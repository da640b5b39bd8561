"""Writes docs/reference/python.md from the docstrings of what the packages export: `make docs`.

A public name is one that `registry` or `trainer` lists in its `__all__`, or that a document or an
example imports from a room of theirs, if the room lists it. It stands once, under the first.
"""

import ast
import enum
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "python.md"
ROOTS = ("registry", "trainer")
SECTIONS = ("Args", "Raises")
HEAD = """# The Python API

Written by `make docs` from the docstrings of what the packages export and the documents use.
Whatever isn't here may change without notice. [RegistryClient](#registryclient) is where to begin
with the registry, [Client](#client) and [Coordinator](#coordinator) with training. How to open,
sign, publish and audit from a script, step by step, is in [a guide](../guides/from-a-script.md).
"""


def paragraph(doc: str) -> str:
    """Returns the first paragraph of a docstring, on one line."""
    return " ".join(doc.split("\n\n", maxsplit=1)[0].split())


def section(doc: str, title: str) -> list[tuple[str, str]]:
    """Returns the entries of a docstring's section: names, and what is said of them."""
    body = re.search(rf"^{title}:\n((?:[ ]+.*\n?|\n)+)", doc, flags=re.M)
    if body is None:
        return []
    lines = textwrap.dedent(body[1]).splitlines()
    entries: list[str] = []
    for line in lines:
        if line.startswith(" ") and entries:
            entries[-1] += " " + line.strip()
        elif line.strip():
            entries.append(line)
    parts = (entry.partition(":") for entry in entries)
    return [(name.strip(), text.strip()) for name, _, text in parts]


def annotated(annotation: object) -> str:
    """Returns an annotation as it is written in the source."""
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")


def parameter(one: inspect.Parameter) -> str:
    """Returns a parameter as it is written, but for defaults that don't read as one."""
    stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
    text = stars + one.name
    if one.annotation is not one.empty:
        text += f": {annotated(one.annotation)}"
    if one.default is not one.empty:
        default = repr(one.default)
        text += " = " + ("…" if default.startswith("<") or len(default) > 50 else default)
    return text


def signature(name: str, thing: Callable[..., object]) -> str:
    """Returns how a function or class is called, one argument a line if that is long."""
    called = inspect.signature(thing)
    given = [p for p in called.parameters.values() if p.name not in ("self", "cls")]
    arguments = [parameter(p) for p in given]
    bare = [i for i, p in enumerate(given) if p.kind is p.KEYWORD_ONLY]
    if bare and not any(p.kind is p.VAR_POSITIONAL for p in given):
        arguments.insert(bare[0], "*")
    returned = "" if inspect.isclass(thing) else f" -> {annotated(called.return_annotation)}"
    text = f"{name}({', '.join(arguments)}){returned}"
    if len(text) <= 100:
        return text
    return f"{name}(\n    " + ",\n    ".join(arguments) + f",\n){returned}"


def methods(cls: type) -> Iterator[str]:
    """Gives a line for each public method and property that a class itself defines."""
    for name, member in vars(cls).items():
        inner = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        inner = inner.fget if isinstance(inner, property) else inner
        if name.startswith("_") or not inspect.isfunction(inner) or not inner.__doc__:
            continue
        doc = paragraph(inspect.cleandoc(inner.__doc__))
        arguments = [p for p in inspect.signature(inner).parameters if p not in ("self", "cls")]
        called = name if isinstance(member, property) else f"{name}({', '.join(arguments)})"
        yield f"- `{called}`: {doc}"


def entry(name: str, thing: Callable[..., object]) -> list[str]:
    """Returns the lines of one class or function."""
    doc = inspect.getdoc(thing) or ""
    lines = [f"### {name}", ""]
    if not (inspect.isclass(thing) and issubclass(thing, enum.Enum | BaseException)):
        lines += ["```text", signature(name, thing), "```", ""]
    lines += [paragraph(doc), ""]
    for title in SECTIONS:
        if found := section(doc, title):
            lines += [f"{title}:", "", *(f"- `{label}`: {text}" for label, text in found), ""]
    if inspect.isclass(thing):
        if issubclass(thing, enum.Enum):
            lines += ["One of " + ", ".join(f"`{m.name}`" for m in thing) + ".", ""]
        elif listed := list(methods(thing)):
            lines += [*listed, ""]
    return lines


def sources() -> Iterator[str]:
    """Gives the code of the documents and the examples."""
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        yield from re.findall(r"```python\n(.*?)```", path.read_text(), flags=re.S)
    for path in sorted((ROOT / "examples").rglob("*.py")):
        yield path.read_text()


def public() -> dict[str, set[str]]:
    """Returns the public names by the package that they are imported from."""
    names = {root: set(importlib.import_module(root).__all__) for root in ROOTS}
    for source in sources():
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.ImportFrom) or node.module is None:
                continue
            if node.module.startswith(("registry.", "trainer.")):
                listed = getattr(importlib.import_module(node.module), "__all__", ())
                names.setdefault(node.module, set()).update(
                    alias.name for alias in node.names if alias.name in listed
                )
    return names


def page() -> str:
    """Returns the whole page."""
    lines, seen = [HEAD], set[int]()
    names = public()
    for module in (*ROOTS, *sorted(names.keys() - set(ROOTS))):
        package = importlib.import_module(module)
        things = [(n, getattr(package, n)) for n in sorted(names[module], key=str.lower)]
        new = [
            (name, thing)
            for name, thing in things
            if (inspect.isclass(thing) or inspect.isfunction(thing)) and id(thing) not in seen
        ]
        if new:
            lines += [f"## `{module}`", "", paragraph(inspect.getdoc(package) or ""), ""]
        for name, thing in new:
            seen.add(id(thing))
            lines += entry(name, thing)
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
