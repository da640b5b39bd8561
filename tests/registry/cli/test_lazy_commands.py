"""Help is quick: it needs neither web3 nor torch, and says what the commands say themselves."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from registry.cli.app import tally as root
from registry.cli.lazy_commands import LazyCommand, LazyGroup

SLOW = ("torch", "web3", "numpy", "scipy", "matplotlib", "cryptography", "aiohttp")


def lazy(group: LazyGroup) -> Iterator[LazyCommand]:
    """Gives the commands of a group and of those below it that aren't imported yet."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.find(context, name)
        if isinstance(command, LazyCommand):
            yield command
        elif isinstance(command, LazyGroup):
            yield from lazy(command)


def test_a_lazy_command_s_line_is_the_command_s_own() -> None:
    commands = list(lazy(root))
    assert {"audit", "publish", "round", "up", "coordinate", "join"} <= {c.name for c in commands}
    lines = {c.name: (c.get_short_help_str(200), c.name) for c in commands}
    loaded = {c.name: (c.load().get_short_help_str(200), c.load().name) for c in commands}
    assert lines == loaded


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["watch", "--help"]])
def test_help_imports_nothing_slow(words: list[str]) -> None:
    code = (
        "import sys\n"
        "from registry.cli.app import tally\n"
        f"tally.main({words!r}, standalone_mode=False)\n"
        f"print([name for name in {SLOW!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage: ")
    assert done.stdout.splitlines()[-1] == "[]"


def test_completion_offers_lazy_commands_with_their_lines() -> None:
    context = click.Context(root, info_name="tally")
    offered = {item.value: item.help for item in root.shell_complete(context, "ver")}
    assert offered == {
        "verify": root.commands["verify"].get_short_help_str(),
        "version": "Versions of a model.",
    }
