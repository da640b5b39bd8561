"""What a staked round asks for, what is proposed in it, and proofs, as contracts take them.

The dataclasses are the structs of `contracts/types/DisputeTypes.sol`, field by field, which
`scripts/export_bindings.py` holds against the ABIs: calls take them as they are. What a round with
a server's momentum trains on, and proofs about that, are in `registry.fraud_proofs.server_steps`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import final

from registry.fraud_proofs.nodes import Node

__all__ = [
    "AggregationRule",
    "ChunkProof",
    "Proposal",
    "QuestionKind",
    "StakeTerms",
]


class AggregationRule(IntEnum):
    """How updates are combined (F-1); the values are the contract's."""

    MEAN = 0
    MEDIAN = 1
    TRIMMED_MEAN = 2
    HIDDEN_MEAN = 3


class QuestionKind(IntEnum):
    """What a question asks for (F-10); the values are the contract's."""

    UPDATE = 0
    RESULT = 1
    NODE = 2
    VERSION = 3
    MOMENTUM = 4


@final
@dataclass(frozen=True)
class StakeTerms:
    """A staked round's own terms; fixed when it opens.

    Stakes and the bond are in the token's smallest unit, windows in seconds, `vector_length` in
    values. `trim` is what the trimmed mean drops at each end, 0 with another rule. `quorum`
    holders have to vouch for what is to count (F-16): participants, or the members of the panel
    `committee` if that isn't zero. `panel` attests what no contract can compute (F-11), zero for
    none. `base_root` is the vector root of the base version's trained weights as their own bits,
    of `precision` 32 or 16 (F-13); where the strategy has a server's state, of a `Server`.
    """

    token: str
    participant_stake: int
    proposer_stake: int
    bond: int
    vector_length: int
    rule: AggregationRule
    trim: int
    certify_window: int
    answer_window: int
    dispute_window: int
    quorum: int
    committee: bytes
    panel: bytes
    precision: int
    base_root: bytes

    @property
    def chunks(self) -> int:
        """How many chunks of 256 values a vector has."""
        return -(-self.vector_length // 256)

    def certify_end(self, reveal_deadline: int) -> int:
        """Returns when certificates of updates are due, in seconds (F-16)."""
        return reveal_deadline + self.certify_window

    def slash_end(self, reveal_deadline: int) -> int:
        """Returns from when on proposals are taken, and nobody is slashed, in seconds (F-7)."""
        # A window to ask in, one to answer in, one to punish silence in (F-10).
        return self.certify_end(reveal_deadline) + 3 * self.answer_window

    def proposal_time(self, appeal_window: int = 0) -> int:
        """Returns how long a proposal takes at most until it can be settled, in seconds (F-17)."""
        return self.certify_window + self.dispute_window + appeal_window + self.answer_window

    def time_after_reveals(self, appeal_window: int = 0) -> int:
        """Returns the least time from the reveal to the proposal deadline, in seconds (F-17).

        There is a certify window more than a proposal takes, to make it in.
        """
        return self.slash_end(0) + self.certify_window + self.proposal_time(appeal_window)


@final
@dataclass(frozen=True)
class Proposal:
    """What is proposed as a round's result; payouts are zero in rounds without a panel.

    `version_root` is the vector root of the new weights, as their own bits (F-13); `momentum_root`
    that of the momentum after the round, 64 bits each, zero where no contract computes one (F-15).
    """

    top: Node
    version_root: bytes
    version_digest: bytes
    document_digest: bytes
    payout_root: bytes = bytes(32)
    payout_total: int = 0
    payout_document: bytes = bytes(32)
    momentum_root: bytes = bytes(32)


@final
@dataclass(frozen=True)
class ChunkProof:
    """A chunk's bytes with the siblings that prove it against its vector's root (L-4)."""

    chunk: bytes
    siblings: tuple[bytes, ...]
