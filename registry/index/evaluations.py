"""Panels and decisions, folded from Evaluations' events (F-11, F-12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from registry.addresses import ZERO_ADDRESS
from registry.types import Event, RoundId

__all__ = ["DecisionRecord", "EvaluationBook", "PanelRecord"]


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
class EvaluationBook:
    """Panels by id, decisions by round and number of the proposal."""

    panels: dict[bytes, PanelRecord] = field(default_factory=dict)
    decisions: dict[tuple[RoundId, int], DecisionRecord] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        step = _STEPS.get(event.name)
        if step is not None:
            step(self, event)

    def of(self, round_id: RoundId, proposal: int) -> DecisionRecord | None:
        """Returns what was decided of a proposal; None before."""
        return self.decisions.get((round_id, proposal))

    def _panel(self, event: Event) -> None:
        a = event.arguments
        words = a["threshold"], a["governor"], a["appealWindow"]
        self.panels[a["panel"]] = PanelRecord(a["panel"], tuple(a["members"]), *words)

    def _evaluated(self, event: Event) -> None:
        a = event.arguments
        told = a["attestation"]
        self.decisions[a["roundId"], a["proposal"]] = DecisionRecord(
            a["proposal"],
            a["correct"],
            told["versionDigest"],
            told["scoresDigest"],
            tuple(a["signers"]),
            a["appealEndsAt"],
        )

    def _appealed(self, event: Event) -> None:
        a = event.arguments
        self.decisions[a["roundId"], a["proposal"]].appellant = a["appellant"]

    def _ruled(self, event: Event) -> None:
        a = event.arguments
        decision = self.decisions[a["roundId"], a["proposal"]]
        decision.correct, decision.ruled = a["correct"], True

    def _lapsed(self, event: Event) -> None:
        a = event.arguments
        self.decisions[a["roundId"], a["proposal"]].lapsed = True


_STEPS: dict[str, Callable[[EvaluationBook, Event], None]] = {
    "PanelCreated": EvaluationBook._panel,
    "ProposalEvaluated": EvaluationBook._evaluated,
    "DecisionAppealed": EvaluationBook._appealed,
    "AppealRuled": EvaluationBook._ruled,
    "AppealLapsed": EvaluationBook._lapsed,
}
