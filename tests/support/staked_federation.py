"""A federation under stake on a development chain: real contracts, training, stakes and lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from chain_parties import ChainScenario, TurnedClock
from cheating_proposers import Change
from tests_roles import OWNER
from torch.utils.data import TensorDataset

from registry.chain.gateway import connect
from registry.chain.token import balance_of, transfer
from registry.client import RegistryClient
from registry.devnet.chains import start_anvil
from registry.documents.canonical_json import bytes32_to_hex, canonical
from registry.fraud_proofs.stake_terms import AggregationRule, StakeTerms
from registry.signing import LocalSigner
from registry.types import Version
from trainer.adapters import StoreBlobs
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.staked_board import StakedRegistryBoard
from trainer.documents.terms_document import TermsDocument
from trainer.documents.update_folders import (
    UpdateStatement,
    rounds_domain,
    sign_update,
    write_update,
)
from trainer.documents.version_folders import first_version
from trainer.execution.version_roots import weights_of
from trainer.participant.participant import Participant
from trainer.plan.training_plan import LocalPlan
from trainer.ports import BlobStore, RoundContext
from trainer.staked.holder import Holder
from trainer.staked.outcome import Outcomes
from trainer.staked.proposer import Proposer
from trainer.staked.servers import base_root
from trainer.staked.watcher import Note, Watcher
from trainer.staked.watcher_policy import Limits
from trainer.training.client import module_training
from trainer.types import IntVector, Lattice, RoundTerms
from trainer.vectors.torch_modules import state_of
from trainer.vectors.vector_roots import vector_root

__all__ = [
    "ANSWER",
    "BOND",
    "BUDGET",
    "BURNT",
    "CERTIFY",
    "CHEAT",
    "DISPUTE",
    "FUNDS",
    "LENGTH",
    "MODEL",
    "PEOPLE",
    "PROPOSAL",
    "PROPOSER",
    "WATCHER",
    "StakedFederation",
    "federation_on_a_chain",
]

MODEL, LENGTH, BUDGET = "lantern", 803, 1_000_003
STAKE, BOND, FUNDS = 1_001, 51, 50_000  # odd, so that halves have a rest
CERTIFY, ANSWER, DISPUTE = 200, 100, 900
PROPOSAL = CERTIFY + DISPUTE + ANSWER
PEOPLE = tuple(LocalSigner.from_key(bytes(30) + b"\x71" + bytes([i])) for i in range(1, 4))
PROPOSER = LocalSigner.from_key((0x9209_01).to_bytes(32, "big"))
CHEAT = LocalSigner.from_key((0x9209_02).to_bytes(32, "big"))
WATCHER = LocalSigner.from_key((0x9209_03).to_bytes(32, "big"))
BURNT = "0x000000000000000000000000000000000000dEaD"
CONTRACTS = ("StakeVault", "StakedRounds", "WeightedPayouts", "TrainingRounds")


def small_model() -> torch.nn.Module:
    """A classifier of 4 inputs and 3 classes with 803 trained values: four chunks."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        return torch.nn.Sequential(torch.nn.Linear(4, 100), torch.nn.Linear(100, 3))


def small_data(seed: int, count: int) -> TensorDataset:
    """Points whose class is the largest of the first three coordinates."""
    points = torch.randn(count, 4, generator=torch.Generator().manual_seed(seed))
    return TensorDataset(points, points[:, :3].argmax(1))


@dataclass
class StakedFederation:
    """A published model, three data owners, proposers and a watcher, all with stake."""

    place: ChainScenario
    document: TermsDocument = field(
        default_factory=lambda: TermsDocument(plan=LocalPlan(1, 8, "sgd", "0.1", 3))
    )
    clients: dict[str, RegistryClient] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    opened: int = 0

    def __post_init__(self) -> None:
        self.clock = TurnedClock(self.place.gateway)
        self.owner = self.client(OWNER)
        self.blobs = StoreBlobs(self.owner.connection.store)
        self.token = self.owner.stakes.token()
        self.parties = (*PEOPLE, PROPOSER, CHEAT, WATCHER)
        self.version = self._publish()
        for who in self.parties:
            self._fund_stake(who)

    def _publish(self) -> Version:
        folder = self.place.work / "first"
        folder.mkdir()
        first_version(folder, state_of(small_model()), architecture="small")
        version = self.owner.publish(folder, MODEL)
        self.owner.add_publisher(MODEL, self.owner.staked_rounds.address)
        return version

    def _fund_stake(self, who: LocalSigner) -> None:
        self.place.fund(who, ether=10)
        sender = self.owner.connection.sender
        assert sender is not None
        transfer(self.place.gateway, sender, self.token, who.address, FUNDS)
        stakes = self.client(who).stakes
        stakes.deposit(FUNDS)
        for controller in stakes.offered_controllers().values():
            stakes.set_controller(controller)

    def client(self, who: LocalSigner) -> RegistryClient:
        """A party's client, opened once."""
        if who.address not in self.clients:
            self.clients[who.address] = self.place.client(who)
        return self.clients[who.address]

    def board(self, who: LocalSigner = OWNER) -> StakedRegistryBoard:
        """The staked rounds as a party sees them."""
        return StakedRegistryBoard(self.client(who))

    # terms

    def stakes(self, **changes: Any) -> StakeTerms:
        """The stake terms of a round from the newest version, with changes."""
        newest = self.owner.versions(MODEL)[-1]
        folder = self.place.work / "bases" / newest.content.digest.hex()
        self.blobs.get_folder(newest.content.digest, folder, 1 << 20)
        base = weights_of(folder, self.document)
        terms = StakeTerms(
            token=self.token,
            participant_stake=STAKE,
            proposer_stake=3 * STAKE,
            bond=BOND,
            vector_length=base.length,
            rule=AggregationRule.MEAN,
            trim=0,
            certify_window=CERTIFY,
            answer_window=ANSWER,
            dispute_window=DISPUTE,
            quorum=2,
            committee=bytes(32),
            panel=bytes(32),
            precision=base.bits,
            base_root=base_root(self.document, base, folder),
        )
        return replace(terms, **changes)

    def terms(self, **changes: Any) -> RoundTerms:
        """Terms from the newest version, with room for everybody and for many disputes."""
        now = self.clock.now()
        terms = RoundTerms(
            model_id=self.version.model_id,
            base_version=self.owner.versions(MODEL)[-1].number,
            strategy=self.document.strategy,
            document_digest=self.document.digest,
            lattice=Lattice(16, -12, 8),
            enrolment_deadline=now + 1_000,
            commit_deadline=now + 2_000,
            reveal_deadline=now + 3_000,
            proposal_deadline=now + 3_000 + CERTIFY + 3 * ANSWER + 5 * PROPOSAL,
            challenge_window=0,
            minimum_participants=2,
            maximum_participants=len(PEOPLE),
            weight_cap=1_000,
        )
        return replace(terms, **changes)

    # people

    @property
    def journals(self) -> Path:
        """The participants' folder in the newest round."""
        return self.place.work / f"participants-{self.opened}"

    def participant(self, index: int, blobs: BlobStore | None = None) -> Participant:
        """A participant that trains on its own 20, 30 or 40 points."""
        who = PEOPLE[index]
        return Participant(
            RoundContext(RegistryBoard(self.client(who)), blobs or self.blobs, self.clock),
            who,
            module_training(small_model(), small_data(index, 20 + 10 * index)),
            self.journals,
        )

    def revealed(
        self,
        change: Callable[[IntVector], None] | None = None,
        blobs: BlobStore | None = None,
        stakes: StakeTerms | None = None,
        certified: bool = True,
        vouchers: tuple[LocalSigner, ...] = (),
        **changes: Any,
    ) -> bytes:
        """Opens a round in which all lock stakes, train, commit and reveal, and those who hold all
        updates vouch for them; returns its id.

        Args:
            change: what the first of `PEOPLE` makes of its update before it commits to it.
            blobs: where the first one stores it.
            certified: whether holders vouch and that is handed in.
            vouchers: who vouches, whatever it has; without them who can fetch the updates.
            stakes: other stake terms than `stakes()`.
            changes: of the terms.
        """
        # An undone round and the next one have the same id: their journals stay apart.
        self.opened += 1
        self.blobs.put_bytes(self.document.to_json())
        pot = self.token, BUDGET
        round_id = self.board().open(self.terms(**changes), stakes or self.stakes(), *pot)
        for who in PEOPLE:
            self.board(who).lock_stake(round_id)
        if change is not None or blobs is not None:
            self._prepare(round_id, change or (lambda vector: None), blobs or self.blobs)
        people = [self.participant(i, blobs if i == 0 else None) for i in range(len(PEOPLE))]
        for _ in range(2):  # commit, reveal: every seat is taken, so no phase waits
            for person in people:
                person.step(round_id)
        assert len(self.board().state(round_id).revealed) == len(PEOPLE)
        if certified:
            self.certify_updates(round_id, vouchers)
        return round_id

    def certify_updates(self, round_id: bytes, vouchers: tuple[LocalSigner, ...] = ()) -> None:
        """Lets holders vouch for the updates, hands that in, and waits until it is due."""
        everybody = [person.address for person in PEOPLE]
        for who in vouchers:
            self.board(who).vouch_for_updates(round_id, everybody)
        holders = [self.holder(who) for who in PEOPLE]
        for holder in [] if vouchers else holders:
            holder.step(self.board().state(round_id), self.clock.now())
        self.board(PEOPLE[0]).certify_updates(round_id)
        self.clock.wait_until(self.board().state(round_id).certify_end)

    def certify_result(self, round_id: bytes) -> None:
        """Lets two vouch for the standing proposal, whatever it is, and hands that in."""
        may = self.board().state(round_id).signers
        for who in [person for person in PEOPLE if person.address in may][:2]:
            self.board(who).vouch_for_result(round_id)
        assert self.board(PEOPLE[0]).certify_result(round_id)

    def holder(self, who: LocalSigner) -> Holder:
        """A party's holder."""
        return Holder(self.board(who), self.outcomes(who, "-holds"), self.notes.append)

    def _prepare(
        self, round_id: bytes, change: Callable[[IntVector], None], blobs: BlobStore
    ) -> None:
        """Writes the first participant's journal with an update of its own making."""
        who, board = PEOPLE[0], RegistryBoard(self.client(PEOPLE[0]))
        vector = np.random.default_rng(self.opened).integers(-50, 50, LENGTH).astype(np.int16)
        change(vector)
        root, domain = vector_root(vector, 16), rounds_domain(board.chain_id, board.rounds_address)
        statement = UpdateStatement(round_id, who.address, root, 20)
        journal = self.journals / who.address.lower() / round_id.hex()
        signature = sign_update(who, domain, statement)
        write_update(journal / "update", vector, domain, statement, signature)
        digest = blobs.put_folder(journal / "update")
        fields = {"updateRoot": root, "contentDigest": digest, "salt": b"\x03" * 32}
        text = {name: bytes32_to_hex(value) for name, value in fields.items()} | {"weight": 20}
        (journal / "opening.json").write_bytes(canonical(text))

    def work(self, who: LocalSigner, name: str = "") -> Path:
        """A party's folder."""
        return self.place.work / f"work{name}" / who.address.lower()

    def outcomes(self, who: LocalSigner, name: str = "") -> Outcomes:
        """What works rounds out for a party."""
        board = RegistryBoard(self.client(who))
        return Outcomes(board, self.board(who), self.blobs, self.work(who, name))

    def proposer(self, who: LocalSigner = PROPOSER, change: Change | None = None) -> Proposer:
        """A proposer, honest without a change."""
        board, stakes = RegistryBoard(self.client(who)), self.board(who)
        rest: dict[str, Any] = {} if change is None else {"change": change}
        return Proposer(board, stakes, self.outcomes(who), self.clock, **rest)

    def watcher(
        self, who: LocalSigner = WATCHER, name: str = "", limits: Limits | None = None
    ) -> Watcher:
        """A watcher; another name gives one with an empty folder, as after a loss."""
        parts = self.board(who), self.outcomes(who, name), self.blobs, self.clock
        return Watcher(*parts, limits, self.notes.append)

    def until(self, watcher: Watcher, round_id: bytes, done: Callable[[], bool]) -> None:
        """Lets the watcher step, and turns the clock when it has nothing to do."""
        for _ in range(40):
            acted = watcher.step(round_id)
            if done():
                return
            if not acted:
                self.clock.wait_until(self.clock.now() + ANSWER // 2)
        raise AssertionError("the watcher came to no end")

    # balances

    def wealth(self) -> dict[str, int]:
        """Everybody's tokens and stakes, and what contracts other than the vault hold."""
        gateway, book = self.place.gateway, self.owner.state().stakes
        found = {}
        for who in (OWNER, *self.parties):
            stake = book.of(who.address, self.token)
            held = stake.free + stake.locked + stake.exiting + stake.awarded
            found[who.address] = held + balance_of(gateway, self.token, who.address)
        for name in CONTRACTS[1:]:
            address = self.owner.connection.contracts[name].address
            found[name] = balance_of(gateway, self.token, address)
        return found

    def check_vault(self) -> None:
        """Asserts that the vault holds what it owes, by its own word and by its events."""
        vault = self.owner.connection.contracts["StakeVault"]
        holds = balance_of(self.place.gateway, self.token, vault.address)
        owes = self.owner.state().stakes.owed(self.token)
        assert holds == owes == vault.read("owed", self.token)


@contextmanager
def federation_on_a_chain(
    work: Path, document: TermsDocument | None = None
) -> Iterator[StakedFederation]:
    """A federation under stake on a chain of its own; nobody has opened a round.

    Args:
        work: a folder.
        document: of its rounds; federated averages without one.
    """
    with start_anvil() as chain:
        gateway = connect(chain.url)
        ChainScenario(gateway, work, "", work).fund(OWNER)
        with ChainScenario.deployed(gateway, OWNER, work) as place:
            yield StakedFederation(place, document) if document else StakedFederation(place)
