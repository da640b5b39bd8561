"""Pots of rounds under stake on the chain, divided by what was settled (P-7).

Without a panel nobody posts who gets what: the contract recomputes it from the settled tree.
Whoever calls pays for gas alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from registry.addresses import address_order
from registry.chain.bindings import weighted_payouts as contracts
from registry.chain.bindings.structs import Group
from registry.chain.token import approve
from registry.chain.transactions import Intent
from registry.documents.payouts import payout_tree, read_payout_document
from registry.errors import KeyNeeded, RoundError
from registry.fraud_proofs.nodes import Children, Path, children_hash
from registry.fraud_proofs.trees import Tree
from registry.index import PotRecord, ProposalRecord
from registry.storage import get_document
from registry.types import RoundId
from registry.usecases.connection import Connection
from registry.usecases.staked_rounds import StakedRounds

__all__ = ["WeightedPayouts"]


class WeightedPayouts:
    """Funds pots and pays them out, for one account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._staked = StakedRounds(connection)

    @property
    def _contract(self) -> contracts.WeightedPayouts:
        return self._connection.chain.weighted_payouts

    def token(self, token: str | None = None) -> str:
        """Returns a token's address; RewardToken's without one."""
        return token or self._connection.deployment.address("RewardToken")

    def pot(self, round_id: RoundId, token: str | None = None) -> PotRecord:
        """Returns a round's pot in a token."""
        return self._connection.state().pots.of(round_id, self.token(token))

    def fund(self, round_id: RoundId, amount: int, token: str | None = None) -> None:
        """Adds to a round's pot; it is approved for exactly.

        Raises:
            ConfigError: no staked round.
            Reverted: the round is over.
            KeyNeeded: no key was given.
        """
        if self._connection.sender is None:
            raise KeyNeeded
        kind, record = self.token(token), self._staked.record(round_id)
        pots = self._contract
        approved = partial(
            approve, self._connection.gateway, self._connection.sender, kind, pots.address, amount
        )
        pots.fund(record.round_id, kind, amount).send(intent=Intent(first=approved))

    def due(self, round_id: RoundId, token: str | None = None) -> dict[str, int]:
        """Returns what each participant gets of a settled round's pot, paid or not.

        Raises:
            RoundError: the round isn't settled.
        """
        amount, weight = (
            self.pot(round_id, token).amount,
            self._settled(round_id).proposal.top.weight,
        )
        leaves = self._staked.counted(round_id)
        return {leaf.participant: amount * leaf.weight // weight for leaf in leaves}

    def pay(
        self, round_id: RoundId, token: str | None = None, tree: Tree | None = None
    ) -> list[str]:
        """Pays everybody who isn't paid yet, then the rest to the sponsor; returns who was paid.

        Up to 32 participants are paid by one transaction.

        Args:
            round_id: 32 bytes.
            token: RewardToken's without it.
            tree: of the settled proposal; more than 32 updates have inner nodes, which only the
                trainer works out again.

        Raises:
            RoundError: the round isn't settled, its pot is empty, or the tree is another.
        """
        kind, settled = self.token(token), self._settled(round_id)
        pot = self.pot(round_id, kind)
        if not pot.amount:
            raise RoundError("the pot is empty: nobody funded it before the round was over")
        done: list[str] = []
        for path, children in self._groups(round_id, settled, tree):
            waiting = [leaf.participant not in pot.paid for leaf in children.leaves]
            if any(waiting):
                which = sum(1 << place for place, waits in enumerate(waiting) if waits)
                group = Group(path, children.leaves, which)
                self._contract.pay(round_id, kind, settled.proposal, group).send()
                pairs = zip(children.leaves, waiting, strict=True)
                done += [leaf.participant for leaf, waits in pairs if waits]
        if self.pot(round_id, kind).rest is None:
            self._contract.return_remainder(round_id, kind, settled.proposal).send()
        return done

    def pay_by_root(
        self, round_id: RoundId, amounts: Mapping[str, int], token: str | None = None
    ) -> list[str]:
        """Pays everybody whom an attested payout root names and who isn't paid; returns whom.

        Args:
            round_id: 32 bytes.
            amounts: by address, as the payout document has them.
            token: RewardToken's without it.

        Raises:
            RoundError: the round isn't settled, has no payout root, or another one.
        """
        kind, settled = self.token(token), self._settled(round_id)
        paying = sorted(
            (a for a, n in amounts.items() if n > 0), key=address_order
        )  # as the tree has
        tree = payout_tree(amounts)
        if tree.root != settled.proposal.payout_root:
            raise RoundError(
                f"expected amounts under the settled root 0x{settled.proposal.payout_root.hex()}, "
                f"got those of 0x{tree.root.hex()}"
            )
        done = []
        for position, account in enumerate(paying):
            if account not in self.pot(round_id, kind).paid:
                leaf = account, amounts[account], tree.proof(position)
                self._contract.pay_by_root(round_id, kind, settled.proposal, *leaf).send()
                done.append(account)
        if self.pot(round_id, kind).rest is None:
            self._contract.return_remainder(round_id, kind, settled.proposal).send()
        return done

    def pay_settled(self, round_id: RoundId, token: str | None = None) -> list[str]:
        """Pays a settled round's pot by what it settled; returns who was paid.

        Raises:
            RoundError: the round isn't settled, its pot is empty, or the tree is another.
            BlobNotFound: nobody gives the payout document.
            ConfigError: the payout document isn't one.
        """
        proposal = self._settled(round_id).proposal
        if not any(proposal.payout_root):
            return self.pay(round_id, token)
        document = get_document(self._connection.store, proposal.payout_document)
        amounts = read_payout_document(document)
        return self.pay_by_root(round_id, amounts, token)

    def collect(self, token: str | None = None, account: str | None = None) -> int:
        """Sends an account what a token refused to send before; returns the amount."""
        whom, kind = account or self._connection.account, self.token(token)
        amount = self._connection.state().pots.kept.get((kind, whom), 0)
        if amount:
            self._contract.collect(kind, whom).send()
        return amount

    def refund(self, round_id: RoundId, token: str | None = None, funder: str | None = None) -> int:
        """Gives a funder its part of a voided round's pot back; returns the amount.

        Raises:
            Reverted: the round isn't voided.
        """
        whom, kind = funder or self._connection.account, self.token(token)
        amount = self.pot(round_id, kind).funded.get(whom, 0)
        if amount:
            self._contract.refund(round_id, kind, whom).send()
        return amount

    def _settled(self, round_id: RoundId) -> ProposalRecord:
        record = self._staked.record(round_id)
        if not record.settled or record.standing is None:
            raise RoundError("nothing is paid by weight before the round is settled")
        return record.standing

    def _groups(
        self, round_id: RoundId, settled: ProposalRecord, tree: Tree | None
    ) -> list[tuple[Path, Children]]:
        """Returns the nodes above leaves, with the ways to them."""
        top, leaves = settled.proposal.top, tuple(self._staked.counted(round_id))
        if tree is not None:
            if tree.top != top:
                raise RoundError("expected the tree of the settled proposal, got another")
            size = range(len(tree.levels[0]))
            return [(tree.path(0, at), tree.children(0, at)) for at in size]
        children = Children(leaves)
        if children_hash(children.hashes) != top.children_hash:
            raise RoundError(
                f"the tree over {top.count} updates has inner nodes: pay with the tree that "
                "trainer.staked works out"
            )
        return [(Path.of(top), children)]
