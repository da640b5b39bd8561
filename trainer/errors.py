"""Why an update was refused, as a closed list that result documents and audits share."""

from __future__ import annotations

from typing import final

from registry.documents.result import Reason
from registry.errors import RoundError, UpdateRejected

__all__ = ["Reason", "UpdateRefused", "WrongPhase"]


@final
class UpdateRefused(UpdateRejected):
    """An update that was refused at the door.

    `reason` is one of a closed list; `detail` says what was expected and what came. The detail is
    for people: an audit compares reasons only.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail


@final
class WrongPhase(RoundError):
    """A board's refusal of a step that the round's phase doesn't allow, as the contract's own."""
