"""`tally train pay`: posts what a model's final rounds owe and no root pays yet."""

from __future__ import annotations

import click

from registry.cli.options import ADDRESS, Session, session_options
from registry.errors import RoundError
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.store_blobs import StoreBlobs
from trainer.coordinator.paying import post_due
from trainer.protocol.round_state import RoundState

__all__ = ["pay"]


@click.command()
@click.argument("name")
@click.option("--token", type=ADDRESS, help="The token's address; RewardToken without it.")
@session_options
def pay(session: Session, name: str, token: str | None) -> None:
    """Post what the final rounds of the model NAME owe and no payout root pays yet.

    Conducting a round does it too, unless an earlier root waits for its activation: that one isn't
    replaced, as its wait would begin anew. Run this when it is in use.
    """
    with session.client() as client:
        chosen = token or client.connection.deployment.address("RewardToken")
        board, model = RegistryBoard(client), client.model(name)
        newest = _newest(board, model.model_id, chosen)
        moment = post_due(board, StoreBlobs(client.connection.store), newest)
        paid = sum(board.cumulative_payouts(model.model_id, chosen).values())
    told = f"{name}: the newest root pays {paid} in all"
    if moment:
        told += f"; it waits until {moment} (seconds since 1970): run this again then"
    data = {"model": name, "total": str(paid), "waitsUntil": moment or None}
    session.output.result(data, told)


def _newest(board: RegistryBoard, model_id: bytes, token: str) -> RoundState:
    """Returns the newest final round with a budget in a token.

    Raises:
        RoundError: there is none.
    """
    for round_id in reversed(board.rounds_of(model_id)):
        state = board.state(round_id)
        if state.finalised and state.terms.reward_budget and state.terms.reward_token == token:
            return state
    raise RoundError(
        f"no final round with a budget in token {token}: there is nothing to pay; see "
        "`tally reward show`"
    )
