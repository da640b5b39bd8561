"""What a round's outcome is a function of, as one value (A-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import torch

from registry.errors import ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.scoring import Evaluate
from trainer.strategies import ServerMemory
from trainer.types import AcceptedUpdate, Lattice, RoundTerms

__all__ = ["RoundInputs"]


@dataclass(frozen=True, eq=False)
class RoundInputs:
    """Everything that `execute` and `score` look at; nothing else decides what a round comes to.

    Args:
        base: the base version's tensors, by name.
        lattice: how updates became integers.
        document: what the terms say beside the chain: rules, plan, layout.
        updates: the accepted ones, in any order; one of each participant.
        memory: what the strategy remembers at the base version, vectors of shape (n,); None for
            nothing yet.
        evaluate: a version's loss on the validation set, in micro-nats; needed where the terms
            screen updates or score them by leaving one out.
    """

    base: Mapping[str, torch.Tensor]
    lattice: Lattice
    document: TermsDocument
    updates: Sequence[AcceptedUpdate]
    memory: ServerMemory | None = None
    evaluate: Evaluate | None = None

    @classmethod
    def under(
        cls,
        terms: RoundTerms,
        document: TermsDocument,
        base: Mapping[str, torch.Tensor],
        updates: Sequence[AcceptedUpdate],
        memory: ServerMemory | None = None,
        evaluate: Evaluate | None = None,
    ) -> Self:
        """Returns the inputs of a round of these terms.

        Raises:
            ConfigError: the document isn't the one that the terms name.
        """
        if document.strategy != terms.strategy or document.digest != terms.document_digest:
            raise ConfigError("the terms document isn't the one that the round's terms name")
        return cls(base, terms.lattice, document, updates, memory, evaluate)
