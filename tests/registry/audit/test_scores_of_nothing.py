"""The last bit of a score may differ between processors, and is worth next to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from registry.audit.findings import Report
from registry.audit.replay import Replayed
from registry.audit.result_comparison import ResultComparison
from trainer.adapters.replay import Replay
from trainer.scoring import shares_of

BUDGET = 1_000_003
WHO = [f"0x{place:040x}" for place in range(1, 4)]


@dataclass
class Told:
    """What a result document tells of scores and shares."""

    scores: dict[str, int]
    shares: dict[str, int]


def findings(right: list[int], told: list[int]) -> list[Any]:
    """What an audit finds of told scores that were right ones at first."""
    scores = dict(zip(WHO, told, strict=True))
    report = Report(1, WHO[0], 1)
    evidence = SimpleNamespace(report=report, state=None)
    terms = SimpleNamespace(reward_budget=BUDGET)
    record = SimpleNamespace(terms=terms, coordinator=WHO[0], round_id=bytes(32))
    compared = ResultComparison(evidence, record, "round 1", (), frozenset())  # type: ignore[arg-type]
    object.__setattr__(compared, "_attested", lambda document: None)
    found = Replayed({}, bytes(32), None, dict(zip(WHO, right, strict=True)), {})  # type: ignore[arg-type]
    compared.shares(Replay(), found, Told(scores, shares_of(scores, BUDGET)))  # type: ignore[arg-type]
    return [finding.subject for finding in report.findings]


@pytest.mark.parametrize("told", [[4_001, 7_000, 2_000], [4_000, 6_999, 2_001]])
def test_a_last_bit_that_moves_a_thousandth_at_most_is_no_finding(told: list[int]) -> None:
    assert findings([4_000, 7_000, 2_000], told) == []


@pytest.mark.parametrize(
    ("right", "told"),
    [([0, 0, 0], [0, 0, 1]), ([1, 0, 0], [0, 0, 0]), ([2, 1, 1], [1, 2, 1])],
)
def test_p2_a_last_bit_that_decides_who_is_paid_is_one(right: list[int], told: list[int]) -> None:
    assert any("by the scores worked out again" in subject for subject in findings(right, told))
