"""`tally train check`: whether this machine could take part, before a seat is taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from registry.cli.options import Session, session_options
from registry.client import RegistryClient
from registry.errors import StorageError, TallystickError, TrainingError
from registry.types import Phase
from trainer.cli.clients import choice_of, client_options, personal_folder
from trainer.cli.options import MAILBOX
from trainer.readiness.participation import Wishes, look_at_client, look_at_everything
from trainer.readiness.points import Checklist, Point
from trainer.training.client import Training
from trainer.training.client_choice import ClientChoice

__all__ = ["check", "line_of", "require_ready"]

_WIDTH = 11  # of the longest point's name


@click.command()
@click.argument("name")
@client_options
@click.option("--num-rounds", type=click.IntRange(min=1), default=1, show_default=True)
@click.option(
    "--stake",
    type=click.IntRange(min=0),
    default=0,
    help="The most that you would lock per round; none without it.",
)
@click.option("--fit", is_flag=True, help="Train one step as well, and look at what comes back.")
@MAILBOX
@session_options
def check(session: Session, name: str, **options: Any) -> None:
    """Look whether you could take part in rounds of the model NAME; take no seat.

    One line for each point: network, clock, storage, funds, model, data, class, constructor,
    shapes, dtypes, with --fit what one local step returns, and, where a round takes participants
    now, invitation and terms. Whatever is wrong says what was expected and what to do; what can't
    be told yet is "unseen". The exit code is 0, or that of the first wrong point: 9 of training, or
    its family's own.
    """
    choice = choice_of(options)
    points = Checklist(lambda point: session.output.line(line_of(point)))
    _look(session, name, choice, options, points)
    rows = [{"point": p.name, "state": p.state.value, "text": p.text} for p in points.points]
    wrong = [point.name for point in points.wrong]
    verdict = f"not ready: {', '.join(wrong)}" if wrong else f"ready to join rounds of {name}"
    session.output.result({"model": name, "ready": not wrong, "points": rows}, verdict)
    points.require()


def _look(
    session: Session,
    name: str,
    choice: ClientChoice,
    options: dict[str, Any],
    points: Checklist,
) -> None:
    """Looks at every point, or, where there is no chain or storage, at what needs neither."""
    try:
        client = session.client()
    except TallystickError as error:
        where = "storage" if isinstance(error, StorageError) else "network"
        points.look(where, _raising(error))
        # Where what is personal lies follows from the model, which isn't known.
        wishes = Wishes(name, choice, Path(session.settings.state))
        look_at_client(wishes, None, points)
        return
    with client:
        account = client.connection.account
        model_id = _model_id(client, name)
        wishes = Wishes(
            name,
            choice,
            personal_folder(session, account, model_id),
            rounds=options["num_rounds"],
            stake=options["stake"],
            pays_gas=options["mailbox"] is None,
            max_fee=session.settings.max_fee,
            fit=options["fit"],
        )
        look_at_everything(client, wishes, points)


def require_ready(session: Session, client: RegistryClient, wishes: Wishes) -> Training:
    """Returns the training of a participant that is about to join, if nothing is wrong.

    Args:
        session: the command's.
        client: of the account.
        wishes: what it is about to do.

    Raises:
        TallystickError: the first wrong point's own error; no seat was taken, nor had it one.
        TrainingError: nothing is wrong, and there is no client.
    """
    points = Checklist()
    training = look_at_everything(client, wishes, points)
    for point in points.wrong:
        session.output.line(line_of(point))
    inside = bool(points.wrong) and training is not None and _has_a_seat(client, wishes.name)
    if points.wrong and not inside:
        session.output.line("no seat was taken")
        points.require()
    if training is None:
        raise TrainingError("expected a client that trains, got none; see tally train check")
    done = "a round has this account's seat: going on all the same" if inside else "ready"
    session.output.line(f"{done}: {len(points.points)} points looked at (tally train check)")
    return training


def _has_a_seat(client: RegistryClient, name: str) -> bool:
    """Says whether the account is in a round that isn't over, and has to go on, ready or not.

    Who lacks ether now may still have to reveal, or to answer for a stake.
    """
    now = client.connection.gateway.timestamp()
    return any(
        client.account in record.enrolled
        and record.phase_at(now) not in (Phase.FINALISED, Phase.VOIDED)
        for record in client.rounds.of_model(client.model(name))
    )


def line_of(point: Point) -> str:
    """Returns a point as one line for people."""
    return f"{point.state.value:<6} {point.name:<{_WIDTH}} {point.text}"


def _raising(error: TallystickError) -> Callable[[], str]:
    def raise_it() -> str:
        raise error

    return raise_it


def _model_id(client: RegistryClient, name: str) -> bytes:
    """Returns a model's id; zeros where there is none, which the point `model` tells."""
    try:
        return client.model(name).model_id
    except TallystickError:
        return bytes(32)
