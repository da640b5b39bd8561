"""The options that every command takes, before it or after it: `tally --rpc X model list`.

A command and the groups above it put what they are given into one mapping; what stands nearest to
the command's end counts. The groups take them without a line of help: those of the root have one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from registry.cli.notices import set_notices
from registry.cli.output import Output

__all__ = [
    "SHARED_NAMES",
    "add_shared_options",
    "given_options",
    "hidden_shared_options",
    "output_options",
    "requested_output",
    "shared_options",
]

F = TypeVar("F", bound=Callable[..., Any])


def given_options() -> dict[str, Any]:
    """Returns what was given of the shared options, by parameter name."""
    found: dict[str, Any] = click.get_current_context().ensure_object(dict)
    return found


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    if value is not None and value is not False:
        context.ensure_object(dict)[parameter.name] = value
    return value


def _option(*names: str, **attributes: Any) -> Callable[[F], F]:
    return click.option(*names, expose_value=False, callback=_keep, **attributes)


def _output_options(hidden: bool) -> list[Callable[[Any], Any]]:
    return [
        _option("--json", "as_json", is_flag=True, hidden=hidden, help="Print JSON for scripts."),
        _option(
            "--wide", is_flag=True, hidden=hidden, help="Show accounts and digests whole in tables."
        ),
        _option(
            "-q", "--quiet", is_flag=True, hidden=hidden, help="Print results and errors alone."
        ),
        _option(
            "-v",
            "--verbose",
            is_flag=True,
            hidden=hidden,
            help="Tell what is used and sent, on standard error.",
        ),
    ]


def _chain_options(hidden: bool) -> list[Callable[[Any], Any]]:
    path = click.Path(path_type=Path)
    return [
        _option(
            "--rpc",
            hidden=hidden,
            help="The chain's RPC address: http, ws or an IPC path. [TALLY_RPC]",
        ),
        _option(
            "--storage",
            hidden=hidden,
            help="An IPFS node's RPC address, or a folder. [TALLY_STORAGE]",
        ),
        _option(
            "--deployments",
            type=path,
            hidden=hidden,
            help="The folder with <chainId>.json. [TALLY_DEPLOYMENTS]",
        ),
        _option(
            "--keystore",
            type=path,
            hidden=hidden,
            help="A keystore-v3 file to sign with. [TALLY_KEYSTORE, or TALLY_KEY]",
        ),
        _option(
            "--confirmations",
            type=int,
            hidden=hidden,
            help="Blocks to wait for on top of a transaction's, where blocks come by themselves. "
            "[TALLY_CONFIRMATIONS]",
        ),
        _option("--max-fee", hidden=hidden, help="The most gwei per gas to offer. [TALLY_MAX_FEE]"),
        _option(
            "--again",
            is_flag=True,
            hidden=hidden,
            help="Send also what an earlier run that was cut has sent.",
        ),
    ]


def _added(command: Any, options: Sequence[Callable[[Any], Any]]) -> Any:
    for option in reversed(options):
        command = option(command)
    return command


def output_options(command: F) -> F:
    """Adds the options of what is printed."""
    added: F = _added(command, _output_options(hidden=False))
    return added


def shared_options(command: F) -> F:
    """Adds the options of what is printed and of what is worked with."""
    added: F = _added(command, [*_output_options(hidden=False), *_chain_options(hidden=False)])
    return added


def add_shared_options(command: click.Command, *, output_alone: bool) -> None:
    """Adds them to a command that is made already."""
    added = output_options if output_alone else shared_options
    holder = click.Command("options")
    added(holder)
    command.params.extend(holder.params)


def hidden_shared_options(group: click.Group) -> None:
    """Adds them to a group that hasn't them yet, without lines of help."""
    known = {parameter.name for parameter in group.params}
    if "as_json" in known:
        return
    holder = click.Command("options")
    _added(holder, [*_output_options(hidden=True), *_chain_options(hidden=True)])
    group.params.extend(holder.params)


_HOLDER = click.Command("options")
_added(_HOLDER, [*_output_options(hidden=False), *_chain_options(hidden=False)])
SHARED_NAMES = frozenset(parameter.name for parameter in _HOLDER.params)
"""The parameter names of the shared options."""


def requested_output() -> Output:
    """Returns the output that the options ask for; notices go by them as well from now on.

    Raises:
        UsageError: both less and more were asked for.
    """
    given = given_options()
    quiet, verbose = bool(given.get("quiet")), bool(given.get("verbose"))
    if quiet and verbose:
        raise click.UsageError("expected --quiet or --verbose, got both")
    set_notices(quiet=quiet, verbose=verbose)
    return Output(bool(given.get("as_json")), wide=bool(given.get("wide")), quiet=quiet)
