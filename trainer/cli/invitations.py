"""The options that say who is invited to rounds."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from registry.client import RegistryClient
from registry.documents.allow_list import AllowList, read_addresses
from registry.errors import ConfigError
from trainer.adapters.registry_board import RegistryBoard
from trainer.coordinator.federation_options import FederationOptions
from trainer.coordinator.participant_selection import Requirements, Selection, read_declarations
from trainer.coordinator.round_loop import Invitations

__all__ = ["check_invitations", "invitation_options", "invitations_of"]

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_OPTIONS = (
    click.option(
        "--fraction-fit", default=1.0, show_default=True, help="Of --participants, a round."
    ),
    click.option(
        "--participants",
        type=_FILE,
        help="A file with one address a line: only they may take part.",
    ),
    click.option(
        "--sampling-seed", default=0, show_default=True, help="Of the draw of participants."
    ),
    click.option(
        "--over-selection",
        default="1",
        show_default=True,
        help="Invite so many for each that is needed: 1.3 bears a quarter that drops out.",
    ),
    click.option(
        "--declarations",
        type=_FILE,
        help="A JSON file: what participants declare of memory, power, network and their hours.",
    ),
    click.option(
        "--require",
        multiple=True,
        help="Of --declarations: memory_mib=2048, accelerators=1, mains, unmetered.",
    ),
    click.option(
        "--least-reliability",
        default="0",
        show_default=True,
        help="Of --declarations: the least part of past seats that were kept to the reveal.",
    ),
)


def invitation_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def check_invitations(options: dict[str, Any], federation: FederationOptions) -> None:
    """Refuses options that don't go together, or that nothing reads.

    Raises:
        ConfigError: one of these.
    """
    over = _fraction("--over-selection", options["over_selection"])
    if over < 1:
        raise ConfigError(f"--over-selection: expected at least 1, got {over}")
    _fraction("--least-reliability", options["least_reliability"])
    _requirements(options["require"])
    if options["declarations"] is not None:
        return
    if options["require"] or options["least_reliability"] != "0":
        raise ConfigError("--require: of what? Give --declarations FILE")
    if options["participants"] is None and (federation.fraction_fit < 1 or over > 1):
        raise ConfigError("--fraction-fit: a part of whom? Name them with --participants FILE")


def invitations_of(
    client: RegistryClient, name: str, options: dict[str, Any], federation: FederationOptions
) -> Invitations | None:
    """Returns who is invited, by options that `check_invitations` let through; None for anyone.

    Raises:
        ConfigError: a file of participants or declarations that isn't one.
    """
    listed, declared = options["participants"], options["declarations"]
    over = _fraction("--over-selection", options["over_selection"])
    if declared is None:
        if listed is None:
            return None
        addresses = read_addresses(listed)
        return Invitations(addresses, federation, options["sampling_seed"], None, over)
    told = read_declarations(declared)
    available = AllowList.of(told) if listed is None else read_addresses(listed)
    selection = Selection(
        RegistryBoard(client),
        client.model(name).model_id,
        told,
        _requirements(options["require"]),
        _fraction("--least-reliability", options["least_reliability"]),
        3 * options["phase_seconds"],
    )
    return Invitations(available, federation, options["sampling_seed"], selection, over)


def _requirements(texts: tuple[str, ...]) -> Requirements:
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        is_number = name in ("memory_mib", "accelerators")
        if name not in ("memory_mib", "accelerators", "mains", "unmetered") or (
            is_number != bool(equals) or (is_number and not value.isdecimal())
        ):
            raise ConfigError(
                "--require: expected memory_mib=N, accelerators=N, mains or unmetered, "
                f"got {text!r}"
            )
        found[name] = int(value) if is_number else True
    return Requirements(**found)


def _fraction(option: str, text: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ConfigError(f"{option}: expected a number such as 1.3, got {text!r}") from None
