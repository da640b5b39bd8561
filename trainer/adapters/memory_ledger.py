"""What boards in memory share: models with their versions, rounds with their events, payouts.

The ledger keeps what the contracts keep, and ids are theirs (M-2, M-4, R-1), so that a commitment
or a signature is made of the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from eth_abi.abi import encode

from registry.documents.batches import CommitmentBatch
from registry.errors import RoundError
from registry.hashing import keccak256
from trainer.ports import Clock, PaidOff, PublishedVersion
from trainer.privacy.hidden_state import HiddenState
from trainer.protocol.round_state import RoundState
from trainer.types import ZERO_WORD

__all__ = ["MemoryLedger", "ModelEntry"]

_REGISTRY = "0x00000000000000000000000000000000000000a1"
_ROUNDS = "0x00000000000000000000000000000000000000a2"


@dataclass
class ModelEntry:
    """A model: who owns it, who else may publish, and its versions by ascending number."""

    owner: str
    publishers: set[str] = field(default_factory=set)
    versions: list[PublishedVersion] = field(default_factory=list)

    def may_publish(self, account: str) -> bool:
        """Tells whether the account may publish and open rounds (M-8)."""
        return account == self.owner or account in self.publishers


@dataclass
class MemoryLedger:
    """A chain's worth of state, without a chain.

    Args:
        clock: the time of every phase.
        chain_id: bound by ids, commitments and signatures.
        activation_delay: seconds that payouts wait once they are posted (P-5).
    """

    clock: Clock
    chain_id: int = 31_337
    rounds_address: str = _ROUNDS
    activation_delay: int = 0
    models: dict[bytes, ModelEntry] = field(default_factory=dict)
    rounds: dict[bytes, RoundState] = field(default_factory=dict)
    hidden: dict[bytes, HiddenState] = field(default_factory=dict)
    batches: dict[tuple[bytes, int], CommitmentBatch] = field(default_factory=dict)
    funded: dict[tuple[bytes, str], int] = field(default_factory=dict)
    payouts: dict[tuple[bytes, str], dict[str, int]] = field(default_factory=dict)
    payouts_due: dict[tuple[bytes, str], int] = field(default_factory=dict)
    paid_off: dict[tuple[bytes, str], PaidOff] = field(default_factory=dict)

    def register(self, owner: str, slug: str, content_digest: bytes) -> bytes:
        """Registers a model with its first version and returns the model's id.

        Raises:
            RoundError: the owner has a model of that name.
        """
        kinds = ["uint256", "address", "address", "bytes32"]
        values = [self.chain_id, _REGISTRY, owner, keccak256(slug.encode())]
        model_id = keccak256(encode(kinds, values))
        if model_id in self.models:
            raise RoundError(f"{owner} has a model {slug!r} already; choose another name")
        self.models[model_id] = ModelEntry(owner)
        self.add_version(model_id, content_digest, ZERO_WORD)
        return model_id

    def add_version(
        self, model_id: bytes, content_digest: bytes, round_id: bytes
    ) -> PublishedVersion:
        """Appends a version and returns it."""
        versions = self.model(model_id).versions
        number = len(versions) + 1
        version_id = keccak256(encode(["bytes32", "uint64"], [model_id, number]))
        versions.append(PublishedVersion(version_id, number, content_digest, round_id))
        return versions[-1]

    def model(self, model_id: bytes) -> ModelEntry:
        """Returns a model.

        Raises:
            RoundError: there is none of that id.
        """
        if model_id not in self.models:
            raise RoundError(f"no model 0x{model_id.hex()}; register it first")
        return self.models[model_id]

    def sweep(self, model_id: bytes, token: str, claimed: Mapping[str, int]) -> None:
        """Takes what nobody claimed: the final rounds owe no more, and no root is current (P-6).

        Args:
            model_id: the model, 32 bytes.
            token: the token's address.
            claimed: what each account has claimed so far.
        """
        key = model_id, token
        final = [s for s in self.rounds.values() if s.finalised and s.terms.model_id == model_id]
        swept = frozenset(s.round_id for s in final if s.terms.reward_token == token)
        self.paid_off[key] = PaidOff(dict(claimed), swept)
        self.funded[key] = sum(claimed.values())
        self.payouts.pop(key, None)

    def round_id(self, model_id: bytes, number: int) -> bytes:
        """Returns the id of a model's round of that number (R-1)."""
        kinds = ["uint256", "address", "bytes32", "uint64"]
        return keccak256(encode(kinds, [self.chain_id, self.rounds_address, model_id, number]))

    def rounds_of(self, model_id: bytes) -> list[bytes]:
        """Returns the ids of a model's rounds by ascending number."""
        found = [r for r in self.rounds.values() if r.terms.model_id == model_id]
        return [state.round_id for state in sorted(found, key=lambda state: state.number)]
