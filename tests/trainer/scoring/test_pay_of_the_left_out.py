"""Who is left out is paid nothing, whatever it claims; whom the terms trust has to come (A-6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from memory_federation import Federation

from trainer.documents.terms_document import TermsDocument
from trainer.engines.in_process import run_in_process
from trainer.execution.execute import execute
from trainer.execution.round_inputs import RoundInputs
from trainer.plan.training_plan import LocalPlan
from trainer.research.attacks import sign_flip
from trainer.scoring import CrossEntropy
from trainer.training.client import Training
from trainer.training.local_training import LocalResult
from trainer.types import AcceptedUpdate, Lattice
from trainer.vectors.layout import Layout
from trainer.vectors.safetensors_files import State

PLAN = LocalPlan(2, 8, "sgd", "0.1", 3)
CAP = 1_000
BUDGET = 1_000_000


def claiming(training: Training) -> Training:
    """A training that claims more examples than the cap counts."""

    def train(base: State, plan: LocalPlan) -> LocalResult:
        return replace(training(base, plan), examples=100 * CAP)

    return train


def played(
    federation: Federation, document: TermsDocument, evaluate: Any, trainings: list[Any]
) -> Any:
    """A round of as many participants as trainings; None is an honest one."""
    federation.document = document
    people = [federation.participant(i, training) for i, training in enumerate(trainings)]
    terms = federation.terms(
        document_digest=document.digest, maximum_participants=len(people), weight_cap=CAP
    )
    return federation.round(people, terms, evaluate)


def flipped(federation: Federation, place: int) -> Training:
    """A sign-flipper that claims the most that counts."""
    return claiming(sign_flip(federation.honest(place), 4.0))


@pytest.mark.parametrize("told", ["falls", "never changes", "rises"])
def test_a6_poisoners_that_krum_left_out_are_paid_nothing_whatever_they_claim(
    federation: Federation, told: str
) -> None:
    f = federation
    measured = CrossEntropy(f.model(), *f.points(99, 300))
    most = 1_000_000_000
    evaluate = {
        "falls": measured,
        "never changes": lambda state: 7,
        # Every update alone and together makes it worse: no score is above zero.
        "rises": lambda state: most - measured(state),
    }[told]
    document = TermsDocument(
        plan=PLAN,
        aggregator="krum",
        aggregator_parameters={"byzantine": 1, "keep": 3},
        scoring="leave_one_out",
        evaluation=bytes(32),
    )
    trainings = [None] * 5 + [flipped(f, 5), flipped(f, 6)]
    result = played(f, document, evaluate, trainings).document
    liars = {f.people[5].address, f.people[6].address}
    assert liars <= set(result.excluded)
    scores = {entry.participant: entry.score for entry in result.accepted}
    assert all(scores[who] == 0 and result.shares[who] == 0 for who in result.excluded)
    assert sum(result.shares.values()) == BUDGET
    weights = {entry.participant: entry.weight for entry in result.accepted}
    assert all(weights[who] == CAP for who in liars)
    counted = sorted(result.shares[who] for who in result.shares if who not in result.excluded)
    if told == "never changes":
        assert counted == [333_333, 333_333, 333_334]


@pytest.mark.parametrize("scoring", ["examples", "equal", "leave_one_out"])
def test_a6_the_left_out_get_nothing_by_any_scoring(federation: Federation, scoring: str) -> None:
    f = federation
    measured = CrossEntropy(f.model(), *f.points(99, 300))
    document = TermsDocument(
        plan=PLAN, screening=0, evaluation=bytes(32), scoring=scoring, aggregator="median"
    )
    trainings = [None, None, None, flipped(f, 3)]
    result = played(f, document, measured, trainings).document
    liar = f.people[3].address
    assert "screened" in result.excluded[liar]
    assert result.shares[liar] == 0
    assert sum(result.shares.values()) == BUDGET


def trusting(federation: Federation, place: int) -> TermsDocument:
    """Terms that trust one of the people."""
    return TermsDocument(
        plan=PLAN,
        aggregator="fltrust",
        aggregator_parameters={"trusted": federation.participant(place).address},
    )


def test_a_silent_accomplice_does_not_move_whom_fltrust_trusts(federation: Federation) -> None:
    f = federation
    # The accomplice has the lowest address: were trust a place, it would move by one.
    order = sorted(range(4), key=lambda place: int(f.participant(place).address, 16))
    silent, trusted, attacker = order[0], order[1], order[2]
    f.document = trusting(f, trusted)
    people = []
    for place in order:
        flips = sign_flip(f.honest(place), 4.0) if place == attacker else None
        people.append(f.participant(place, flips))
    terms = f.terms(document_digest=f.document.digest, maximum_participants=4)
    coordinator = f.coordinator()
    round_id = coordinator.open(terms, f.document)
    people[0].step(round_id)  # it takes its seat, and is never heard of again
    result = run_in_process(coordinator, people[1:], f.clock, round_id)
    assert people[0].address == f.participant(silent).address
    assert result.document is not None
    assert result.document.excluded == {people[2].address: "points away from the trusted update"}
    assert result.document.shares[people[2].address] == 0


def test_a_round_without_whom_fltrust_trusts_comes_to_nothing(federation: Federation) -> None:
    f = federation
    f.document = trusting(f, 3)
    terms = f.terms(document_digest=f.document.digest, maximum_participants=4)
    coordinator = f.coordinator()
    round_id = coordinator.open(terms, f.document)
    people = [f.participant(place) for place in range(3)]
    result = run_in_process(coordinator, people, f.clock, round_id)
    assert result.document is None
    assert f.board().state(round_id).voided
    assert "whose update isn't among those that count" in result.obstacle


def test_the_trusted_one_scores_what_the_round_would_lack_without_it(
    federation: Federation,
) -> None:
    f = federation
    measured = CrossEntropy(f.model(), *f.points(99, 300))
    document = replace(trusting(f, 0), scoring="leave_one_out", evaluation=bytes(32))
    result = played(f, document, measured, [None, None, None]).document
    scores = {entry.participant: entry.score for entry in result.accepted}
    # Without it there would have been no version: the loss stays the base's.
    assert scores[f.people[0].address] > 0


def test_an_update_that_leads_to_no_version_is_screened_out_and_ends_no_round() -> None:
    base = {"w": torch.full((2,), 60_000, dtype=torch.float16)}
    layout, lattice = Layout.of(base, ["*"]), Lattice(32, 0)
    updates = [
        AcceptedUpdate(f"0x{i:040x}", bytes(32), bytes(32), 1, np.array([v, 0], np.int32))
        for i, v in enumerate([8, 16, 24, 30_000])
    ]
    document = TermsDocument(aggregator="median", screening=10**9, evaluation=bytes(32))
    outcome = execute(RoundInputs(base, lattice, document, updates, evaluate=lambda state: 5))
    assert list(outcome.excluded) == [updates[3].participant]
    assert "alone it leads to no version" in outcome.excluded[updates[3].participant]
    assert layout.length == 2
