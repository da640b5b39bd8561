"""The result document: what a round accepted and refused, scored and shared (R-9).

Coordinator, participant and audit read it by this one strict reader: what one of them takes for a
document, the others do too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from registry.addresses import address_order
from registry.documents.canonical_json import (
    amount,
    bytes32_from_hex,
    bytes32_to_hex,
    canonical,
    checksummed,
    parse,
    require_fields,
)
from registry.documents.evaluation import EvaluationSummary
from registry.errors import ConfigError
from registry.fraud_proofs.nodes import RevealedUpdate

__all__ = [
    "LARGEST_RESULT",
    "MOST_SEATS",
    "AcceptedEntry",
    "Reason",
    "RefusedUpdate",
    "ResultDocument",
    "owed_shares",
]

FORMAT = "tallystick/result/1"
MOST_SEATS = 40_000
"""The most seats of a round whose result is to be written."""
_LARGEST_ENTRY = 825  # bytes of an update that is accepted and excluded, all at their longest
_LARGEST_SUMMARY = 16_384  # bytes of 32 metrics, all at their longest
LARGEST_RESULT = 4_096 + _LARGEST_SUMMARY + MOST_SEATS * _LARGEST_ENTRY
_FIELDS = (
    "format",
    "round",
    "resultRoot",
    "versionDigest",
    "scoring",
    "budget",
    "accepted",
    "refused",
    "scores",
    "shares",
)
_AGGREGATION = "aggregation"
_EXCLUDED = "excluded"
_EVALUATION = "evaluation"
_ACCEPTED = ("participant", "updateRoot", "contentDigest", "weight")
_REFUSED = ("participant", "reason", "detail")
_LONGEST_DETAIL = 300
_LONGEST_SCORING = 64


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
    HIDDEN = "hidden"
    WEIGHT = "weight"
    STATEMENT = "statement"
    SATURATED = "saturated"
    """More of a tensor's values at the lattice's bounds than the terms allow (L-9)."""
    STAKE = "stake"
    """In a staked round: not certified, or slashed (F-7)."""


@dataclass(frozen=True)
class RefusedUpdate:
    """A revealed update that was refused, with its reason."""

    participant: str
    reason: Reason
    detail: str


@dataclass(frozen=True)
class AcceptedEntry(RevealedUpdate):
    """An accepted update with its score and its share of the budget, in the smallest unit."""

    score: int
    share: int


@dataclass(frozen=True)
class ResultDocument:
    """A round's result. Entries are by ascending address.

    `aggregation` is the digest of the folder that lays the aggregation of a staked round open
    (`trainer.staked.published`); other rounds have none. `excluded` says why an accepted update
    was left out of the aggregate, by participant. `evaluation` is what participants measured of the
    base version, where the terms ask for that and enough did (R-14).

    The round-trip law: `ResultDocument.parse(d.to_json()) == d`. Amounts are decimal text in JSON,
    since other languages read large integers as floats.
    """

    round_id: bytes
    result_root: bytes
    version_digest: bytes
    scoring: str
    budget: int
    accepted: tuple[AcceptedEntry, ...]
    refused: tuple[RefusedUpdate, ...]
    aggregation: bytes | None = None
    excluded: Mapping[str, str] = field(default_factory=dict)
    evaluation: EvaluationSummary | None = None

    @property
    def shares(self) -> dict[str, int]:
        """Shares of the budget by participant."""
        return {entry.participant: entry.share for entry in self.accepted}

    @property
    def scores(self) -> dict[str, int]:
        """Scores by participant."""
        return {entry.participant: entry.score for entry in self.accepted}

    @property
    def weights(self) -> dict[str, int]:
        """Weights by participant."""
        return {entry.participant: entry.weight for entry in self.accepted}

    @property
    def refusals(self) -> dict[str, str]:
        """The reason codes of refused updates, by participant."""
        return {update.participant: update.reason.value for update in self.refused}

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        extra: dict[str, Any] = {}
        if self.aggregation is not None:
            extra[_AGGREGATION] = bytes32_to_hex(self.aggregation)
        if self.excluded:
            extra[_EXCLUDED] = dict(self.excluded)
        if self.evaluation is not None:
            extra[_EVALUATION] = self.evaluation.to_fields()
        return canonical(
            {
                **extra,
                "format": FORMAT,
                "round": bytes32_to_hex(self.round_id),
                "resultRoot": bytes32_to_hex(self.result_root),
                "versionDigest": bytes32_to_hex(self.version_digest),
                "scoring": self.scoring,
                "budget": str(self.budget),
                "accepted": [_accepted_fields(entry) for entry in self.accepted],
                "scores": {entry.participant: entry.score for entry in self.accepted},
                "shares": {entry.participant: str(entry.share) for entry in self.accepted},
                "refused": [
                    {"participant": r.participant, "reason": r.reason.value, "detail": r.detail}
                    for r in self.refused
                ],
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> ResultDocument:
        """Reads a document.

        Raises:
            ConfigError: malformed, of another format, or with entries out of order.
        """
        fields = parse(data, LARGEST_RESULT, "result document")
        told = _AGGREGATION in fields
        aggregation = bytes32_from_hex(fields.pop(_AGGREGATION), _AGGREGATION) if told else None
        excluded = fields.pop(_EXCLUDED, {})
        measured = None
        if _EVALUATION in fields:
            measured = EvaluationSummary.from_fields(fields.pop(_EVALUATION))
        found = require_fields(fields, _FIELDS, "result")
        if found["format"] != FORMAT:
            raise ConfigError(f"result document: expected format {FORMAT}")
        if not isinstance(found["accepted"], list) or not isinstance(found["refused"], list):
            raise ConfigError("result document: expected lists of accepted and refused updates")
        scores, shares = found["scores"], found["shares"]
        accepted = tuple(_accepted(value, scores, shares) for value in found["accepted"])
        if not accepted:
            raise ConfigError("result document: expected at least one accepted update")
        if len(scores) != len(accepted) or len(shares) != len(accepted):
            raise ConfigError("result document: expected a score and a share per accepted update")
        refused = tuple(_refused(value) for value in found["refused"])
        for names in ([a.participant for a in accepted], [r.participant for r in refused]):
            if names != sorted(set(names), key=address_order):
                raise ConfigError("result document: expected each address once, ascending")
        return cls(
            bytes32_from_hex(found["round"], "round"),
            bytes32_from_hex(found["resultRoot"], "resultRoot"),
            bytes32_from_hex(found["versionDigest"], "versionDigest"),
            _text(found["scoring"], _LONGEST_SCORING, "scoring"),
            amount(found["budget"], "result document"),
            accepted,
            refused,
            aggregation,
            _excluded(excluded, accepted),
            measured,
        )


def _accepted_fields(entry: AcceptedEntry) -> dict[str, Any]:
    return {
        "participant": entry.participant,
        "updateRoot": bytes32_to_hex(entry.update_root),
        "contentDigest": bytes32_to_hex(entry.content_digest),
        "weight": entry.weight,
    }


def _accepted(value: Any, scores: Any, shares: Any) -> AcceptedEntry:
    found = require_fields(value, _ACCEPTED, "accepted update")
    participant = checksummed(found["participant"], "result document")
    if not isinstance(scores, dict) or not isinstance(shares, dict):
        raise ConfigError("result document: expected scores and shares by participant")
    return AcceptedEntry(
        participant,
        bytes32_from_hex(found["updateRoot"], "updateRoot"),
        bytes32_from_hex(found["contentDigest"], "contentDigest"),
        _weight(found["weight"]),
        _natural(scores.get(participant), "score"),
        amount(shares.get(participant), "result document"),
    )


def _excluded(value: Any, accepted: Sequence[AcceptedEntry]) -> dict[str, str]:
    known = {entry.participant for entry in accepted}
    if not isinstance(value, dict) or not set(value) <= known:
        raise ConfigError("result document: expected reasons of accepted updates under excluded")
    return {who: _text(why, _LONGEST_DETAIL, "excluded") for who, why in value.items()}


def _natural(value: Any, name: str) -> int:
    if type(value) is not int or not 0 <= value < 1 << 64:
        raise ConfigError(f"result document: expected {name} from 0 to 2^64 - 1")
    return value


def _weight(value: Any) -> int:
    if _natural(value, "weight") == 0:
        raise ConfigError("result document: expected positive weights")
    return int(value)


def _refused(value: Any) -> RefusedUpdate:
    found = require_fields(value, _REFUSED, "refused update")
    if not isinstance(found["reason"], str) or found["reason"] not in set(Reason):
        raise ConfigError(f"result document: unknown reason {str(found['reason'])[:40]!r}")
    return RefusedUpdate(
        checksummed(found["participant"], "result document"),
        Reason(found["reason"]),
        _text(found["detail"], _LONGEST_DETAIL, "detail"),
    )


def _text(value: Any, longest: int, name: str) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ConfigError(f"result document: expected {name} of at most {longest} characters")
    return value


def owed_shares(data: bytes, round_id: bytes, budget: int) -> dict[str, int]:
    """Returns what a final round owes, by participant; nothing if its document isn't one (P-8).

    Whoever pays and whoever audits has to come to the same amounts, and one bad document must not
    stop the pay of other rounds: so a document that is malformed, of another round, or whose shares
    don't sum to the round's budget owes nobody, and its budget stays where it is.

    Args:
        data: the text that the chain names by digest.
        round_id: 32 bytes.
        budget: of the round's terms, in the token's smallest unit.
    """
    try:
        document = ResultDocument.parse(data)
    except ConfigError:
        return {}
    shares = document.shares
    if document.round_id != round_id or sum(shares.values()) != budget:
        return {}
    return shares
