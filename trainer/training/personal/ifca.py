"""IFCA: several global models at once; each participant trains the one that fits its data best.

Ghosh, Chung, Yin, Ramchandran: "An Efficient Framework for Clustered Federated Learning", NeurIPS
2020, the variant that averages models. A version holds k models (`trainer.vectors.clusters`); the
terms combine them by `clustered_mean` with `clusters=k`. Which cluster a participant chose is plain
from its update: that says something of its data.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from trainer.plan.training_plan import LocalPlan
from trainer.training.client import Training
from trainer.training.local_training import LocalResult, local_train
from trainer.training.personal.gains import Change, Examples, Gains, OwnData, mean_of, measured
from trainer.vectors.clusters import clustered_state, clusters_of
from trainer.vectors.safetensors_files import State
from trainer.vectors.torch_modules import load_into

__all__ = ["ifca_training"]


def ifca_training(
    module: torch.nn.Module, dataset: Examples, validation_set: Examples | None = None
) -> Training:
    """Makes a participant's training of the cluster with the least loss on its examples.

    Of equal losses the first counts. The personal model is the chosen cluster; the global figures
    are means over all clusters. The metrics also tell the choice, `cluster`.

    Args:
        module: one cluster's model; gives logits of shape (batch, classes).
        dataset: pairs of (input, integer label), with a length; every fifth is held out.
        validation_set: examples to measure on, instead of every fifth.

    Raises:
        TrainingError: too few examples.
    """
    data = OwnData.of(dataset, validation_set)

    def train(base: State, plan: LocalPlan) -> LocalResult:
        models = clusters_of(base)
        losses, before = [], []
        for model in models:
            load_into(module, model)
            # The choice is made on what is trained on: what is held out only tells how it went.
            losses.append(measured(module, data.trained).loss)
            before.append(measured(module, data.validation_set))
        best = losses.index(min(losses))
        load_into(module, models[best])
        result = local_train(module, data.trained, plan)
        after = list(before)
        after[best] = measured(module, data.validation_set)
        state = clustered_state([*models[:best], result.state, *models[best + 1 :]])
        everybody = Change(mean_of(before), mean_of(after))
        gains = Gains(Change(before[best], after[best]), everybody)
        metrics = {**result.metrics, **gains.metrics(), "cluster": float(best)}
        return replace(result, state=state, metrics=metrics)

    return train
