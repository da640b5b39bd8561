"""Posts what a model's final rounds owe in one token, as cumulative amounts (P-3, P-5, P-8).

One round's document never stops the pay of another: what a round owes whose document no source
gives isn't known yet, so it is left out of this root, and comes into one that is posted once the
document is found. No root lowers what a root before it pays.

A right root that waits for its activation isn't replaced: rounds that end faster than its delay
would begin it anew each time, and nobody would ever be paid. The next root pays what came since.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from registry.errors import BlobNotFound, ConfigError
from trainer.documents.fetching import fetch_owed
from trainer.ports import BlobStore, PaidOff, RoundBoard
from trainer.protocol.round_state import RoundState

__all__ = ["post_due"]

_log = logging.getLogger(__name__)


@dataclass
class _Due:
    """What is owed: in all, and after each round that is counted; why one isn't known."""

    amounts: dict[str, int]
    stages: list[dict[str, int]]
    unknown: BlobNotFound | None = None

    def add(self, shares: Mapping[str, int]) -> None:
        for address, share in shares.items():
            if share:
                self.amounts[address] = self.amounts.get(address, 0) + share
        self.stages.append(dict(self.amounts))


def post_due(board: RoundBoard, blobs: BlobStore, newest: RoundState) -> int:
    """Posts the amounts that are due once a round is final, unless they are posted already.

    Args:
        board: seen by the model's owner or a publisher.
        blobs: where result documents come from.
        newest: the round that became final; its own document has to be there.

    Returns:
        Until when an earlier root, which is right, has to come into use before these amounts are
        posted, in seconds since 1970; 0 if nothing is left to post.

    Raises:
        BlobNotFound: this round's document is missing, or that of a round that was paid already.
        StoreUnavailable: storage gave no answer; run again.
    """
    model_id, token = newest.terms.model_id, newest.terms.reward_token
    paid_off = board.paid_off(model_id, token)
    if newest.round_id in paid_off.rounds:
        return 0  # a sweep took what nobody had claimed of it (P-6)
    due = _due(board, blobs, newest, paid_off)
    paid = _paid(board, model_id, token, due.unknown)
    less = any(due.amounts.get(who, 0) < amount for who, amount in paid.items())
    if due.unknown is not None and less:
        raise due.unknown  # the newest root counts that round: somebody's pay would shrink
    if not due.amounts or due.amounts == paid:
        return 0
    moment = board.payouts_wait_until(model_id, token)
    if moment and paid in due.stages:
        _log.warning(
            f"a payout root waits until {moment}; what came since is paid by the next one: "
            "conduct another round after that, or run `tally train pay`"
        )
        return moment
    board.post_payouts(model_id, token, due.amounts)
    return 0


def _due(board: RoundBoard, blobs: BlobStore, newest: RoundState, paid_off: PaidOff) -> _Due:
    """Returns what the known rounds owe together.

    After a sweep it is what was claimed by then, and the shares of rounds final after it (P-6).
    """
    due = _Due({address: amount for address, amount in paid_off.amounts.items() if amount}, [])
    for round_id in board.rounds_of(newest.terms.model_id):
        if round_id in paid_off.rounds:
            continue
        state = board.state(round_id)
        if not state.finalised or state.terms.reward_token != newest.terms.reward_token:
            continue
        try:
            due.add(fetch_owed(blobs, state))
        except BlobNotFound as error:
            if round_id == newest.round_id:
                raise
            due.unknown = error
            _log.warning(
                f"round {state.number} is left out of the payouts: no source has its result "
                f"document ({error}); store it, and the next root pays it"
            )
    return due


def _paid(
    board: RoundBoard, model_id: bytes, token: str, unknown: BlobNotFound | None
) -> dict[str, int]:
    """Returns what the newest root pays.

    A root of which nobody can read the amounts stops no pay either, where all rounds are known: the
    sum of their shares is right whatever that root says.
    """
    try:
        return board.cumulative_payouts(model_id, token)
    except (BlobNotFound, ConfigError):
        if unknown is not None:
            raise
        return {}
