"""What a participant earned in a round, and when it can be claimed."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.documents.fetching import fetch_owed
from trainer.ports import RoundContext
from trainer.protocol.round_state import RoundState

__all__ = ["Earned", "earned_in"]


@dataclass(frozen=True)
class Earned:
    """What a result owes one participant.

    Args:
        amount: in the token's smallest unit; 0 for an update that doesn't count.
        token: its address.
        final: whether the result can't be challenged any more.
        claimable: from when it can be claimed, in seconds since 1970; 0: now, or as soon as the
            coordinator has posted it.
    """

    amount: int
    token: str
    final: bool
    claimable: int


def earned_in(context: RoundContext, state: RoundState, address: str) -> Earned | None:
    """Returns what a round owes an address; None before there is a result, or without a budget.

    Raises:
        StorageError: the result's document can't be had.
    """
    terms = state.terms
    if state.result is None or state.voided or not terms.reward_budget:
        return None
    owed = fetch_owed(context.blobs, state).get(address, 0)
    claimable = state.challenge_ends_at
    if state.finalised:
        claimable = context.board.payouts_wait_until(terms.model_id, terms.reward_token)
    return Earned(owed, terms.reward_token, state.finalised, claimable)
