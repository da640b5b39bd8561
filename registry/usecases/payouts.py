"""Payouts: cumulative roots posted for a model and token, and claims against them (P-3 to P-6)."""

from __future__ import annotations

from registry.errors import ConfigError
from registry.index import DistributionRecord, PostedRoot
from registry.payout_document import payout_document, payout_tree, read_payout_document
from registry.storage import RAW, Cid
from registry.types import Model
from registry.usecases.connection import Connection

__all__ = ["Payouts"]


class Payouts:
    """Posts payout roots and claims from them."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def distribution(self, model: Model, token: str) -> DistributionRecord:
        """Returns what a model has paid and owes in a token."""
        ledger = self._on.state().payouts
        return ledger.distributions.get((model.model_id, token), DistributionRecord())

    def cumulative(self, posted: PostedRoot) -> dict[str, int]:
        """Returns the amounts under a posted root, from storage.

        Raises:
            ConfigError: the stored document doesn't give that root.
        """
        store = self._on.store
        amounts = read_payout_document(store.get_block(Cid(RAW, posted.document_digest)))
        if payout_tree(amounts).root != posted.root:
            raise ConfigError(
                f"the payout document of root 0x{posted.root.hex()} gives another root"
            )
        return amounts

    def post(self, model: Model, token: str, cumulative: dict[str, int]) -> bytes:
        """Stores the document and posts the root, unless it is posted already; returns the root.

        Raises:
            Reverted: not the owner or a publisher, or the total exceeds the funding.
        """
        document = payout_document(cumulative)
        root: bytes = payout_tree(cumulative).root
        if any(r.root == root for r in self.distribution(model, token).roots):
            return root
        cid = self._on.store.put_block(document, RAW)
        self._on.store.pin(cid)
        total = sum(cumulative.values())
        self._on.contracts["PayoutDistributor"].write(
            "postRoot", model.model_id, token, root, total, cid.digest
        )
        return root

    def claimable(self, model: Model, token: str, account: str) -> int:
        """Returns what an account could claim from the newest root, active yet or not."""
        distribution = self.distribution(model, token)
        if distribution.newest is None:
            return 0
        amount = self.cumulative(distribution.newest).get(account, 0)
        return max(0, amount - distribution.claimed.get(account, 0))

    def claim(self, model: Model, token: str, account: str) -> int:
        """Claims for an account what is new under the newest root; returns the amount paid.

        Anyone may claim on behalf: the contract pays the account in the leaf.
        """
        distribution = self.distribution(model, token)
        posted = distribution.newest
        if posted is None:
            raise ConfigError(f"{model.slug} has no payout root in token {token}")
        amounts = self.cumulative(posted)
        due = amounts.get(account, 0) - distribution.claimed.get(account, 0)
        if due <= 0:
            return 0
        tree = payout_tree(amounts)
        position = [a for a, n in sorted(amounts.items(), key=lambda i: int(i[0], 16))].index(
            account
        )
        self._on.contracts["PayoutDistributor"].write(
            "claim",
            model.model_id,
            token,
            posted.root,
            account,
            amounts[account],
            tree.proof(position),
        )
        return due
