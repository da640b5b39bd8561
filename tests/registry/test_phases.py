"""A step that a round's phase doesn't allow is told as a sentence, not by numbers."""

from __future__ import annotations

import pytest

from registry.phases import phase_text, wrong_phase_text
from registry.types import Phase


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
def test_a_refusal_names_the_step_and_where_the_round_is(
    expected: Phase, actual: Phase, says: str
) -> None:
    assert wrong_phase_text(expected, actual) == says


def test_every_phase_has_words_of_its_own() -> None:
    assert len({phase_text(phase) for phase in Phase}) == len(Phase)
