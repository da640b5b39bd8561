"""Panels and decisions, folded from Evaluations' events (F-11, F-12)."""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.addresses import ZERO_ADDRESS
from registry.chain.bindings.events import evaluations
from registry.index.following import Steps
from registry.types import Event, Log, RoundId

__all__ = ["DecisionRecord", "EvaluationIndex", "PanelRecord"]


@dataclass(frozen=True)
class PanelRecord:
    """Who may attest, how many have to agree, and who rules on appeals within so many seconds."""

    panel: bytes
    members: tuple[str, ...]
    threshold: int
    governor: str
    appeal_window: int


@dataclass
class DecisionRecord:
    """What was decided of a proposal; `appeal_ends_at` in seconds since 1970."""

    proposal: int
    correct: bool
    version_digest: bytes
    scores_digest: bytes
    signers: tuple[str, ...]
    appeal_ends_at: int
    appellant: str = ZERO_ADDRESS
    ruled: bool = False
    lapsed: bool = False

    def is_settled(self, now: int) -> bool:
        """Tells whether it was ruled on, or nobody appealed in time."""
        unheard = self.appellant == ZERO_ADDRESS and now >= self.appeal_ends_at
        return self.ruled or unheard


@dataclass
class EvaluationIndex:
    """Panels by id, decisions by round and number of the proposal."""

    panels: dict[bytes, PanelRecord] = field(default_factory=dict)
    decisions: dict[tuple[RoundId, int], DecisionRecord] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        _STEPS.apply(self, event)

    def of(self, round_id: RoundId, proposal: int) -> DecisionRecord | None:
        """Returns what was decided of a proposal; None before."""
        return self.decisions.get((round_id, proposal))

    def _panel(self, event: Log[evaluations.PanelCreated]) -> None:
        a = event.arguments
        words = a.threshold, a.governor, a.appeal_window
        self.panels[a.panel] = PanelRecord(a.panel, tuple(a.members), *words)

    def _evaluated(self, event: Log[evaluations.ProposalEvaluated]) -> None:
        a = event.arguments
        told = a.attestation
        self.decisions[a.round_id, a.proposal] = DecisionRecord(
            a.proposal,
            a.correct,
            told.version_digest,
            told.scores_digest,
            tuple(a.signers),
            a.appeal_ends_at,
        )

    def _appealed(self, event: Log[evaluations.DecisionAppealed]) -> None:
        a = event.arguments
        self.decisions[a.round_id, a.proposal].appellant = a.appellant

    def _ruled(self, event: Log[evaluations.AppealRuled]) -> None:
        a = event.arguments
        decision = self.decisions[a.round_id, a.proposal]
        decision.correct, decision.ruled = a.correct, True

    def _lapsed(self, event: Log[evaluations.AppealLapsed]) -> None:
        a = event.arguments
        self.decisions[a.round_id, a.proposal].lapsed = True


_STEPS = (
    Steps[EvaluationIndex]()
    .on(evaluations.PanelCreated, EvaluationIndex._panel)
    .on(evaluations.ProposalEvaluated, EvaluationIndex._evaluated)
    .on(evaluations.DecisionAppealed, EvaluationIndex._appealed)
    .on(evaluations.AppealRuled, EvaluationIndex._ruled)
    .on(evaluations.AppealLapsed, EvaluationIndex._lapsed)
)
