"""A staked round on a development chain: a sponsor, participants, a proposer, a watcher.

Vectors are small and drawn from the participants' places, so that every test knows them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from chain_parties import ChainScenario, TurnedClock
from tests_roles import HOSPITAL, OWNER

from registry.addresses import ZERO_ADDRESS
from registry.chain.bindings import structs
from registry.chain.bindings.structs import Lattice, RoundTerms
from registry.chain.token import transfer
from registry.client import RegistryClient
from registry.documents.batch_entries import Opening, commitment_of
from registry.documents.labels import label_word
from registry.fraud_proofs.nodes import RevealedUpdate
from registry.fraud_proofs.stake_terms import AggregationRule, ChunkProof, Proposal, StakeTerms
from registry.fraud_proofs.trees import Children, Path, Tree
from registry.signing import LocalSigner
from registry.types import ZERO_ID, Model
from trainer.aggregation.numerators import mean_numerators
from trainer.vectors.vector_roots import chunk_bytes, chunk_proof, vector_root

__all__ = ["BURNT", "PEOPLE", "PROPOSER", "WATCHER", "StakedScenario"]

BURNT = "0x000000000000000000000000000000000000dEaD"

PEOPLE = tuple(LocalSigner.from_key(bytes(30) + b"\x5e" + bytes([index])) for index in range(1, 5))
PROPOSER = LocalSigner.from_key((0x9209).to_bytes(32, "big"))
WATCHER = HOSPITAL
MODEL, LENGTH, BITS, BUDGET = "staked", 300, 16, 90_000
STAKE, PROPOSER_STAKE, BOND, FUNDS = 1_000, 3_000, 51, 50_000
CERTIFY, ANSWER, DISPUTE = 200, 100, 900
PROPOSAL = CERTIFY + DISPUTE + ANSWER
Vector = np.ndarray[Any, np.dtype[Any]]


class StakedScenario:
    """Everybody has stake and named its controllers; `revealed` brings a round to its reveals."""

    def __init__(self, place: ChainScenario, people: Sequence[LocalSigner] = PEOPLE[:3]) -> None:
        self.place = place
        self.clock = TurnedClock(place.gateway)
        self.people = sorted(people, key=lambda p: int(p.address, 16))
        place.fund(*{p.address: p for p in (*PEOPLE, *people)}.values(), PROPOSER, WATCHER)
        self.owner = self.client(OWNER)
        self.token = self.owner.stakes.token()
        self._publish()
        for who in (*self.people, PROPOSER, WATCHER):
            self.fund_stake(who)

    def client(self, who: LocalSigner | None) -> RegistryClient:
        """A party's client, which reads the chain anew."""
        return self.place.client(who)

    def _publish(self) -> None:
        model = self.owner.register(MODEL)
        registry = self.owner.connection.contracts["ModelRegistry"]
        content = (b"\x08" * 32, 0x70)
        registry.write("publishVersion", model.model_id, 1, content, [], ZERO_ID, ZERO_ID)
        self.owner.add_publisher(MODEL, self.owner.staked_rounds.address)

    def give(self, who: LocalSigner, amount: int = FUNDS) -> None:
        """Sends tokens from the owner, who holds the supply."""
        sender = self.owner.connection.sender
        assert sender is not None
        transfer(self.place.gateway, sender, self.token, who.address, amount)

    def fund_stake(self, who: LocalSigner) -> None:
        """Gives tokens, deposits them, names both controllers."""
        self.give(who)
        stakes = self.client(who).stakes
        stakes.deposit(FUNDS)
        for controller in stakes.offered_controllers().values():
            stakes.set_controller(controller)

    @property
    def model(self) -> Model:
        """The model that is trained."""
        return self.owner.model(MODEL)

    # terms

    def stakes(self, **changes: Any) -> StakeTerms:
        """The stake terms, with changes."""
        terms = StakeTerms(
            token=self.token,
            participant_stake=STAKE,
            proposer_stake=PROPOSER_STAKE,
            bond=BOND,
            vector_length=LENGTH,
            rule=AggregationRule.MEAN,
            trim=0,
            certify_window=CERTIFY,
            answer_window=ANSWER,
            dispute_window=DISPUTE,
            quorum=2,
            committee=bytes(32),
            panel=bytes(32),
            precision=32,
            base_root=b"\x04" * 32,
        )
        return replace(terms, **changes)

    def terms(self, **changes: Any) -> RoundTerms:
        """The round's own terms, with changes."""
        now = self.place.gateway.timestamp()
        fields = {
            "model_id": self.model.model_id,
            "base_version": 1,
            "strategy": label_word("fedavg", "strategy"),
            "document_digest": b"\x09" * 32,
            "lattice": Lattice(BITS, -12, 0, 0),
            "enrolment_deadline": now + 1_000,
            "commit_deadline": now + 2_000,
            "reveal_deadline": now + 3_000,
            "proposal_deadline": now + 3_000 + CERTIFY + 3 * ANSWER + 5 * PROPOSAL,
            "challenge_window": 0,
            "minimum_participants": 2,
            "maximum_participants": max(10, len(self.people)),
            "allow_list_root": ZERO_ID,
            "weight_cap": 200,
            "reward_token": ZERO_ADDRESS,
            "reward_budget": 0,
            "forfeit": 0,
        }
        return RoundTerms(**{**fields, **changes})

    # participants

    def vector(self, index: int) -> Vector:
        """Participant `index`'s update."""
        draw = np.random.default_rng(index)
        return draw.integers(-30_000, 30_000, LENGTH).astype(np.int16)

    def opening(self, index: int, vector: Vector | None = None) -> tuple[bytes, bytes, int, bytes]:
        """What it reveals: update root, content digest, weight, salt."""
        root = vector_root(self.vector(index) if vector is None else vector, BITS)
        return root, bytes([0xC0 + index % 64]) * 32, 5 + 3 * index, bytes([index + 1]) * 32

    def revealed(self, *vectors: Vector, **changes: Any) -> bytes:
        """Opens a round; all lock stakes, commit, reveal; two vouch for all. Returns its id."""
        round_id = self.uncertified(*vectors, **changes)
        self.certify_updates(round_id)
        deadline = self.term(round_id, "reveal_deadline")
        self.clock.wait_until(
            self.owner.staked_rounds.record(round_id).stakes.certify_end(deadline)
        )
        return round_id

    def certify_updates(self, round_id: bytes, *holders: LocalSigner) -> None:
        """Lets two, or others, vouch for everybody's update, and hands that in."""
        everybody = [person.address for person in self.people]
        for who in holders or self.people[:2]:
            self.client(who).availability.vouch_for_updates(round_id, everybody)
        self.owner.availability.certify_updates(round_id)

    def certify_result(self, round_id: bytes) -> None:
        """Lets two vouch for the standing proposal, and hands that in."""
        for who in self.people[:2]:
            self.client(who).availability.vouch_for_result(round_id)
        self.owner.availability.certify_result(round_id)

    def uncertified(
        self, *vectors: Vector, holders: Sequence[LocalSigner] = (), **changes: Any
    ) -> bytes:
        """Opens a round; all lock stakes, its committee's members too; people commit and reveal.

        Returns its id.
        """
        budget, least = (self.token, BUDGET), 2 * int(changes.get("trim", 0)) + 1
        terms = self.terms(minimum_participants=max(2, least))
        round_id = self.owner.staked_rounds.open(terms, self.stakes(**changes), *budget)
        clients = [self.client(person) for person in self.people]
        for client in clients:
            client.staked_rounds.lock_stake(round_id)
        for holder in holders:
            self.client(holder).staked_rounds.lock_holder_stake(round_id)
        domain = self.owner.connection.rounds_domain()
        self.clock.wait_until(self.term(round_id, "enrolment_deadline"))
        given = {**{i: self.vector(i) for i in range(len(clients))}, **dict(enumerate(vectors))}
        openings = [self.opening(index, given[index]) for index in range(len(clients))]
        for client, opening in zip(clients, openings, strict=True):
            reveal = Opening(str(client.account), *opening)
            client.rounds.commit(round_id, commitment_of(domain, round_id, reveal))
        self.clock.wait_until(self.term(round_id, "commit_deadline"))
        for client, opening in zip(clients, openings, strict=True):
            client.rounds.reveal(round_id, str(client.account), structs.Opening(*opening))
        return round_id

    def term(self, round_id: bytes, name: str) -> int:
        """A term of the round."""
        return int(getattr(self.owner.staked_rounds.training_round(round_id).terms, name))

    # proposals

    def numerators(self, leaves: Sequence[int]) -> Vector:
        """The sums of some participants' updates, by their places."""
        weights = [self.opening(index)[2] for index in leaves]
        return mean_numerators([self.vector(index) for index in leaves], weights)

    def tree(
        self,
        round_id: bytes,
        change: Callable[[list[RevealedUpdate]], list[RevealedUpdate]] = lambda leaves: leaves,
    ) -> Tree:
        """The tree over what counts, or over what a change makes of it."""
        leaves = change(self.owner.staked_rounds.counted(round_id))
        places = [person.address for person in self.people]

        def root_of(level: int, position: int, first: int, last: int) -> bytes:
            inside = [places.index(leaf.participant) for leaf in leaves[first : last + 1]]
            return vector_root(self.numerators(inside), 64)

        return Tree.unchecked(leaves, root_of)

    def with_root(self, tree: Tree, numerators: Vector) -> Tree:
        """The tree with other numerators in its only node."""
        return Tree.unchecked(tree.leaves, lambda *at: vector_root(numerators, 64))

    def proposal(self, tree: Tree, **changes: Any) -> Proposal:
        """A proposal of a tree."""
        words = (b"\x0c" * 32, b"\x0a" * 32, b"\x0b" * 32)
        return replace(Proposal(tree.top, *words), **changes)

    def proposed(
        self, round_id: bytes, tree: Tree, certified: bool = True, **changes: Any
    ) -> Proposal:
        """Lets the proposer propose a tree when slashing is over, and two vouch for it."""
        self.clock.wait_until(self.owner.staked_rounds.slash_end(round_id))
        proposal = self.proposal(tree, **changes)
        self.client(PROPOSER).staked_rounds.propose(round_id, proposal)
        if certified:
            self.certify_result(round_id)
        return proposal

    def chunk(self, vector: Vector, bits: int, index: int) -> ChunkProof:
        """A chunk with its proof."""
        return ChunkProof(chunk_bytes(vector, bits, index), tuple(chunk_proof(vector, bits, index)))

    def bottom(self, tree: Tree, position: int = 0) -> tuple[Path, Children]:
        """The way to a node above leaves, and its children."""
        return tree.path(0, position), tree.children(0, position)
