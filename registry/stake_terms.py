"""What a staked round asks for, what is proposed in it, and proofs, as contracts take them.

The dataclasses mirror the structs of `contracts/types/DisputeTypes.sol`; `words` turns any of
them, and those of `registry.round_nodes`, into the nested tuples that a call is encoded from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from enum import IntEnum
from typing import Any, Self, final

from registry.robust_trees import is_shaped
from registry.round_nodes import DEPTH, Children, Leaf, Node, Path, is_sound
from registry.types import ZERO_ADDRESS

__all__ = [
    "Asked",
    "ChunkProof",
    "Proposal",
    "Rule",
    "StakeTerms",
    "words",
]


class Rule(IntEnum):
    """How updates are combined (F-1); the values are the contract's."""

    MEAN = 0
    MEDIAN = 1
    TRIMMED_MEAN = 2


class Asked(IntEnum):
    """What a question asks for (F-10); the values are the contract's."""

    UPDATE = 0
    RESULT = 1
    NODE = 2


@final
@dataclass(frozen=True)
class StakeTerms:
    """A staked round's own terms; fixed when it opens.

    Stakes and the bond are in the token's smallest unit, windows in seconds, `vector_length` in
    values. `trim` is what the trimmed mean drops at each end, 0 with another rule. `disputes` is
    the contract whose judgement counts; `evaluators`, with one of its panels, the one that attests
    what no contract can compute (F-11), the zero address for none.
    """

    disputes: str
    token: str
    participant_stake: int
    proposer_stake: int
    bond: int
    vector_length: int
    rule: Rule
    trim: int
    answer_window: int
    dispute_window: int
    evaluators: str = ZERO_ADDRESS
    panel: bytes = bytes(32)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Returns the terms of a decoded struct, by its Solidity names."""
        return cls(
            told["disputes"],
            told["token"],
            told["participantStake"],
            told["proposerStake"],
            told["bond"],
            told["vectorLength"],
            Rule(told["rule"]),
            told["trim"],
            told["answerWindow"],
            told["disputeWindow"],
            told["evaluators"],
            told["panel"],
        )

    @property
    def chunks(self) -> int:
        """How many chunks of 256 values a vector has."""
        return -(-self.vector_length // 256)

    def strikes_end(self, reveal_deadline: int) -> int:
        """Returns from when on proposals are taken, and nobody is struck, in seconds (F-7)."""
        return reveal_deadline + 3 * self.answer_window

    def is_sound(self, path: Path, children: Children) -> bool:
        """Tells whether a path's end is sound under this rule, given its children (F-8).

        A robust rule's tree has the shape that its count demands. A round of one group has to
        hold more than the trimmed mean trims. Below the lowest level no path leads.
        """
        node, robust = path.end, self.rule != Rule.MEAN
        if len(path.nodes) == DEPTH and children.nodes:
            return False
        if robust and not is_shaped(node, children):
            return False
        single = len(path.nodes) == 1 and not children.nodes
        if self.rule == Rule.TRIMMED_MEAN and single and node.count <= 2 * self.trim:
            return False
        return is_sound(node, children)


@final
@dataclass(frozen=True)
class Proposal:
    """What is proposed as a round's result. Without payouts, the three last are zero."""

    top: Node
    version_digest: bytes
    document_digest: bytes
    payout_root: bytes = bytes(32)
    payout_total: int = 0
    payout_document: bytes = bytes(32)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Returns the proposal of a decoded struct, by its Solidity names in their order."""
        top, *rest = told.values()
        return cls(Node(*top.values()), *rest)


@final
@dataclass(frozen=True)
class ChunkProof:
    """A chunk's bytes with the siblings that prove it against its vector's root (L-4)."""

    chunk: bytes
    siblings: tuple[bytes, ...]


def words(
    struct: StakeTerms | Proposal | ChunkProof | Leaf | Node | Children | Path,
) -> tuple[Any, ...]:
    """Returns a struct as the nested tuples that a call is encoded from."""
    return astuple(struct)
