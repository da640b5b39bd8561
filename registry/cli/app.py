"""The root command: gathers the nouns, and turns errors into one line and an exit code.

Exit codes: 0 done; 1 other failure; 2 bad argument, setting or file; 3 chain; 4 a contract
refused; 5 storage; 6 manifest; 7 signature or decryption; 8 the audit found a divergence;
9 training; 10 the audit found odd records alone; 11 too few took part in rounds; 129 hung up;
130 interrupted; 141 nobody reads the output; 143 terminated.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from typing import Any

import click

from registry.cli.failures import report, told
from registry.cli.lazy_commands import LazyCommand, LazyGroup
from registry.cli.shared_options import output_options, requested_output, shared_options
from registry.cli.streams import open_streams
from registry.cli.termination import leave_on_termination
from registry.cli.usage import require_no_empty_word
from registry.errors import TallystickError

__all__ = ["main", "tally"]


class _Root(LazyGroup):
    """A group that also finds the commands that installed extras add (`train`, `demo`)."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Reads the options; a failure of the system is one of ours from here on."""
        require_no_empty_word(args)
        try:
            return super().make_context(info_name, args, parent, **extra)
        except OSError as error:
            raise told(error) from error

    def invoke(self, context: click.Context) -> Any:
        """Runs the command; a failure of the system is one of ours from here on."""
        try:
            return super().invoke(context)
        except OSError as error:
            raise told(error) from error

    def list_commands(self, context: click.Context) -> list[str]:
        extra = {point.name for point in entry_points(group="tallystick.commands")}
        return sorted({*super().list_commands(context), *extra})

    def find(self, context: click.Context, name: str) -> click.Command | None:
        own = super().find(context, name)
        if own is not None:
            return own
        for point in entry_points(group="tallystick.commands", name=name):
            try:
                found: click.Command = point.load()
            except ModuleNotFoundError as error:
                return _missing(name, error.name or "a package")
            return found
        return None


def _missing(name: str, module: str) -> click.Command:
    """Returns a command that says how to install what it needs."""

    @click.command(name, context_settings={"ignore_unknown_options": True})
    @click.argument("rest", nargs=-1)
    def explain(rest: tuple[str, ...]) -> None:
        raise TallystickError(f"`tally {name}` needs {module}: pip install 'tallystick[trainer]'")

    explain.short_help = "needs the [trainer] extra"
    return explain


@click.group(
    cls=_Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=(
        "Exit codes: 2 argument or setting, 3 chain, 4 contract refused, 5 storage, 6 manifest, "
        "7 signature or key, 8 audit, 9 training, 10 odd records, 11 no participants."
    ),
)
@click.version_option(package_name="tallystick", prog_name="tally")
@shared_options
def tally() -> None:
    """Tallystick: a model registry whose provenance and payouts anyone can recompute."""


@tally.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@output_options
def completion(shell: str) -> None:
    """Print the completion script of a shell, e.g. eval "$(tally completion bash)"."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        return
    script, output = kind(tally, {}, "tally", _COMPLETION).source(), requested_output()
    if output.as_json:
        output.result({"script": script}, "")
    else:
        click.echo(script)


_SUMMARIES = {
    "access": "Who may read a private model.",
    "account": "Keys and funds.",
    "audit": "Check everything from events and content alone; exit with 8 if something is wrong.",
    "channel": "Movable names for versions, e.g. production.",
    "config": "Settings: where the chain, the storage and the key are, kept for every command.",
    "deploy": "Deploy the contracts, or finish a deployment that was cut.",
    "deployment": "Show, hand over and take over the file that says where the contracts are.",
    "dispute": "Proposals of staked rounds, proven faults, and questions that wait for an answer.",
    "doctor": "Say what is missing on this machine and how to get it.",
    "fetch": "Fetch NAME[@channel|:version] and verify every block and file of it.",
    "lineage": "Show what NAME[@channel|:version] comes from, and who took part.",
    "log": "Show all that happened to a model: when, who, what and why.",
    "model": "Registered models.",
    "name": "What short names mean: each is settled at its first use, for no stranger to change.",
    "publish": "Publish the folder PATH as a model's next version.",
    "reward": "What contributors are paid.",
    "round": "Training rounds (open and join them with `tally train`).",
    "stake": "Stake in the vault: put in, lent to controllers, taken out.",
    "store": "Look after your own storage.",
    "token": "Tokens: held, sent, approved. Amounts in smallest units.",
    "up": "Start a local chain (Anvil) and storage; stop both on Ctrl-C.",
    "verify": "Check the folder PATH against its manifest and, with --name, against the chain.",
    "version": "Versions of a model.",
}
_ELSEWHERE = {
    "fetch": "publish:fetch",
    "lineage": "audit:lineage",
    "round": "round:round_group",
    "verify": "publish:verify",
}
for _name, _summary in _SUMMARIES.items():
    _place = _ELSEWHERE.get(_name, f"{_name}:{_name}")
    tally.add_command(LazyCommand(_name, f"registry.cli.{_place}", _summary))


_COMPLETION = "_TALLY_COMPLETE"


def _complete(asked: str) -> int:
    """Answers a shell's TAB from the skeleton; a command that isn't in it is imported."""
    from click.shell_completion import shell_complete

    from registry.cli.skeleton import skeleton

    known = skeleton()
    for point in entry_points(group="tallystick.commands"):
        if point.name not in known.commands:
            known.add_command(point.load(), point.name)
    return shell_complete(known, {}, "tally", _COMPLETION, asked)


def main() -> None:
    """Runs the command line; ends the process with the documented exit code."""
    asked = os.environ.get(_COMPLETION)
    if asked:
        sys.exit(_complete(asked))
    leave_on_termination()
    open_streams()
    try:
        _run()
    except click.ClickException as error:
        report(error)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("tally: interrupted", err=True)
        sys.exit(130)
    except TallystickError as error:
        report(error)
        sys.exit(error.exit_code)


def _run() -> None:
    """Runs the command, and writes out what it printed: a full disk shows no sooner."""
    try:
        tally.main(prog_name="tally", standalone_mode=False)
        sys.stdout.flush()
    except OSError as error:
        raise told(error) from error
