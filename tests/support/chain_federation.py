"""A small federation on a development chain: real contracts, real training, real signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, final

import torch
from chain_parties import ChainScenario, TurnedClock
from torch.utils.data import TensorDataset

from registry.chain.token import balance_of
from registry.client import RegistryClient
from registry.documents.result import LARGEST_RESULT, ResultDocument
from registry.signing import LocalSigner
from registry.storage import LocalStore
from registry.types import Version
from trainer.adapters import StoreBlobs
from trainer.adapters.registry_board import RegistryBoard
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.documents.results import proposal_of
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import first_version
from trainer.engines import run_in_process
from trainer.participant.participant import Participant
from trainer.plan.evaluation_terms import EvaluationTerms
from trainer.plan.training_plan import LocalPlan
from trainer.ports import BlobStore, RoundContext
from trainer.training.client import Training, module_training
from trainer.types import Lattice, ProposedResult, RoundTerms, least_forfeit
from trainer.vectors.torch_modules import state_of

__all__ = [
    "BUDGET",
    "MODEL",
    "PEOPLE",
    "ChainFederation",
    "ForgingBoard",
    "SpoilingBlobs",
    "undone",
]

MODEL = "lantern"
BUDGET = 1_000_003  # indivisible by the weights, so that remainders count
PEOPLE = tuple(LocalSigner.from_key(bytes(31) + bytes([index])) for index in range(41, 46))
# Takes the honest document; returns the one to propose instead.
Forgery = Callable[[ResultDocument], ResultDocument]


def small_model() -> torch.nn.Module:
    """A classifier of 4 inputs and 3 classes: 15 trained values."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        return torch.nn.Sequential(torch.nn.Linear(4, 3))


def small_data(seed: int, count: int) -> TensorDataset:
    """Points whose class is the largest of the first three coordinates."""
    points = torch.randn(count, 4, generator=torch.Generator().manual_seed(seed))
    return TensorDataset(points, points[:, :3].argmax(1))


@final
class SpoilingBlobs(BlobStore):
    """A participant's storage that changes the update's folder before it is kept."""

    def __init__(self, blobs: BlobStore, spoil: Callable[[Path], None]) -> None:
        self._blobs, self._spoil = blobs, spoil

    def put_folder(self, folder: Path) -> bytes:
        """Spoils and stores a folder."""
        self._spoil(folder)
        return self._blobs.put_folder(folder)

    def get_folder(self, digest: bytes, destination: Path, limit: int) -> None:
        """Brings a folder."""
        self._blobs.get_folder(digest, destination, limit)

    def put_bytes(self, data: bytes) -> bytes:
        """Stores bytes."""
        return self._blobs.put_bytes(data)

    def get_bytes(self, digest: bytes, limit: int) -> bytes:
        """Returns bytes."""
        return self._blobs.get_bytes(digest, limit)


class ForgingBoard(RegistryBoard):
    """A dishonest coordinator's board: what it proposes is consistent, stored, and a lie."""

    def __init__(self, client: RegistryClient, blobs: BlobStore, forgery: Forgery) -> None:
        super().__init__(client)
        self._blobs, self._forgery = blobs, forgery

    def propose(self, round_id: bytes, result: ProposedResult) -> None:
        """Proposes what the forgery makes of the honest document."""
        honest = self._blobs.get_bytes(result.document_digest, LARGEST_RESULT)
        forged = self._forgery(ResultDocument.parse(honest))
        self._blobs.put_bytes(forged.to_json())
        super().propose(round_id, proposal_of(forged))


@dataclass
class ChainFederation:
    """A model with its first version, a funded owner and three to five data owners.

    Args:
        place: where the contracts and the storage are.
        owner: holds the reward token's supply and conducts the rounds.
        seats: how many take part.
    """

    place: ChainScenario
    owner: LocalSigner
    seats: int = 3
    document: TermsDocument = field(
        default_factory=lambda: TermsDocument(
            plan=LocalPlan(1, 8, "sgd", "0.1", 3), client_evaluation=EvaluationTerms(1_000_000, 2)
        )
    )
    clients: dict[str, RegistryClient] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.people = PEOPLE[: self.seats]
        self.store = LocalStore(self.place.storage)
        self.blobs = StoreBlobs(self.store)
        self.clock = TurnedClock(self.place.gateway)
        self.client = self.client_of(self.owner)
        self.token = self.client.connection.deployment.address("RewardToken")

    def publish_first(self) -> Version:
        """Funds the people and publishes the untrained model with its card."""
        self.place.fund(*self.people, ether=10)
        folder = self.place.work / "first"
        folder.mkdir()
        (folder / "README.md").write_text("# A lantern\n")
        first_version(folder, state_of(small_model()), architecture="small")
        return self.client.publish(folder, MODEL)

    def client_of(self, who: LocalSigner) -> RegistryClient:
        """A party's client, opened once."""
        if who.address not in self.clients:
            self.clients[who.address] = self.place.client(who)
        return self.clients[who.address]

    def terms(self, **changes: object) -> RoundTerms:
        """Terms from the newest version, with room for everybody."""
        version, now = self.client.versions(MODEL)[-1], self.clock.now()
        terms = RoundTerms(
            model_id=version.model_id,
            base_version=version.number,
            strategy=self.document.strategy,
            document_digest=self.document.digest,
            lattice=Lattice(16, -12, 8),
            enrolment_deadline=now + 1_000,
            commit_deadline=now + 2_000,
            reveal_deadline=now + 3_000,
            proposal_deadline=now + 4_000,
            challenge_window=50,
            minimum_participants=2,
            maximum_participants=self.seats,
            weight_cap=1_000,
            reward_token=self.token,
            reward_budget=BUDGET,
            forfeit=least_forfeit(BUDGET, self.seats),
        )
        budget = changes.get("reward_budget", terms.reward_budget)
        seats = changes.get("maximum_participants", terms.maximum_participants)
        changes = {"forfeit": least_forfeit(budget, seats), **changes}  # type: ignore[arg-type]
        return replace(terms, **changes)  # type: ignore[arg-type]

    def training(self, index: int) -> Training:
        """What participant `index` does with its 20, 30, 40 … points."""
        return module_training(small_model(), small_data(index, 20 + 10 * index))

    def participant(
        self, index: int, *, training: Training | None = None, blobs: BlobStore | None = None
    ) -> Participant:
        """A participant that trains on its own points."""
        signer = self.people[index]
        return Participant(
            RoundContext(RegistryBoard(self.client_of(signer)), blobs or self.blobs, self.clock),
            signer,
            training or self.training(index),
            self.place.work / "participants",
        )

    def participants(self, **spoiled: Callable[[Path], None]) -> list[Participant]:
        """Everybody; `p2=spoil` makes participant 2 spoil what it stores."""
        return [
            self.participant(i, blobs=SpoilingBlobs(self.blobs, spoiled[f"p{i}"]))
            if f"p{i}" in spoiled
            else self.participant(i)
            for i in range(self.seats)
        ]

    def coordinator(self, name: str = "coordinator", forgery: Forgery | None = None) -> Coordinator:
        """The owner's coordinator; another name gives one with an empty work folder."""
        board = (
            RegistryBoard(self.client)
            if forgery is None
            else ForgingBoard(self.client, self.blobs, forgery)
        )
        return Coordinator(RoundContext(board, self.blobs, self.clock), self.place.work / name)

    def round(self, participants: Sequence[Participant], **changes: object) -> RoundResult:
        """Runs a round to its end."""
        coordinator = self.coordinator()
        round_id = coordinator.open(self.terms(**changes), self.document)
        return run_in_process(coordinator, participants, self.clock, round_id)

    def balances(self) -> Mapping[str, int]:
        """Everybody's balance of the reward token."""
        gateway = self.place.gateway
        return {p.address: balance_of(gateway, self.token, p.address) for p in self.people}


@contextmanager
def undone(gateway: Any) -> Iterator[None]:
    """Takes back what is done to the chain meanwhile."""
    snapshot = gateway.request("evm_snapshot", [])
    try:
        yield
    finally:
        gateway.request("evm_revert", [snapshot])
