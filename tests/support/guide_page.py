"""What a reader of a page does, in order: commands to type, files to save, code to run.

* `console`: lines behind `$` are typed; what stands between them is what they print, `…` for
  anything. A command goes on to the end of its here-document, or behind a `\\`.
* any other language, behind words that end in "as `NAME`:" or "to `NAME`:": saved, or added.
* `python` without such words: run as a script of its own.
* `<!-- not run: REASON -->` right before a block: an illustration. `text` and blocks without a
  language are none of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Command", "Illustration", "SavedFile", "Script", "Step", "steps_of"]

_FENCE = re.compile(r"(?:^|\n)```(\w+)\n(.*?)\n?```(?=\n|$)", re.S)
_NOT_RUN = re.compile(r"<!-- not run: (.+?) -->\s*$")
_NAMED = re.compile(r"\b(as|to) `([\w./-]+)`[^`\n]*:\s*$")
_EXPECTED = re.compile(r"#\s*exits with (\d+)")
_HEREDOC = re.compile(r"<<-?\s*'?(\w+)'?")


@dataclass(frozen=True)
class Command:
    """A line to type.

    Args:
        text: as it is typed, comment and all.
        shown: what the page shows of its output.
    """

    text: str
    shown: list[str] = field(default_factory=list)

    @property
    def code(self) -> int:
        """The exit code that the page tells; 0 without."""
        told = _EXPECTED.search(self.text)
        return int(told[1]) if told else 0


@dataclass(frozen=True)
class SavedFile:
    """A file that the reader writes, or adds to."""

    name: str
    text: str
    added: bool


@dataclass(frozen=True)
class Script:
    """Python that the reader runs at once."""

    text: str


@dataclass(frozen=True)
class Illustration:
    """A block that nobody runs, and why."""

    language: str
    reason: str


Step = Command | SavedFile | Script | Illustration


def steps_of(page: Path) -> list[Step]:
    """Returns what a page has its reader do.

    Raises:
        ValueError: a block is of a language that a reader can do nothing with as it stands.
    """
    return list(_steps(page))


def _steps(page: Path) -> Iterator[Step]:
    text = page.read_text()
    for block in _FENCE.finditer(text):
        language, inside, before = block[1], block[2], text[: block.start()].rstrip()
        if language == "text":
            continue
        if left_out := _NOT_RUN.search(before):
            yield Illustration(language, left_out[1])
        elif language == "console":
            yield from _commands(inside)
        elif named := _NAMED.search(before):
            yield SavedFile(named[2], inside + "\n", named[1] == "to")
        elif language == "python":
            yield Script(inside + "\n")
        else:
            raise ValueError(f"{page.name}: no word says what to do with the {language} block")


def _commands(inside: str) -> Iterator[Command]:
    lines = iter(inside.splitlines())
    command: Command | None = None
    for line in lines:
        if not line.startswith("$ "):
            assert command is not None, f"output before any command: {line}"
            command.shown.append(line)
            continue
        if command is not None:
            yield command
        command = Command("\n".join(_typed(line.removeprefix("$ "), lines)))
    if command is not None:
        yield command


def _typed(first: str, following: Iterator[str]) -> Iterator[str]:
    """Yields the lines of one command."""
    yield first
    if document := _HEREDOC.search(first):
        for line in following:
            yield line
            if line.strip() == document[1]:
                return
    while first.endswith("\\"):
        first = next(following)
        yield first
