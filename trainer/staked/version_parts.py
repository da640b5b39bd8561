"""What of a version the chain judges: trained weights, and a server's momentum (F-13, F-15)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import final

from registry.fraud_proofs.server_steps import ServerStep
from trainer.documents.terms_document import TermsDocument
from trainer.execution.memory_roots import Momenta, momenta_of
from trainer.execution.version_roots import Weights, weights_of
from trainer.staked.servers import step_of

__all__ = ["Made", "made_of"]


@final
@dataclass(frozen=True)
class Made:
    """A version's vectors, where they lie in its folder.

    Args:
        weights: the trained ones.
        memory: the server's momentum; None where no contract computes one.
    """

    weights: Weights
    memory: Momenta | None

    def roots(self) -> tuple[bytes, bytes]:
        """Returns what a proposal says of both; zero for no memory."""
        return self.weights.root(), bytes(32) if self.memory is None else self.memory.root()


def made_of(folder: Path, document: TermsDocument) -> Made:
    """Returns the vectors of a version's folder, as a terms document trains it.

    Raises:
        ConfigError: weights of other types than can be proved, or a memory of another strategy.
    """
    weights = weights_of(folder, document)
    if step_of(document) not in (ServerStep.FEDAVGM, ServerStep.DILOCO):
        return Made(weights, None)
    return Made(weights, momenta_of(folder, weights.length))
