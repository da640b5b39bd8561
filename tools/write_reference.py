"""Writes the reference and what completion reads from the commands themselves: `make docs`."""

import json
from pathlib import Path

import click

from registry.cli.app import tally
from registry.cli.shared_options import SHARED_NAMES
from registry.cli.skeleton import described

SKELETON = Path(__file__).resolve().parent.parent / "registry" / "cli" / "commands.json"
PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "command-line.md"


def walk(words: str, command: click.Command) -> list[str]:
    """Returns the lines of a command and of those below it."""
    context = click.Context(command, info_name=words)
    if isinstance(command, click.Group):
        lines = []
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                lines += walk(f"{words} {name}", inner)
        return lines
    arguments = " ".join(
        p.make_metavar(context) for p in command.params if isinstance(p, click.Argument)
    )
    lines = [f"## `{words}{' ' + arguments if arguments else ''}`", ""]
    lines += [line.strip() for line in (command.help or "").splitlines()]
    shown = [line.strip() for line in (command.epilog or "").splitlines()[2:]]
    if shown:
        lines += ["", "Example: " + ", or ".join(f"`{line}`" for line in shown) + "."]
    options = [p for p in command.params if isinstance(p, click.Option)]
    own = [o for o in options if o.name not in SHARED_NAMES]
    if own:
        lines += ["", "| option | meaning |", "|---|---|"]
        for option in own:
            default = option.default if option.show_default and option.default is not None else None
            note = f" (default: {default})" if default is not None else ""
            lines.append(f"| `{', '.join(option.opts)}` | {option.help or ''}{note} |")
    return [*lines, ""]


HEAD = """# The command line

Written by `make docs` from the commands' own help. Every command takes, before it or after it,
`--json`, `--wide` (accounts and digests whole in tables; a pipe has them whole in any case),
`--quiet` and `--verbose`; and those that need a chain `--rpc`, `--storage`, `--deployments`,
`--keystore`, `--confirmations`, `--max-fee` (the most gwei per gas to offer) and `--again` (send
also what an earlier run that was cut has sent). `tally config` keeps settings for all of them; an
option goes before the environment, that before the network that runs in this folder
(`.tally/network.json`), and that before the settings file. See
[errors and exit codes](errors.md).
"""


def page() -> str:
    """Returns the whole page."""
    return HEAD + "\n" + "\n".join(walk("tally", tally)).rstrip() + "\n"


def skeleton() -> str:
    """Returns what a shell's completion reads, a line for each command's option."""
    return json.dumps(described(tally), indent=1) + "\n"


def main() -> None:
    """Writes the page and what completion reads."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page())
    SKELETON.write_text(skeleton())


if __name__ == "__main__":
    main()
