"""What Questions tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["QuestionAnswered", "QuestionAsked", "QuestionClosed"]


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """`QuestionAnswered(RoundId, uint256, address)`."""

    round_id: bytes
    question: int
    answerer: str


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """`QuestionAsked(…)`."""

    round_id: bytes
    question: int
    asker: str
    kind: int
    accountable: str
    subject: bytes
    chunk: int
    deadline: int


@dataclass(frozen=True, slots=True)
class QuestionClosed:
    """`QuestionClosed(RoundId, uint256)`."""

    round_id: bytes
    question: int
