"""Versions that hold several models: their names, their order, and what is refused."""

from __future__ import annotations

import pytest
import torch

from registry.errors import ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.execution.execute import layout_of
from trainer.vectors.clusters import check_clusters, clustered_state, clusters_of
from trainer.vectors.layout import Layout, flatten


def models(count: int) -> list[dict[str, torch.Tensor]]:
    """Models that can be told apart; their names aren't in ascending order."""
    return [
        {"w": torch.full((2, 2), float(i)), "b": torch.full((3,), -float(i))} for i in range(count)
    ]


@pytest.mark.parametrize("count", [1, 2, 10, 11, 101])
def test_l3_models_lie_in_the_vector_end_to_end(count: int) -> None:
    state = clustered_state(models(count))
    layout = Layout.of(state, ("*",))
    check_clusters(layout, count)
    rows = flatten(state, layout).reshape(count, 7)
    assert [row.tolist() for row in rows] == [[-i] * 3 + [i] * 4 for i in range(count)]
    assert [m["b"][0] for m in clusters_of(state)] == [-i for i in range(count)]


def test_numbers_that_do_not_sort_as_they_count_are_refused() -> None:
    state = {f"cluster.{i}.w": torch.zeros(1) for i in range(11)}
    with pytest.raises(ConfigError, match="pad with zeros"):
        clusters_of(state)


def test_clusters_that_differ_are_refused() -> None:
    state = {"cluster.0.w": torch.zeros(1), "cluster.1.w": torch.zeros(2)}
    with pytest.raises(ConfigError, match="cluster 1 differs from cluster 0"):
        clusters_of(state)
    with pytest.raises(ConfigError, match=r"expected tensors cluster\.<i>\.<name>, got 'head'"):
        clusters_of({"head": torch.zeros(1)})


def test_terms_for_other_clusters_than_the_base_holds_are_refused() -> None:
    state = clustered_state(models(3))
    document = TermsDocument(aggregator="clustered_mean", aggregator_parameters={"clusters": 2})
    with pytest.raises(ConfigError, match="expected 2 clusters, the base holds 3"):
        layout_of(state, document)
    left = TermsDocument(
        aggregator="clustered_mean",
        aggregator_parameters={"clusters": 3},
        parameters=("*", "!cluster.1.b"),
    )
    with pytest.raises(ConfigError, match="cluster 1 differs from cluster 0"):
        layout_of(state, left)
