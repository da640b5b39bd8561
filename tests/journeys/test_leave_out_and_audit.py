"""Journey: whom a robust rule left out, and why, is worked out again, and can't be hidden."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from chain_federation import MODEL, ChainFederation
from chain_parties import ChainScenario
from tests_roles import OWNER

from registry.audit import FindingKind, audit
from registry.documents.result import ResultDocument
from trainer.adapters.replay import Replay
from trainer.documents.terms_document import TermsDocument
from trainer.engines import run_in_process
from trainer.plan.training_plan import LocalPlan

KRUM = TermsDocument(
    aggregator="krum",
    aggregator_parameters={"byzantine": 1, "keep": 2},
    plan=LocalPlan(1, 8, "sgd", "0.1", 3),
)


@pytest.fixture
def federation(place: ChainScenario) -> ChainFederation:
    """A published model and five data owners, by Multi-Krum."""
    made = ChainFederation(place, OWNER, seats=5, document=KRUM)
    made.publish_first()
    return made


def hidden(document: ResultDocument) -> ResultDocument:
    """The document without one of those left out."""
    first = min(document.excluded)
    return replace(document, excluded={w: y for w, y in document.excluded.items() if w != first})


def reworded(document: ResultDocument) -> ResultDocument:
    """The document with another reason."""
    first = min(document.excluded)
    return replace(document, excluded={**document.excluded, first: "an anomaly"})


def test_three_of_five_are_left_out_and_the_audit_agrees(federation: ChainFederation) -> None:
    result = federation.round(federation.participants())
    assert result.document is not None
    assert set(result.document.excluded.values()) == {"farther from its neighbours"}
    assert len(result.document.excluded) == 3
    report = audit(federation.place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])


@pytest.mark.parametrize("forgery", [hidden, reworded])
def test_a_forged_reason_is_named(
    federation: ChainFederation, forgery: Callable[[ResultDocument], ResultDocument]
) -> None:
    coordinator = federation.coordinator("dishonest", forgery)
    round_id = coordinator.open(federation.terms(), federation.document)
    run_in_process(coordinator, federation.participants(), federation.clock, round_id)
    found = audit(federation.place.client().connection, replay=Replay()).findings[0]
    assert found.kind is FindingKind.AGGREGATE
    assert found.subject.startswith(f"{MODEL} round 1: counting the update of 0x")
    assert found.expected == "farther from its neighbours"
