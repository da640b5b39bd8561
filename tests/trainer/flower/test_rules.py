"""Which of our rules Flower's strategies stand for, and which of them nobody could replay."""

from __future__ import annotations

from typing import Any

import pytest
from flwr.server.strategy import FedAvg as LegacyFedAvg
from flwr.serverapp.strategy import (
    Bulyan,
    DifferentialPrivacyClientSideFixedClipping,
    FedAdagrad,
    FedAdam,
    FedAvg,
    FedAvgM,
    FedMedian,
    FedProx,
    FedTrimmedAvg,
    FedYogi,
    Krum,
    MultiKrum,
    QFedAvg,
)

from registry.errors import ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.flower import DerivedRules, audited, rules_of

CASES = {
    "FedAvg": (FedAvg(), DerivedRules()),
    "FedAvgM": (
        FedAvgM(server_learning_rate=0.5, server_momentum=0.9),
        DerivedRules("fedavgm", {"momentum": "0.9", "learning_rate": "0.5"}),
    ),
    "FedAdam": (
        FedAdam(eta=1e-5, tau=1e-9),
        DerivedRules(
            "fedadam",
            {"learning_rate": "0.00001", "tau": "0.000000001", "beta_1": "0.9", "beta_2": "0.99"},
        ),
    ),
    "FedYogi": (
        FedYogi(),
        DerivedRules(
            "fedyogi",
            {"learning_rate": "0.01", "tau": "0.001", "beta_1": "0.9", "beta_2": "0.99"},
        ),
    ),
    "FedAdagrad": (
        FedAdagrad(),
        DerivedRules("fedadagrad", {"learning_rate": "0.1", "tau": "0.001", "beta_1": "0.0"}),
    ),
    "FedMedian": (FedMedian(), DerivedRules(aggregator="median")),
    "FedTrimmedAvg": (
        FedTrimmedAvg(beta=0.2),
        DerivedRules(aggregator="trimmed_mean", aggregator_parameters={"trim": 2}),
    ),
    "Krum": (
        Krum(num_malicious_nodes=3),
        DerivedRules(aggregator="krum", aggregator_parameters={"byzantine": 3, "keep": 1}),
    ),
    "MultiKrum": (
        MultiKrum(num_malicious_nodes=3, num_nodes_to_select=4),
        DerivedRules(aggregator="krum", aggregator_parameters={"byzantine": 3, "keep": 4}),
    ),
    "FedProx": (FedProx(proximal_mu=0.01), DerivedRules(proximal="0.01")),
    "Bulyan": (
        Bulyan(num_malicious_nodes=1),
        DerivedRules(aggregator="bulyan", aggregator_parameters={"byzantine": 1}),
    ),
}


class Sampling(FedAvgM):
    """Samples, configures and evaluates in its own way, and averages as FedAvgM does."""

    def configure_train(self, server_round: int, *rest: Any) -> Any:
        return list(super().configure_train(server_round, *rest))[:server_round]

    def aggregate_evaluate(self, server_round: int, replies: Any) -> Any:
        return None


class Averaging(FedAvg):
    """Somebody's own averaging."""

    def aggregate_train(self, server_round: int, replies: Any) -> Any:
        return super().aggregate_train(server_round, list(replies)[:1])


class Fitting(FedAvg):
    """Somebody's own averaging, by the name that older strategies gave it."""

    def aggregate_fit(self, server_round: int, results: Any, failures: Any) -> Any:
        return None, {}


class Sifting(Krum):
    """Leaves replies out in its own way."""

    def _check_and_log_replies(self, replies: Any, is_train: bool, validate: bool = True) -> Any:
        return super()._check_and_log_replies(list(replies)[1:], is_train, validate)


class Momentous(FedAdam):
    """Somebody's own moments."""

    def _compute_deltat_and_mt(self, aggregated_arrayrecord: Any) -> Any:
        return super()._compute_deltat_and_mt(aggregated_arrayrecord)


class Running(FedAvg):
    """Somebody's own rounds."""

    def start(self, *arguments: Any, **named: Any) -> Any:
        return super().start(*arguments, **named)


class Older(LegacyFedAvg):
    """Of the interface that Flower had before."""


def patched() -> FedAvg:
    """A strategy whose object has another aggregation than its class."""
    strategy: Any = FedAvg()
    strategy.aggregate_train = lambda server_round, replies: (None, None)
    return strategy  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", CASES)
def test_a_strategy_of_flower_s_stands_for_rules_that_terms_take(name: str) -> None:
    strategy, expected = CASES[name]
    found = rules_of(strategy, 10)
    assert found == expected
    document = TermsDocument(
        strategy=found.strategy,
        strategy_parameters=found.strategy_parameters,
        aggregator=found.aggregator,
        aggregator_parameters=found.aggregator_parameters,
        plan=found.plan,
    )
    assert TermsDocument.parse(document.to_json()) == document


def test_a_derived_class_that_combines_as_its_base_stands_for_the_same_rules() -> None:
    derived = Sampling(server_learning_rate=0.5, server_momentum=0.9)
    assert rules_of(derived, 10) == CASES["FedAvgM"][1]
    assert audited(derived).results == []


@pytest.mark.parametrize(
    ("strategy", "told"),
    [
        (Averaging(), "Averaging: its aggregate_train is its own, .* use FedAvg's"),
        (Fitting(), "Fitting: its aggregate_fit is its own, .* use FedAvg's"),
        (Sifting(), "Sifting: its _check_and_log_replies is its own, .* use Krum's"),
        (Momentous(), "Momentous: its _compute_deltat_and_mt is its own"),
        (patched(), "FedAvg: its aggregate_train is its own"),
        (QFedAvg(0.1), "QFedAvg: its aggregate_train is its own"),
        (Running(), "Running: its start is its own, .* nobody audits"),
        (Older(), "Older: nobody else could .* of flwr.serverapp.strategy, not of flwr.server"),
        (DifferentialPrivacyClientSideFixedClipping(FedAvg(), 1, 1, 2), "derived from it"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_class_that_combines_or_runs_in_its_own_way_is_refused(strategy: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        audited(strategy)


def test_a_part_that_trims_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"beta 0\.2 of 3 nodes trims nothing"):
        rules_of(FedTrimmedAvg(beta=0.2), 3)


def test_a_selection_rule_of_one_s_own_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected Flower's own selection rule"):
        audited(Bulyan(num_malicious_nodes=1, selection_rule=lambda contents, f, n: contents))
