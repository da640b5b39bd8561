"""IFCA: whoever fits a cluster trains that one, and only that one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from local_metrics import number

from registry.errors import ConfigError
from trainer.plan.training_plan import LocalPlan
from trainer.training.local_training import local_train
from trainer.training.personal import ifca_training
from trainer.vectors.clusters import clustered_state, clusters_of
from trainer.vectors.torch_modules import load_into, state_of


def leaning(made: Any, points: Any, plan: LocalPlan) -> dict[str, torch.Tensor]:
    """Two models, one for each kind of label."""
    return clustered_state([local_train(made(s), points(50, s == 1), plan).state for s in range(2)])


@pytest.mark.parametrize("opposite", [False, True])
def test_only_the_best_cluster_changes(
    made: Any, points: Any, plan: LocalPlan, opposite: bool
) -> None:
    base = leaning(made, points, plan)
    validation_set = points(9, opposite)
    result = ifca_training(made(), points(3, opposite), validation_set)(base, plan)
    chosen = int(opposite)
    assert result.metrics["cluster"] == chosen
    before, after = clusters_of(base), clusters_of(result.state)
    other = 1 - chosen
    assert all(torch.equal(before[other][n], after[other][n]) for n in before[other])
    twin = made()
    load_into(twin, before[chosen])
    expected = local_train(twin, points(3, opposite), plan)
    assert all(torch.equal(expected.state[n], after[chosen][n]) for n in expected.state)
    assert number(result, "personal_accuracy") > 0.9


def test_of_equal_clusters_the_first_is_chosen(made: Any, points: Any, plan: LocalPlan) -> None:
    base = clustered_state([state_of(made(3))] * 2)
    assert ifca_training(made(), points(1))(base, plan).metrics["cluster"] == 0


def test_a_base_without_clusters_is_refused(made: Any, points: Any, plan: LocalPlan) -> None:
    with pytest.raises(ConfigError, match=r"cluster\.<i>\.<name>, got 'body"):
        ifca_training(made(), points(1))(state_of(made()), plan)


def test_nothing_is_kept_on_disk(
    made: Any, points: Any, plan: LocalPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ifca_training(made(), points(1))(leaning(made, points, plan), plan)
    assert list(tmp_path.iterdir()) == []
