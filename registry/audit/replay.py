"""The one port through which the audit re-executes training: the trainer implements it.

The registry never imports the trainer; an implementation is found by the entry point
`tallystick.replay`, or handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from registry.chain.bindings.structs import RoundTerms
from registry.documents.evaluation import EvaluationSummary
from registry.fraud_proofs.nodes import RevealedUpdate
from registry.fraud_proofs.stake_terms import StakeTerms
from registry.index.hidden_rounds import HiddenRoundRecord
from registry.signing import ContractSignatureChecker, Domain

__all__ = ["Claim", "HiddenEvidence", "Replayed", "RoundReplay", "installed_replay"]


@dataclass(frozen=True)
class Claim(RevealedUpdate):
    """A revealed update, as the chain records it; `folder` holds its fetched content."""

    folder: Path


@dataclass(frozen=True)
class Replayed:
    """What a round comes to when it is computed again.

    `refused` maps participants to the reason code of the first check that their update fails;
    `version` is the new version's folder; `scores` is None where the validation set isn't at hand;
    `excluded` says why accepted updates were left out of the aggregate; `evaluation` is what
    participants measured of the base version, where the terms ask for that (R-14).
    """

    refused: dict[str, str]
    result_root: bytes
    version: Path
    scores: dict[str, int] | None
    excluded: dict[str, str] = field(default_factory=dict)
    evaluation: EvaluationSummary | None = None


@dataclass(frozen=True)
class HiddenEvidence:
    """What the chain has of a hidden round, and where its seeds are good.

    Args:
        record: the round's events.
        chain_id: of the chain.
        contract: the address of HiddenRounds.
        unmask_from: under stake the end of slashing, else 0.
    """

    record: HiddenRoundRecord
    chain_id: int
    contract: str
    unmask_from: int = 0


class RoundReplay(Protocol):
    """Computes a round again from its evidence."""

    def round(
        self,
        *,
        domain: Domain,
        round_id: bytes,
        terms: RoundTerms,
        document: bytes,
        base: Path,
        base_version_id: bytes,
        claims: Sequence[Claim],
        scratch: Path,
        folder_of: Callable[[bytes], Path | None],
        code_checker: ContractSignatureChecker | None,
        stakes: StakeTerms | None = None,
        hidden: HiddenEvidence | None = None,
    ) -> Replayed:
        """Checks every claim, aggregates the accepted ones, and builds the new version.

        Args:
            domain: of TrainingRounds on this chain.
            round_id: 32 bytes.
            terms: what the round was opened with.
            document: the terms document that `terms.document_digest` names.
            base: the folder of the base version.
            base_version_id: the base version's id, 32 bytes.
            claims: every revealed update.
            scratch: an empty folder to work in.
            folder_of: fetches a folder by digest; None if it can't be had.
            code_checker: the chain's answer for contract accounts.
            stakes: of a staked round. Its claims are those that count, whatever their statements
                say (F-7), and its result's root is that of the numerators (F-8).
            hidden: of a hidden round. Its claims are masked; what takes the masks off their sums
                was opened on the chain (H-7).
        """
        ...

    def shares(
        self, budget: int, scores: dict[str, int], excluded: Collection[str]
    ) -> dict[str, int]:
        """Returns the integer shares of a budget (P-1, P-2); nothing to who was left out (A-6).

        Args:
            budget: in the token's smallest unit.
            scores: as a result document tells them.
            excluded: who was left out, as it was found again.
        """
        ...

    def base_root(self, document: bytes, base: Path) -> bytes:
        """Returns what a round's stake terms have to name as the root of its base (F-13, F-15).

        Args:
            document: the terms document.
            base: the base version's folder.

        Raises:
            ConfigError: a folder without such weights, or a strategy that isn't for stakes.
        """
        ...

    def momentum_root(self, document: bytes, version: Path) -> bytes:
        """Returns the root of what a version's server remembers; zero where no contract says.

        Args:
            document: the terms document, which names the strategy.
            version: the version's folder.

        Raises:
            ConfigError: a folder that remembers something else.
        """
        ...

    def version_root(self, document: bytes, version: Path) -> bytes:
        """Returns the root of a version's trained weights, 32 bytes (F-13).

        Args:
            document: the terms document that says which tensors are trained.
            version: the version's folder.

        Raises:
            ConfigError: a folder without such weights.
        """
        ...


def installed_replay() -> RoundReplay | None:
    """Returns the installed implementation, or None where the trainer isn't installed."""
    for point in entry_points(group="tallystick.replay", name="replay"):
        try:
            found: RoundReplay = point.load()()
        except ModuleNotFoundError:
            return None
        return found
    return None
