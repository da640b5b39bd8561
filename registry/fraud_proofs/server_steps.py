"""A server with a state of its own: its step, what a round of it trains on, and proofs (F-15).

The dataclasses are the structs of `contracts/types/DisputeTypes.sol`, in their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import final

from registry.fraud_proofs.stake_terms import ChunkProof
from registry.hashing import keccak256

__all__ = ["Server", "ServerStep", "StepProof"]


class ServerStep(IntEnum):
    """How a server makes its step of the aggregate; the values are the contract's.

    What comes of an evaluated one no contract computes: a panel attests it (F-11).
    """

    NONE = 0
    FEDAVGM = 1
    DILOCO = 2
    EVALUATED = 3


@final
@dataclass(frozen=True)
class Server:
    """What a round trains on where the strategy has a server's state.

    `factor` (β or μ) and `rate` are binary64's bits. `weights_root` is that of the base's weights,
    `momentum_root` that of the momentum remembered there, 64 bits each. Of an evaluated step all
    but the weights' root is zero.
    """

    step: ServerStep
    factor: int
    rate: int
    weights_root: bytes
    momentum_root: bytes

    @property
    def root(self) -> bytes:
        """What stake terms name as the base's root: `keccak(enc(server))`, 32 bytes."""
        numbers = (int(self.step), self.factor, self.rate)
        words = b"".join(number.to_bytes(32, "big") for number in numbers)
        return keccak256(words + self.weights_root + self.momentum_root)

    @property
    def is_judged(self) -> bool:
        """Whether a contract computes its step."""
        return self.step in (ServerStep.FEDAVGM, ServerStep.DILOCO)


@final
@dataclass(frozen=True)
class StepProof:
    """What proves a step wrong in one chunk: base, momentum there, numerators, and the claim.

    What is claimed is the new momentum if `of_momentum`, and the new weights if not.
    """

    of_momentum: bool
    base: ChunkProof
    momenta: ChunkProof
    numerators: ChunkProof
    claim: ChunkProof

    @classmethod
    def of_nothing(cls) -> StepProof:
        """Returns what proves a proposal wrong that names no memory: nothing is needed."""
        return cls(False, *[ChunkProof(b"", ())] * 4)
