"""Help is quick: it needs neither web3 nor torch, and says what the commands say themselves."""

from __future__ import annotations

import os
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


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        ("tally mod", ["model"]),
        ("tally stake cont", ["controllers"]),
        ("tally model list --js", ["--json"]),
        ("tally --rp", ["--rpc"]),
        ("tally train coordinate m --sha", ["--shards"]),
        ("tally completion z", ["zsh"]),
        ("tally train coordinate x --precision m", ["mixed"]),
    ],
)
def test_a_tab_is_answered_without_importing_what_is_slow(words: str, offers: list[str]) -> None:
    code = (
        "import sys\n"
        "from registry.cli.app import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n"
        f"    print([n for n in {(*SLOW, 'rich', 'eth_utils', 'registry.client')!r}"
        " if n in sys.modules])"
    )
    asked = {
        "_TALLY_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **asked}, capture_output=True, text=True
    )
    *offered, slow = done.stdout.splitlines()
    assert [line.partition(",")[2] for line in offered] == offers, done.stderr
    assert slow == "[]"


def test_completion_offers_lazy_commands_with_their_lines() -> None:
    context = click.Context(root, info_name="tally")
    offered = {item.value: item.help for item in root.shell_complete(context, "ver")}
    assert offered == {
        "verify": root.commands["verify"].get_short_help_str(),
        "version": "Versions of a model.",
    }
