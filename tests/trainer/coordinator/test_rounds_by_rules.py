"""Whole rounds by every strategy and aggregator: each ends, again with the same bytes (A-4)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from memory_federation import Federation

from registry.errors import ConfigError
from trainer.aggregation.factory import AGGREGATORS
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import read_memory
from trainer.plan.training_plan import LocalPlan
from trainer.research.attacks import scaled, sign_flip
from trainer.strategies import STRATEGIES

TRUSTED = "the trusted one"
AGGREGATED: dict[str, dict[str, int | str]] = {
    "mean": {},
    "median": {},
    "trimmed_mean": {"trim": 1},
    "krum": {"byzantine": 1},
    "bulyan": {"byzantine": 1},
    "geometric_median": {},
    "centred_clipping": {},
    "norm_clipping": {},
    "fltrust": {"trusted": TRUSTED},
    "foolsgold": {},
    "clustered_mean": {"clusters": 1},
}


PLAN = LocalPlan(2, 8, "sgd", "0.1", 3)
NEEDED: dict[str, dict[str, Any]] = {
    "qfedavg": {"plan": replace(PLAN, weight="loss"), "scoring": "equal"},
    "fedbuff": {"plan": replace(PLAN, weight="staleness"), "scoring": "equal"},
    "scaffold": {"plan": replace(PLAN, steps=12), "strategy_parameters": {"participants": "3"}},
}
FORGETFUL = {"fedavg", "gossip", "hierarchical", "fednova", "qfedavg", "fedbuff"}


def played(federation: Federation, document: TermsDocument, seats: int = 7, **people: Any) -> Any:
    """A round by a document's rules."""
    federation.document = document
    terms = federation.terms(
        base_version=len(federation.board().versions(federation.model_id)),
        strategy=document.strategy,
        document_digest=document.digest,
        maximum_participants=seats,
    )
    training = [people.get(f"p{index}") for index in range(seats)]
    made = [federation.participant(i, training[i]) for i in range(seats)]
    return federation.round(made, terms=terms)


@pytest.mark.parametrize("name", STRATEGIES)
def test_a4_two_rounds_by_a_strategy_come_to_the_same_bytes_again(
    federation: Federation, name: str, tmp_path: Path
) -> None:
    found = []
    for attempt in range(2):
        work = tmp_path / str(attempt)
        work.mkdir()
        again = type(federation)(work)
        document = replace(again.document, strategy=name, **NEEDED.get(name, {}))
        results = [played(again, document, seats=3) for _ in range(2)]
        found.append([result.version.content_digest for result in results])
        folder = work / "fetched"
        again.blobs.get_folder(results[-1].version.content_digest, folder, 1 << 20)
        assert bool(read_memory(folder)) == (name not in FORGETFUL)
    assert found[0] == found[1]
    assert len(set(found[0])) == 2


def test_every_aggregator_is_played() -> None:
    assert set(AGGREGATED) == set(AGGREGATORS)


@pytest.mark.parametrize("name", AGGREGATED)
def test_t31_a_round_with_an_attacker_ends_and_pays_who_was_counted(
    federation: Federation, name: str
) -> None:
    given = dict(AGGREGATED[name])
    if "trusted" in given:
        given["trusted"] = federation.participant(2).address
    document = replace(federation.document, aggregator=name, aggregator_parameters=given)
    attacker = sign_flip(scaled(federation.honest(0), 5))
    result = played(federation, document, p0=attacker)
    shares = result.document.shares
    assert sum(shares.values()) == 1_000_000
    liar = federation.people[0].address
    left_out = {entry.participant for entry in result.document.accepted if entry.score == 0}
    if name in ("krum", "bulyan"):
        assert liar in left_out
        assert shares[liar] == 0


def test_a_mixture_in_front_and_a_server_optimizer_behind(federation: Federation) -> None:
    document = replace(
        federation.document,
        strategy="fedadam",
        strategy_parameters={"learning_rate": "0.05"},
        aggregator="nnm+trimmed_mean",
        aggregator_parameters={"trim": 1, "nnm.byzantine": 1},
        plan=LocalPlan(1, 8, "sgd", "0.1", 3, "0.5"),
    )
    assert TermsDocument.parse(document.to_json()) == document
    assert played(federation, document).version.number == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"aggregator": "mode"}, "aggregator: expected one of"),
        ({"strategy": "sgd"}, "expected a strategy of"),
        ({"aggregator": "krum", "aggregator_parameters": {"keep": 0}}, "keep of at least 1"),
        ({"strategy_parameters": {"momentum": "1"}}, "fedavg: expected no parameter, got"),
        ({"aggregator": 3}, "the aggregator's names"),
        ({"aggregator_parameters": [1]}, "parameters by name"),
    ],
)
def test_rules_that_there_are_not_make_no_document(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        TermsDocument(**changes)
