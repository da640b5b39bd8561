"""The seams: where rounds stand, where content lies, what is handed over, and what time it is.

`trainer.adapters` fills each with an in-memory twin that is part of the product and with the real
thing; one conformance suite runs over both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from registry.documents.batch_entries import Opening
from registry.documents.batches import CommitmentBatch, RevealBatch
from trainer.privacy.hidden_board import HiddenBoard
from trainer.protocol.round_state import RoundState
from trainer.types import ProposedResult, RoundTerms

__all__ = [
    "BlobStore",
    "Clock",
    "Mailbox",
    "PaidOff",
    "PublishedVersion",
    "RoundBoard",
    "RoundContext",
]


@dataclass(frozen=True)
class PublishedVersion:
    """A version as the registry records it; `round_id` is zero for one that no round made."""

    version_id: bytes
    number: int
    content_digest: bytes
    round_id: bytes


@dataclass(frozen=True)
class PaidOff:
    """What payouts begin with after a sweep (P-6): amounts by address; `rounds` owe no more."""

    amounts: Mapping[str, int] = field(default_factory=dict)
    rounds: frozenset[bytes] = frozenset()


class RoundBoard(ABC):
    """Where rounds stand, seen and acted on by one account.

    Every step is idempotent for the account that took it: taking it again with the same arguments
    changes nothing and raises nothing. A step that the round's phase doesn't allow raises
    `RoundError` (or the chain's own error).
    """

    @property
    @abstractmethod
    def account(self) -> str:
        """The checksummed address that acts."""

    @property
    @abstractmethod
    def chain_id(self) -> int:
        """The chain's id: commitments and signatures bind it."""

    @property
    @abstractmethod
    def rounds_address(self) -> str:
        """The address of the rounds' contract: commitments and signatures bind it."""

    @property
    @abstractmethod
    def hidden(self) -> HiddenBoard:
        """The same account's board of what hidden rounds ask for beside these steps."""

    @property
    def rollbacks(self) -> int:
        """How often the chain took back what was seen; what had ended before may go on."""
        return 0

    def look(self) -> AbstractContextManager[None]:
        """Everything seen within is of one moment, until this account acts."""
        return nullcontext()

    @abstractmethod
    def versions(self, model_id: bytes) -> list[PublishedVersion]:
        """Returns a model's versions by ascending number, from 1."""

    @abstractmethod
    def open_round(self, terms: RoundTerms) -> bytes:
        """Opens a round and returns its id. The terms document has to be in storage before.

        Raises:
            RoundError: not a publisher of the model, terms that can't be met, or the chain's own
                error.
        """

    @abstractmethod
    def rounds_of(self, model_id: bytes) -> list[bytes]:
        """Returns the ids of a model's rounds by ascending number."""

    @abstractmethod
    def state(self, round_id: bytes) -> RoundState:
        """Returns a round's state.

        Raises:
            RoundError: there is no such round.
        """

    @abstractmethod
    def enrol(self, round_id: bytes, allow_list_proof: Sequence[bytes] = ()) -> None:
        """Takes a seat for this account.

        Raises:
            RoundError: not the time to, not on the allow-list, no seat left, or the chain's own
                error.
        """

    @abstractmethod
    def commit(self, round_id: bytes, commitment: bytes) -> None:
        """Commits for this account; the first commitment stays (R-3).

        Raises:
            RoundError: not the time to, no seat, no commitment of 32 bytes above 1, or the chain's
                own error.
        """

    @abstractmethod
    def reveal(self, round_id: bytes, participant: str, opening: Opening) -> None:
        """Opens a participant's commitment; anyone who knows the opening may (R-4).

        Raises:
            RoundError: not the time to, nothing committed, an opening that doesn't open it, or the
                chain's own error.
        """

    @abstractmethod
    def commit_batch(self, batch: CommitmentBatch) -> None:
        """Commits for many under one root (R-5), on seats that are left; the coordinator only.

        The batch's document has to be in storage before.

        Raises:
            SignatureInvalid: an entry that its participant did not sign.
            RoundError: more than the seats left, or the chain's own error.
        """

    @abstractmethod
    def reveal_batch(self, reveals: RevealBatch) -> None:
        """Posts the openings of a batch, once per batch; the coordinator only.

        The document has to be in storage before.

        Raises:
            RoundError: no such batch, a reveal that doesn't open its commitment, more than the
                batches' seats, or the chain's own error.
        """

    @abstractmethod
    def reveal_from_batch(
        self,
        round_id: bytes,
        batch: int,
        participant: str,
        opening: Opening,
        signature_hash: bytes,
        proof: Sequence[bytes],
    ) -> None:
        """Opens one commitment of a batch by its proof, as long as its reveals have a seat.

        Args:
            round_id: 32 bytes.
            batch: the number of one that stands.
            participant: who has no direct seat.
            opening: what its commitment hides.
            signature_hash: the keccak-256 of what it signed, which its leaf binds.
            proof: of its leaf.

        Raises:
            RoundError: not the time to, a direct seat, no such leaf, every seat taken, or the
                chain's own error.
        """

    @abstractmethod
    def count_once(self, reveals: RevealBatch, participant: str) -> None:
        """Shows that a participant of posted reveals revealed by itself too: it counts as one.

        Raises:
            RoundError: not the time to, other reveals than the batch's, not revealed twice, or the
                chain's own error.
        """

    @abstractmethod
    def propose(self, round_id: bytes, result: ProposedResult) -> None:
        """Proposes the result; the coordinator only.

        Raises:
            RoundError: not the time to, not the coordinator, too few updates, an empty digest, or
                the chain's own error.
        """

    @abstractmethod
    def finalise(self, round_id: bytes) -> None:
        """Makes a result final after its challenge window (R-7).

        Raises:
            RoundError: nothing is proposed, its challenge window is open, or the chain's own error.
        """

    @abstractmethod
    def void(self, round_id: bytes) -> None:
        """Voids a round that missed a deadline or its minimum (R-6).

        Raises:
            RoundError: the round isn't lost, and isn't the coordinator's own that still enrols, or
                the chain's own error.
        """

    @abstractmethod
    def publish_version(
        self, model_id: bytes, content_digest: bytes, round_id: bytes, parents: Sequence[bytes]
    ) -> PublishedVersion:
        """Publishes a folder that is in storage as the model's next version.

        A version of the same round and content that stands already is returned as it is.

        Raises:
            RoundError: not a publisher of the model, parents that nobody published, or the chain's
                own error.
        """

    @abstractmethod
    def cumulative_payouts(self, model_id: bytes, token: str) -> dict[str, int]:
        """Returns the amounts under the newest payout root, by address; empty before the first."""

    @abstractmethod
    def payouts_wait_until(self, model_id: bytes, token: str) -> int:
        """Returns when the newest payout root comes into use (P-5); 0 if it is in use, or none is.

        In seconds since 1970.
        """

    @abstractmethod
    def paid_off(self, model_id: bytes, token: str) -> PaidOff:
        """Returns what the last sweep left; nothing, before the first."""

    @abstractmethod
    def post_payouts(self, model_id: bytes, token: str, cumulative: Mapping[str, int]) -> None:
        """Posts cumulative amounts as a new payout root (P-3).

        Raises:
            RoundError: the sum exceeds what funded it (P-4), or the chain's own error.
        """


class BlobStore(ABC):
    """Content by SHA-256 digest: folders by that of their root block, documents by their own."""

    @abstractmethod
    def put_folder(self, folder: Path) -> bytes:
        """Stores a folder durably and returns its digest, 32 bytes."""

    @abstractmethod
    def get_folder(self, digest: bytes, destination: Path, limit: int) -> None:
        """Brings a folder of at most `limit` bytes to `destination`.

        Raises:
            StorageError: not found, corrupted, too large, or no answer.
        """

    @abstractmethod
    def put_bytes(self, data: bytes) -> bytes:
        """Stores a document durably and returns its digest (`registry.documents.parts`)."""

    @abstractmethod
    def get_bytes(self, digest: bytes, limit: int) -> bytes:
        """Returns a document of at most `limit` bytes.

        Raises:
            StorageError: not found, corrupted, too large, or no answer.
        """


class Mailbox(ABC):
    """Small documents handed over outside the chain; none of them is to be trusted."""

    @abstractmethod
    def put(self, round_id: bytes, kind: str, sender: str, document: bytes) -> None:
        """Lays a document down in place of the sender's former one of that kind.

        Args:
            round_id: 32 bytes.
            kind: 1 to 32 small letters.
            sender: a checksummed address.
            document: at most 64 KiB.

        Raises:
            ConfigError: too long, or the mailbox takes nothing.
        """

    @abstractmethod
    def get(self, round_id: bytes, kind: str, sender: str) -> bytes | None:
        """Returns what lies there under an address, or None.

        Raises:
            ConfigError: no checksummed address.
        """

    @abstractmethod
    def documents(self, round_id: bytes, kind: str) -> dict[str, bytes]:
        """Returns what lies there for a round, by the address that it is laid down under."""


class Clock(ABC):
    """The time that rounds go by: on a chain, the newest block's."""

    @abstractmethod
    def now(self) -> int:
        """Returns the time in seconds since 1970."""

    @abstractmethod
    def wait_until(self, moment: int) -> None:
        """Returns when that time has come, or sooner if something may have happened before."""


@dataclass(frozen=True)
class RoundContext:
    """What everybody who acts in rounds works on.

    Args:
        board: where rounds stand, seen and acted on by one account.
        blobs: where content comes from and goes to.
        clock: the rounds' time.
    """

    board: RoundBoard
    blobs: BlobStore
    clock: Clock
