"""Commands that are imported when they run: `tally --help` needs neither web3 nor torch."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from registry.cli.examples import EXAMPLES, add_examples
from registry.cli.shared_options import hidden_shared_options

__all__ = ["LazyCommand", "LazyGroup"]


class LazyCommand(click.Command):
    """A name and a line of help that stand for a command of a module not yet imported."""

    def __init__(self, name: str, target: str, summary: str) -> None:
        """Stands for `target`, which is written `module:attribute` as entry points are."""
        super().__init__(name, help=summary)
        self.target = target

    def load(self) -> click.Command:
        """Returns the command itself."""
        module, _, attribute = self.target.partition(":")
        found: click.Command = getattr(import_module(module), attribute)
        return found


class LazyGroup(click.Group):
    """A group that imports a command once it is asked for; help and completion read its line."""

    def __init__(
        self,
        *arguments: Any,
        words: str = "",
        examples: Mapping[str, tuple[str, ...]] = EXAMPLES,
        **attributes: Any,
    ) -> None:
        """Is a group whose commands are called by `words` first, and have these examples."""
        super().__init__(*arguments, **attributes)
        self._words, self._examples = words, examples

    def find(self, context: click.Context, name: str) -> click.Command | None:
        """Returns what the name stands for, not yet imported."""
        return super().get_command(context, name)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Returns the command itself."""
        found = self.find(context, name)
        command = found.load() if isinstance(found, LazyCommand) else found
        if isinstance(command, click.Group):
            hidden_shared_options(command)
        if command is not None:
            add_examples(command, f"{self._words} {name}".strip(), self._examples)
        return command

    def _lines(self, context: click.Context) -> list[tuple[str, click.Command]]:
        found = ((name, self.find(context, name)) for name in self.list_commands(context))
        return [(name, command) for name, command in found if command is not None]

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes each command's name and line, as click does for those that are imported."""
        commands = self._lines(context)
        limit = formatter.width - 6 - max(len(name) for name, _ in commands)
        with formatter.section("Commands"):
            formatter.write_dl([(name, c.get_short_help_str(limit)) for name, c in commands])

    def shell_complete(self, context: click.Context, incomplete: str) -> list[CompletionItem]:
        """Returns the commands that begin like this, and options."""
        begun = [(n, c) for n, c in self._lines(context) if n.startswith(incomplete)]
        items = [CompletionItem(name, help=c.get_short_help_str()) for name, c in begun]
        return [*items, *click.Command.shell_complete(self, context, incomplete)]
