"""Payouts: cumulative roots posted for a model and token, and claims against them (P-3 to P-6)."""

from __future__ import annotations

from registry.addresses import address_order
from registry.chain.bindings.payout_distributor import PayoutDistributor
from registry.documents.payouts import payout_document, payout_tree, read_payout_document
from registry.errors import ConfigError
from registry.index import DistributionRecord, PostedRoot
from registry.storage import get_document, put_document
from registry.types import Model
from registry.usecases.connection import Connection

__all__ = ["Payouts"]


class Payouts:
    """Posts payout roots, claims from them, and sweeps what nobody claims."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def _contract(self) -> PayoutDistributor:
        return self._connection.chain.payout_distributor

    def distribution(self, model: Model, token: str) -> DistributionRecord:
        """Returns what a model has paid and owes in a token."""
        ledger = self._connection.state().payouts
        return ledger.distributions.get((model.model_id, token), DistributionRecord())

    def cumulative(self, posted: PostedRoot) -> dict[str, int]:
        """Returns the amounts under a posted root, from storage.

        Raises:
            ConfigError: the stored document doesn't give that root.
        """
        store = self._connection.store
        amounts = read_payout_document(get_document(store, posted.document_digest))
        if payout_tree(amounts).root != posted.root:
            raise ConfigError(
                f"the payout document of root 0x{posted.root.hex()} gives another root"
            )
        return amounts

    def newest(self, model: Model, token: str) -> PostedRoot | None:
        """Returns the root that pays next: the waiting one unless its poster lost its role (P-5).

        Without one that waits, the current root; None before the first one and after a sweep.
        """
        state = self._connection.state()
        distribution, now = self.distribution(model, token), state.catalogue.models[model.model_id]
        waiting = distribution.waiting
        if waiting is not None and waiting.poster in {now.owner, *now.publishers}:
            return waiting
        return distribution.current

    def waits_until(self, model: Model, token: str) -> int:
        """Returns when the newest root comes into use, in seconds since 1970; 0: it is, or none."""
        newest, current = self.newest(model, token), self.distribution(model, token).current
        if newest is None or newest is current or newest.activates_at <= self._now():
            return 0
        return newest.activates_at

    def base(self, model: Model, token: str) -> tuple[dict[str, int], frozenset[bytes]]:
        """Returns what amounts begin with, and the rounds that owe no more: the last sweep's (P-6).

        Only rounds that TrainingRounds conducted count: anybody may fund under a round's name.
        """
        base = self.distribution(model, token).base
        rounds = self._connection.chain.training_rounds.address
        paid_off = frozenset(round_id for who, round_id in base.rounds if who == rounds)
        return dict(base.claimed), paid_off

    def post(self, model: Model, token: str, cumulative: dict[str, int]) -> bytes:
        """Stores the document and posts the root, unless the newest is that one; returns the root.

        Raises:
            Reverted: not the owner or a publisher, or the total exceeds the funding.
        """
        document = payout_document(cumulative)
        root: bytes = payout_tree(cumulative).root
        newest = self.newest(model, token)
        digest = put_document(self._connection.store, document)
        # The right root with another document is posted again: nobody could claim by that one.
        if newest is not None and (newest.root, newest.document_digest) == (root, digest):
            return root
        total = sum(cumulative.values())
        self._contract.post_root(model.model_id, token, root, total, digest).send()
        return root

    def cancel(self, model: Model, token: str) -> None:
        """Drops the root that waits, for the model's owner.

        Raises:
            Reverted: none waits, its time has come, or not the owner.
        """
        self._contract.cancel_root(model.model_id, token).send()

    def announce_sweep(self, model: Model, token: str) -> int:
        """Announces a sweep for the owner; returns when claims end, in seconds since 1970.

        Raises:
            Reverted: no root is current, one waits, or not the owner.
        """
        self._contract.announce_sweep(model.model_id, token).send()
        return self.distribution(model, token).claims_end

    def sweep(self, model: Model, token: str, to: str) -> int:
        """Takes what nobody claimed until the announced end; returns the amount sent to `to`.

        Raises:
            Reverted: not announced, claims are open still, nothing is left, or not the owner.
        """
        before = self.distribution(model, token).swept
        self._contract.sweep(model.model_id, token, to).send()
        return self.distribution(model, token).swept - before

    def claim(self, model: Model, token: str, account: str) -> int:
        """Claims for an account what is new under the root in force; returns the amount paid.

        Anyone may claim on behalf: the contract pays the account in the leaf.

        Raises:
            ConfigError: the model has no payout root in that token.
            Reverted: all that is due is under a root that isn't active yet.
        """
        newest, current = self.newest(model, token), self.distribution(model, token).current
        if newest is None:
            raise ConfigError(
                f"{model.slug} has no payout root in token {token}; see `tally reward show`"
            )
        roots = [newest] if newest.activates_at <= self._now() else [current, newest]
        for posted in roots:
            due = 0 if posted is None else self._due(model, token, account, posted)
            if posted is not None and due > 0:
                self._claim(model, token, account, posted)
                return due
        return 0

    def _now(self) -> int:
        """Returns the next block's time, as the node tells it."""
        return int(self._connection.gateway.block("pending")["timestamp"], 16)

    def _due(self, model: Model, token: str, account: str, posted: PostedRoot) -> int:
        claimed = self.distribution(model, token).claimed.get(account, 0)
        return max(0, self.cumulative(posted).get(account, 0) - claimed)

    def _claim(self, model: Model, token: str, account: str, posted: PostedRoot) -> None:
        amounts = self.cumulative(posted)
        tree = payout_tree(amounts)
        position = sorted(amounts, key=address_order).index(account)
        proof = tree.proof(position)
        leaf = posted.root, account, amounts[account]
        self._contract.claim(model.model_id, token, *leaf, proof).send()
