"""Posts what a model's final rounds owe in one token, as cumulative amounts (P-3, P-8).

One round's document never stops the pay of another: what a round owes whose document no source
gives isn't known yet, so it is left out of this root, and comes into one that is posted once the
document is found. No root lowers what a root before it pays.
"""

from __future__ import annotations

import logging

from registry.errors import BlobNotFound, ConfigError
from trainer.named_documents import fetch_owed
from trainer.ports import BlobStore, PaidOff, RoundBoard
from trainer.rounds import RoundState

__all__ = ["post_due"]

_log = logging.getLogger(__name__)


def post_due(board: RoundBoard, blobs: BlobStore, newest: RoundState) -> None:
    """Posts the amounts that are due once a round is final, unless they are posted already.

    Args:
        board: seen by the model's owner or a publisher.
        blobs: where result documents come from.
        newest: the round that became final; its own document has to be there.

    Raises:
        BlobNotFound: this round's document is missing, or that of a round that was paid already.
        StoreUnavailable: storage gave no answer; run again.
    """
    model_id, token = newest.terms.model_id, newest.terms.reward_token
    paid_off = board.paid_off(model_id, token)
    if newest.round_id in paid_off.rounds:
        return  # a sweep took what nobody had claimed of it (P-6)
    due, unknown = _due(board, blobs, newest, paid_off)
    paid = _paid(board, model_id, token, unknown)
    if unknown is not None and any(due.get(who, 0) < amount for who, amount in paid.items()):
        raise unknown  # the newest root counts that round: without it somebody's pay would shrink
    if due and due != paid:
        board.post_payouts(model_id, token, due)


def _due(
    board: RoundBoard, blobs: BlobStore, newest: RoundState, paid_off: PaidOff
) -> tuple[dict[str, int], BlobNotFound | None]:
    """Returns what the known rounds owe together, and why one isn't known.

    After a sweep it is what was claimed by then, and the shares of rounds final after it (P-6).
    """
    due = {address: amount for address, amount in paid_off.amounts.items() if amount}
    unknown: BlobNotFound | None = None
    for round_id in board.rounds_of(newest.terms.model_id):
        if round_id in paid_off.rounds:
            continue
        state = board.state(round_id)
        if not state.finalised or state.terms.reward_token != newest.terms.reward_token:
            continue
        try:
            shares = fetch_owed(blobs, state)
        except BlobNotFound as error:
            if round_id == newest.round_id:
                raise
            unknown = error
            _log.warning(
                f"round {state.number} is left out of the payouts: no source has its result "
                f"document ({error}); store it, and the next root pays it"
            )
            continue
        for address, share in shares.items():
            if share:
                due[address] = due.get(address, 0) + share
    return due, unknown


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
