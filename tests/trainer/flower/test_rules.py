"""Which of our rules Flower's strategies stand for, and which of them nobody could replay."""

from __future__ import annotations

import pytest
from flwr.serverapp.strategy import (
    Bulyan,
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
)

from registry.errors import ConfigError
from trainer.flower import Rules, audited, rules_of
from trainer.terms_document import TermsDocument

CASES = {
    "FedAvg": (FedAvg(), Rules()),
    "FedAvgM": (
        FedAvgM(server_learning_rate=0.5, server_momentum=0.9),
        Rules("fedavgm", {"momentum": "0.9", "learning_rate": "0.5"}),
    ),
    "FedAdam": (
        FedAdam(eta=1e-5, tau=1e-9),
        Rules(
            "fedadam",
            {"learning_rate": "0.00001", "tau": "0.000000001", "beta_1": "0.9", "beta_2": "0.99"},
        ),
    ),
    "FedYogi": (
        FedYogi(),
        Rules(
            "fedyogi",
            {"learning_rate": "0.01", "tau": "0.001", "beta_1": "0.9", "beta_2": "0.99"},
        ),
    ),
    "FedAdagrad": (
        FedAdagrad(),
        Rules("fedadagrad", {"learning_rate": "0.1", "tau": "0.001", "beta_1": "0.0"}),
    ),
    "FedMedian": (FedMedian(), Rules(aggregator="median")),
    "FedTrimmedAvg": (
        FedTrimmedAvg(beta=0.2),
        Rules(aggregator="trimmed_mean", aggregator_parameters={"trim": 2}),
    ),
    "Krum": (
        Krum(num_malicious_nodes=3),
        Rules(aggregator="krum", aggregator_parameters={"byzantine": 3, "keep": 1}),
    ),
    "MultiKrum": (
        MultiKrum(num_malicious_nodes=3, num_nodes_to_select=4),
        Rules(aggregator="krum", aggregator_parameters={"byzantine": 3, "keep": 4}),
    ),
    "Bulyan": (
        Bulyan(num_malicious_nodes=1),
        Rules(aggregator="bulyan", aggregator_parameters={"byzantine": 1}),
    ),
}


class Homemade(FedAvg):
    """Somebody's own averaging."""


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
    )
    assert TermsDocument.parse(document.to_json()) == document


@pytest.mark.parametrize("strategy", [FedProx(), Homemade()], ids=lambda s: type(s).__name__)
def test_any_other_class_is_refused_in_one_sentence(strategy: FedAvg) -> None:
    name = type(strategy).__name__
    with pytest.raises(ConfigError, match=f"^{name}: nobody else could work its result out again"):
        audited(strategy)


def test_a_part_that_trims_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"beta 0\.2 of 3 nodes trims nothing"):
        rules_of(FedTrimmedAvg(beta=0.2), 3)


def test_a_selection_rule_of_one_s_own_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected Flower's own selection rule"):
        audited(Bulyan(num_malicious_nodes=1, selection_rule=lambda contents, f, n: contents))
