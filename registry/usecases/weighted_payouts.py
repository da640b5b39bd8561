"""Payouts by weight on the chain: pots of rounds under stake (P-7).

Nobody posts who gets what: the contract recomputes it from the tree of the settled proposal.
Whoever calls pays for gas alone.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from registry.chain.token import approve
from registry.chain.transactions import Intent
from registry.errors import ConfigError, RoundError
from registry.index import PotRecord, ProposalRecord
from registry.round_nodes import Children, Path, children_hash
from registry.round_trees import Tree
from registry.stake_terms import words
from registry.types import RoundId
from registry.usecases.connection import Connection
from registry.usecases.staked_rounds import StakedRounds

__all__ = ["WeightedPayouts"]


class WeightedPayouts:
    """Funds pots and pays them out, for one account."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        self._staked = StakedRounds(connection)

    def _write(self, function: str, *arguments: Any) -> Any:
        return self._on.contracts["WeightedPayouts"].write(function, *arguments)

    def token(self, token: str | None = None) -> str:
        """Returns a token's address; RewardToken's without one."""
        return token or self._on.deployment.address("RewardToken")

    def pot(self, round_id: RoundId, token: str | None = None) -> PotRecord:
        """Returns a round's pot in a token."""
        return self._on.state().pots.of(round_id, self.token(token))

    def fund(self, round_id: RoundId, amount: int, token: str | None = None) -> None:
        """Adds to a round's pot; it is approved for exactly.

        Raises:
            ConfigError: no key, or no staked round.
            Reverted: the round is over.
        """
        if self._on.sender is None:
            raise ConfigError("a key is needed: set TALLY_KEYSTORE (a file) or TALLY_KEY")
        kind, record = self.token(token), self._staked.record(round_id)
        pots = self._on.contracts["WeightedPayouts"]
        approved = partial(approve, self._on.gateway, self._on.sender, kind, pots.address, amount)
        pots.write("fund", record.round_id, kind, amount, intent=Intent(first=approved))

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
        done = []
        for path, children in self._groups(round_id, settled, tree):
            for position, leaf in enumerate(children.leaves):
                if leaf.participant not in pot.paid:
                    place = words(path), list(children.hashes), position, words(leaf)
                    self._write("pay", round_id, kind, words(settled.proposal), *place)
                    done.append(leaf.participant)
        if self.pot(round_id, kind).rest is None:
            self._write("returnRest", round_id, kind, words(settled.proposal))
        return done

    def refund(self, round_id: RoundId, token: str | None = None, funder: str | None = None) -> int:
        """Gives a funder its part of a voided round's pot back; returns the amount.

        Raises:
            Reverted: the round isn't voided.
        """
        whom, kind = funder or self._on.account, self.token(token)
        amount = self.pot(round_id, kind).funded.get(whom, 0)
        if amount:
            self._write("refund", round_id, kind, whom)
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
