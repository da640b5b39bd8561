"""The commands without what they do: enough for a shell's TAB, which has no time for imports.

`commands.json` lists every command with its options and arguments; `make docs` writes it from the
commands themselves. A command that another package adds isn't in it and is imported.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import click

from registry.cli.shared_options import (
    SHARED_NAMES,
    add_shared_options,
    hidden_shared_options,
)

__all__ = ["described", "skeleton"]


def described(command: click.Command) -> dict[str, Any]:
    """Returns what completion needs of a command and of those below it, as JSON."""
    own = [p for p in command.params if p.name not in SHARED_NAMES]
    found: dict[str, Any] = {
        "help": command.get_short_help_str(200),
        "params": [_described_parameter(p) for p in own],
    }
    names = {p.name for p in command.params if not getattr(p, "hidden", False)}
    if "as_json" in names:
        found["shared"] = "all" if "rpc" in names else "output"
    if isinstance(command, click.Group):
        context = click.Context(command)
        inner = {n: command.get_command(context, n) for n in command.list_commands(context)}
        found["commands"] = {n: described(c) for n, c in inner.items() if c is not None}
    return found


def _described_parameter(parameter: click.Parameter) -> dict[str, Any]:
    kind = parameter.type
    found: dict[str, Any] = {"name": parameter.name, "nargs": parameter.nargs}
    if isinstance(kind, click.Choice):
        found["choices"] = [str(choice) for choice in kind.choices]
    elif isinstance(kind, (click.Path, click.File)):
        found["path"] = True
    if isinstance(parameter, click.Option):
        found["options"] = [*parameter.opts, *parameter.secondary_opts]
        found["help"] = parameter.help or ""
        kinds = ("is_flag", "multiple", "hidden")
        found |= {name: True for name in kinds if getattr(parameter, name)}
    return found


def skeleton() -> click.Group:
    """Returns the commands that `commands.json` lists, with nothing to call.

    Raises:
        TypeError: it lists no group.
    """
    place = resources.files("registry.cli") / "commands.json"
    built = _command("tally", json.loads(place.read_text(encoding="utf-8")))
    if not isinstance(built, click.Group):
        raise TypeError("commands.json: expected the group of all commands")
    return built


def _command(name: str, data: dict[str, Any]) -> click.Command:
    parameters = [_parameter(p) for p in data["params"]]
    if "commands" in data:
        inner = {n: _command(n, c) for n, c in data["commands"].items()}
        group = click.Group(name, commands=inner, params=parameters, help=data["help"])
        if "shared" not in data:
            hidden_shared_options(group)
        return _with_shared(group, data)
    return _with_shared(click.Command(name, params=parameters, help=data["help"]), data)


def _with_shared(command: click.Command, data: dict[str, Any]) -> click.Command:
    if "shared" in data:
        add_shared_options(command, output_alone=data["shared"] == "output")
    return command


def _parameter(data: dict[str, Any]) -> click.Parameter:
    kind: click.ParamType[Any] = click.STRING
    if "choices" in data:
        kind = click.Choice(data["choices"])
    elif "path" in data:
        kind = click.Path()
    if "options" not in data:
        return click.Argument([data["name"]], type=kind, nargs=data["nargs"], required=False)
    flag = data.get("is_flag", False)
    return click.Option(
        data["options"],
        type=None if flag else kind,
        is_flag=flag,
        multiple=data.get("multiple", False),
        hidden=data.get("hidden", False),
        help=data["help"],
    )
