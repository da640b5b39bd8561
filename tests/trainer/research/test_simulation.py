"""Simulated rounds: the same figures again, and those of real rounds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from memory_federation import Federation

from registry.errors import ConfigError
from trainer.coordinator.federation_options import FederationOptions
from trainer.data import split_by_shards
from trainer.documents.terms_document import TermsDocument
from trainer.models import CharacterLstm, FedAvgCnn
from trainer.plan.training_plan import LocalPlan
from trainer.research.simulation import Simulation
from trainer.types import Lattice
from trainer.vectors.torch_modules import state_of

PLAN = LocalPlan(1, 8, "sgd", "0.1", 3)
DOCUMENTS = {
    "fedavg": TermsDocument(plan=PLAN),
    "krum": TermsDocument(plan=PLAN, aggregator="krum"),
    "qfedavg": TermsDocument("qfedavg", plan=replace(PLAN, weight="loss"), scoring="equal"),
    "fedbuff": TermsDocument("fedbuff", plan=replace(PLAN, weight="staleness"), scoring="equal"),
    "scaffold": TermsDocument(
        "scaffold", plan=replace(PLAN, steps=6), strategy_parameters={"participants": "6"}
    ),
}


def simulation(federation: Federation, document: TermsDocument, **rest: Any) -> Simulation:
    """Six participants, five of whom take part."""
    options = FederationOptions(fraction_fit=0.9, min_fit_clients=2, min_available_clients=6)
    data = [federation.data(seed) for seed in range(6)]
    test = federation.points(99, 300)
    return Simulation(
        federation.model(), data, test, document, Lattice(16, -12, 8), options, **rest
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_simulation_learns_and_gives_the_same_figures_again(
    federation: Federation, name: str
) -> None:
    runs = [list(simulation(federation, DOCUMENTS[name]).run(4)) for _ in range(2)]
    first, again = ([replace(figures, seconds=0) for figures in run] for run in runs)
    assert first == again
    assert [figures.number for figures in first] == [1, 2, 3, 4]
    assert first[-1].loss < first[0].loss
    assert first[-1].excluded == (4 if name == "krum" else 0)


def test_an_attacker_sends_what_its_attack_says(federation: Federation) -> None:
    seen = []

    def attack(honest: Any, own: Any) -> Any:
        seen.append(len(honest))
        return -own

    tried = simulation(federation, DOCUMENTS["fedavg"], attackers=dict.fromkeys(range(6), attack))
    worse = list(tried.run(3))
    assert seen == [0] * 15
    assert worse[-1].loss > list(simulation(federation, DOCUMENTS["fedavg"]).run(3))[-1].loss


def test_a_late_update_starts_from_the_older_version_and_counts_less(
    federation: Federation,
) -> None:
    whole = replace(PLAN, batch_size=10_000, weight="staleness")  # no draws: each fit is the same
    document = TermsDocument("fedbuff", plan=whole, scoring="equal")
    late = simulation(federation, document, behind=dict.fromkeys(range(6), 1))
    late.options = replace(late.options, fraction_fit=1.0)
    was = [vector_of(late)] + [vector_of(late) for _ in late.run(2)]
    first, second = was[1] - was[0], was[2] - was[1]
    assert np.abs(first).max() > 0.01
    np.testing.assert_allclose(second, first * (724 / 1024), atol=2**-18)


def vector_of(run: Simulation) -> Any:
    """The network's tensors as one vector."""
    state = state_of(run.module)
    return np.concatenate([tensor.numpy().ravel() for tensor in state.values()], dtype=np.float64)


def test_nobody_is_late_where_only_the_newest_version_is_taken(federation: Federation) -> None:
    with pytest.raises(ConfigError, match="fedavg takes no update from an older version"):
        simulation(federation, DOCUMENTS["fedavg"], behind={0: 1})


def test_two_shards_hold_few_labels_and_every_example_is_somebody_s() -> None:
    labels = np.repeat(np.arange(10), 60)
    parts = split_by_shards(labels, 10, 2, seed=3)
    assert sorted(np.concatenate(parts)) == list(range(600))
    assert max(len(set(labels[part])) for part in parts) <= 2
    again = split_by_shards(labels, 10, 2, seed=3)
    assert [part.tolist() for part in again] == [part.tolist() for part in parts]


def test_the_paper_s_networks_have_the_paper_s_sizes() -> None:
    assert sum(p.numel() for p in FedAvgCnn().parameters()) == 1_663_370
    assert FedAvgCnn()(torch.zeros(2, 1, 28, 28)).shape == (2, 10)
    assert 810_000 < sum(p.numel() for p in CharacterLstm().parameters()) < 830_000
    assert CharacterLstm()(torch.zeros(2, 80, dtype=torch.long)).shape == (2, 97)
