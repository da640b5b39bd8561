"""A step that a round's phase doesn't allow is told as a sentence, not by numbers."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode

from registry.chain.reverts import reverted
from registry.hashing import keccak256
from registry.phases import moment_text, phase_text, wrong_phase_text
from registry.types import Phase

WRONG_PHASE = keccak256(b"WrongPhase(bytes32,uint8,uint8)")[:4]
CANNOT_VOID = keccak256(b"CannotVoid(bytes32,uint8)")[:4]


@pytest.mark.parametrize(
    ("expected", "actual", "says"),
    [
        (Phase.ENROLMENT, Phase.COMMIT, "too late to take a seat: updates are committed to"),
        (Phase.COMMIT, Phase.FINALISED, "too late to commit to an update: the round is final"),
        (Phase.REVEAL, Phase.COMMIT, "too early to reveal an update: updates are committed to"),
        (Phase.PROPOSAL, Phase.VOIDED, "too late to propose a result: the round is void"),
        (Phase.PROPOSED, Phase.REVEAL, "too early to make a result final: updates are revealed"),
    ],
)
def test_a_contract_s_refusal_names_the_step_and_where_the_round_is(
    expected: Phase, actual: Phase, says: str
) -> None:
    data = WRONG_PHASE + encode(["bytes32", "uint8", "uint8"], [b"r" * 32, expected, actual])
    error = reverted(data, "TrainingRounds.commit")
    assert str(error) == f"TrainingRounds.commit: {says}; look at `tally round show`"
    assert type(error).__name__ == "WrongPhase"
    assert (error.arguments["expected"], error.arguments["actual"]) == (expected, actual)
    assert wrong_phase_text(expected, actual) == says


def test_a_phase_that_is_none_of_ours_stays_a_number() -> None:
    data = WRONG_PHASE + encode(["bytes32", "uint8", "uint8"], [b"r" * 32, 2, 99])
    assert "WrongPhase(" in str(reverted(data, "x"))
    assert "actual=99" in str(reverted(data, "x"))


def test_what_can_t_be_voided_says_where_the_round_is() -> None:
    data = CANNOT_VOID + encode(["bytes32", "uint8"], [b"r" * 32, Phase.COMMIT])
    assert "it can't be voided now: updates are committed to" in str(reverted(data, "x"))


def test_every_phase_has_words_and_a_moment_has_a_zone() -> None:
    assert len({phase_text(phase) for phase in Phase}) == len(Phase)
    assert moment_text(0) == "1970-01-01 00:00:00 UTC"
