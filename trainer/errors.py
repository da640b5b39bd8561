"""Why an update was refused, as a closed list that result documents and audits share."""

from __future__ import annotations

from enum import StrEnum
from typing import final

from registry.errors import UpdateRejected

__all__ = ["Reason", "UpdateRefused"]


class Reason(StrEnum):
    """The reason of a refusal, as it stands in a result document (R-9)."""

    SIGNATURE = "signature"
    COMMITMENT = "commitment"
    SHAPE = "shape"
    DTYPE = "dtype"
    RANGE = "range"
    NON_FINITE = "non_finite"
    SIZE = "size"
    MISSING_CONTENT = "missing_content"
    WEIGHT = "weight"
    STATEMENT = "statement"
    STAKE = "stake"
    """In a staked round: not enlisted, or struck (F-7)."""


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
