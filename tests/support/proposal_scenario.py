"""A staked round in memory: real updates in real blocks, no chain. Lies are told about its tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from registry.documents.batch_entries import Opening
from registry.fraud_proofs.stake_terms import AggregationRule, Proposal, StakeTerms
from registry.fraud_proofs.trees import Tree, children_hash
from registry.signing import Domain, LocalSigner, UpdateStatement
from registry.storage import MemoryStore
from trainer.adapters import StoreBlobs
from trainer.documents.update_folders import write_update
from trainer.protocol.round_state import RoundState
from trainer.staked.evidence import CountedUpdates
from trainer.staked.numerator_trees import Calculation
from trainer.staked.state import StakedState, StandingProposal
from trainer.staked.verdict import Observed
from trainer.types import IntVector, Lattice, RoundTerms
from trainer.vectors.vector_roots import vector_root

__all__ = [
    "ANSWER",
    "CERTIFIED",
    "CERTIFY",
    "DISPUTE",
    "ENDS",
    "ME",
    "NOW",
    "PROPOSER",
    "ROUND",
    "STRIKES_END",
    "ProposalScenario",
    "known_of",
    "people",
    "stake_terms",
]

NOW, CERTIFY, ANSWER, DISPUTE = 1_800_000_000, 50, 100, 600
CERTIFIED, STRIKES_END = NOW + CERTIFY, NOW + CERTIFY + 3 * ANSWER
ENDS = STRIKES_END + DISPUTE
ROUND = b"\x05" * 32
ME, PROPOSER = (LocalSigner.from_key((k).to_bytes(32, "big")).address for k in (901, 902))
TOKEN = "0x" + "00" * 19 + "d1"
DOMAIN = Domain("TrainingRounds", "1", 31_337, "0x" + "00" * 19 + "a2")


def people(count: int) -> list[str]:
    """Addresses in ascending order."""
    found = [LocalSigner.from_key((1_000 + i).to_bytes(32, "big")).address for i in range(count)]
    return sorted(found, key=lambda address: int(address, 16))


def stake_terms(
    length: int, rule: AggregationRule = AggregationRule.MEAN, trim: int = 0
) -> StakeTerms:
    """Stake terms of a round of that many values."""
    return StakeTerms(
        token=TOKEN,
        participant_stake=1_000,
        proposer_stake=3_000,
        bond=100,
        vector_length=length,
        rule=rule,
        trim=trim,
        certify_window=CERTIFY,
        answer_window=ANSWER,
        dispute_window=DISPUTE,
        quorum=2,
        committee=bytes(32),
        panel=bytes(32),
        precision=32,
        base_root=b"\x04" * 32,
    )


def round_terms(bits: int, seats: int) -> RoundTerms:
    """Terms whose reveals end at `NOW`."""
    deadlines = (NOW - 300, NOW - 200, NOW, NOW + 10_000)
    lattice = Lattice(bits, -8)
    model, document, cap = b"\x01" * 32, b"\x02" * 32, max(100, 3 + 2 * seats)
    return RoundTerms(
        model, 1, "fedavg", document, lattice, *deadlines, 0, 1, seats, weight_cap=cap
    )


@dataclass
class ProposalScenario:
    """`count` participants have revealed updates of `length` values.

    Args:
        work: an empty folder.
        count: how many.
        length: values of an update.
        bits: their width.
        rule: of the aggregation.
        trim: of the trimmed mean.
    """

    work: Path
    count: int = 5
    length: int = 600
    bits: int = 16
    rule: AggregationRule = AggregationRule.MEAN
    trim: int = 0

    def __post_init__(self) -> None:
        self.store = MemoryStore()
        self.blobs = StoreBlobs(self.store)
        self.people = people(self.count)
        self.vectors = {who: self.vector(i) for i, who in enumerate(self.people)}
        openings = {who: self.opening(i, self.vectors[who]) for i, who in enumerate(self.people)}
        terms = round_terms(self.bits, self.count + 2)
        round_state = RoundState(
            ROUND, PROPOSER, 1, terms, tuple(self.people), reveals=MappingProxyType(openings)
        )
        stakes = stake_terms(self.length, self.rule, self.trim)
        everybody = frozenset(self.people)
        self.state = StakedState(
            round_state,
            PROPOSER,
            stakes,
            participants=everybody,
            certified=everybody,
            signers=everybody,
            seated=everybody,
        )

    def vector(self, index: int) -> IntVector:
        """Participant `index`'s update."""
        most = (1 << (self.bits - 1)) - 1
        draw = np.random.default_rng(index)
        return draw.integers(-most, most, self.length).astype(f"int{self.bits}")

    def opening(self, index: int, vector: IntVector, keep: bool = True) -> Opening:
        """Stores an update, or only works its digest out elsewhere, and returns its opening."""
        folder, weight = self.work / "made" / str(index), 3 + 2 * index
        root = vector_root(vector, self.bits)
        statement = UpdateStatement(ROUND, self.people[index], root, weight)
        write_update(folder, vector, DOMAIN, statement, bytes(65))
        blobs = self.blobs if keep else StoreBlobs(MemoryStore())
        digest, salt = blobs.put_folder(folder), index.to_bytes(32, "big")
        return Opening(self.people[index], root, digest, weight, salt)

    def with_update(self, index: int, vector: IntVector, keep: bool = True) -> StakedState:
        """The state with another update of a participant, stored or not."""
        opening = self.opening(index, vector, keep)
        reveals = {**self.state.round.reveals, self.people[index]: opening}
        changed = replace(self.state.round, reveals=MappingProxyType(reveals))
        return replace(self.state, round=changed)

    def evidence(self, name: str = "e") -> CountedUpdates:
        """What fetches updates, into a folder of that name."""
        return CountedUpdates(self.blobs, self.work / name)

    def calculation(self, state: StakedState | None = None, name: str = "e") -> Calculation:
        """The calculation of the round."""
        return Calculation(state or self.state, self.evidence(name), self.work / name)

    def proposed(self, tree: Tree, state: StakedState | None = None, **changes: Any) -> StakedState:
        """The state in which a tree stands proposed and certified, just after slashing ended."""
        top = replace(tree.top, **changes) if changes else tree.top
        proposal = Proposal(top, b"\x0c" * 32, b"\x0a" * 32, b"\x0b" * 32)
        standing = StandingProposal(1, PROPOSER, proposal, STRIKES_END + CERTIFY, ENDS)
        return replace(state or self.state, standing=standing, proposals=1)

    def lied(
        self, tree: Tree, vector_of: Callable[[int, int, IntVector], IntVector | None]
    ) -> tuple[Tree, dict[bytes, IntVector]]:
        """Another tree over the same leaves: `vector_of(level, position, right)` may lie.

        Returns the tree and the vectors of its nodes by their roots.
        """
        calculation, vectors = self.calculation(), {}

        def root_of(level: int, position: int, first: int, last: int) -> bytes:
            right = calculation.numerators(tree.leaves[first : last + 1])
            assert right is not None
            told = vector_of(level, position, right)
            chosen = right if told is None else told
            root = vector_root(chosen, 64)
            vectors[root] = chosen
            return root

        return Tree.unchecked(tree.leaves, root_of, tree.fan_in), vectors


def known_of(tree: Tree, vectors: dict[bytes, IntVector] | None = None) -> Observed:
    """Everything about a tree."""
    groups = [
        tree.children(level, at)
        for level, nodes in enumerate(tree.levels)
        for at in range(len(nodes))
    ]
    return Observed({children_hash(g.hashes): g for g in groups}, vectors or {})
