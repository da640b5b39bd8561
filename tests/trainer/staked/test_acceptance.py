"""T-38: a participant refuses terms that it can't live with, and says which."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from proposal_scenario import ANSWER, CERTIFY, ProposalScenario

from registry.errors import ConfigError
from trainer.staked.acceptance import Acceptance

PANEL, COMMITTEE = b"\x0a" * 32, b"\x0b" * 32
ENOUGH = Acceptance(1_000, ANSWER, CERTIFY, (PANEL,), (COMMITTEE,))


@pytest.mark.parametrize(
    ("stricter", "says"),
    [
        ({"most_stake": 999}, "allow it with --stake 1000"),
        ({"least_answer": ANSWER + 1}, f"allow it with --least-answer {ANSWER}"),
        ({"least_certify": CERTIFY + 1}, f"allow it with --least-certify {CERTIFY}"),
        ({"panels": ()}, f"accept it with --panel 0x{PANEL.hex()}"),
        ({"committees": (PANEL,)}, f"accept it with --committee 0x{COMMITTEE.hex()}"),
    ],
)
def test_t38_a_term_beyond_what_is_accepted_is_refused_by_name(
    tmp_path: Path, stricter: dict[str, Any], says: str
) -> None:
    state = ProposalScenario(tmp_path, 2).state
    stakes = replace(state.stakes, panel=PANEL, committee=COMMITTEE)
    judged = replace(state, stakes=stakes)
    ENOUGH.require(judged)
    with pytest.raises(ConfigError, match=says):
        replace(ENOUGH, **stricter).require(judged)


def test_without_a_panel_or_committee_none_has_to_be_accepted(tmp_path: Path) -> None:
    Acceptance(1_000).require(ProposalScenario(tmp_path, 2).state)
