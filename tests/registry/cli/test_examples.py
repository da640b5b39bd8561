"""Each command's help ends with an example, and each example is a command line that parses."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from command_line import Tally

from registry.cli.app import tally as root
from registry.cli.examples import EXAMPLES
from trainer.cli.examples import EXAMPLES as TRAINERS


def commands(group: click.Group, words: str = "") -> Iterator[tuple[str, click.Command]]:
    """Gives every command by the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        path = f"{words} {name}".strip()
        if isinstance(command, click.Group):
            yield from commands(command, path)
        else:
            yield path, command


COMMANDS = dict(commands(root))


def test_every_command_has_an_example_and_no_example_is_of_none() -> None:
    assert set(EXAMPLES) | set(TRAINERS) == set(COMMANDS)


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_an_example_parses(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ann.json", "bob.json", "hospital.py", "peers.json"):
        (tmp_path / name).touch()
    (tmp_path / "scans").mkdir()
    for rest in (EXAMPLES | TRAINERS)[words]:
        context = COMMANDS[words].make_context(words, shlex.split(rest))
        assert not context.args


def test_help_ends_with_the_examples_line_by_line(tally: Tally) -> None:
    assert tally.told("model", "list", "--help").splitlines()[-3:] == [
        "  Examples:",
        "    tally model list",
        "    tally model list --wide",
    ]
    assert tally.told("train", "pay", "--help").splitlines()[-2:] == [
        "  Example:",
        "    tally train pay lantern",
    ]
