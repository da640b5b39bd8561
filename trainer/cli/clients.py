"""The options that name a participant's own code and data, and what they come to."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

from registry.cli.options import Session
from trainer.cli.options import PERSONAL
from trainer.training.client_choice import ClientChoice

__all__ = ["CLIENT_HELP", "choice_of", "client_options", "personal_folder"]

CLIENT_HELP = (
    "Your class: package.module:Class, or path/to/file.py:Class; or a Flower ClientApp: module:app."
)
_OPTIONS = (
    click.option(
        "--client",
        "reference",
        required=True,
        help=CLIENT_HELP,
    ),
    click.option(
        "--model",
        help="A torch module, as of --client: then --client is your function train(model, data).",
    ),
    click.option(
        "--data",
        type=click.Path(path_type=Path),
        required=True,
        help="Given to the class; for an app, its node's TOML.",
    ),
    click.option("--personal", help="fedper:head=PATTERN, ditto:strength=0.1 or ifca."),
    click.option(
        "--threads",
        type=click.IntRange(min=0),
        default=0,
        help="Threads for torch; all cores without it.",
    ),
)


def client_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def choice_of(options: dict[str, Any]) -> ClientChoice:
    """Returns the client that the options name, and gives torch the threads that they say."""
    import torch  # much to load, which help does without

    if options["threads"]:
        torch.set_num_threads(options["threads"])
    own = options["reference"], options["data"], options["personal"], options["model"]
    return ClientChoice(*own, _adapted)


def _adapted(found: object) -> Callable[..., Any] | None:
    """Returns what makes a client of another framework's object; None for what isn't one.

    A framework is loaded for its own objects alone: its entry point bears its package's name.
    """
    package = type(found).__module__.partition(".")[0]
    for point in entry_points(group="tallystick.clients", name=package):
        maker: Callable[..., Any] | None = point.load()(found)
        return maker
    return None


def personal_folder(session: Session, account: str, model_id: bytes) -> Path:
    """Returns where what an account keeps for itself of a model lies."""
    return session.settings.state / PERSONAL / account.lower() / model_id.hex()
