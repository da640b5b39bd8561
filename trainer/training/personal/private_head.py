"""FedPer: a participant's last layers are its own; the rest is everybody's.

Arivazhagan, Aggarwal, Singh, Choudhary: "Federated Learning with Personalization Layers" (2019).
Body and head are trained together on local data; only the body is handed back. The terms leave the
head out of the vector: `parameters=("*", "!head.*")`. What is handed back tells something of the
head through the body that was trained with it, as any update does of the data: keeping a head is no
substitute for masked or noisy updates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from registry.errors import ConfigError
from trainer.plan.training_plan import LocalPlan
from trainer.training.client import Training
from trainer.training.local_training import LocalResult, local_train
from trainer.training.personal.gains import Change, Examples, Gains, OwnData, measured
from trainer.training.personal.private_file import PrivateFile
from trainer.vectors.layout import Layout
from trainer.vectors.safetensors_files import State
from trainer.vectors.torch_modules import load_into, state_of

__all__ = ["private_head_training"]


def private_head_training(
    module: torch.nn.Module,
    dataset: Examples,
    patterns: Sequence[str],
    kept: Path,
    validation_set: Examples | None = None,
) -> Training:
    """Makes a participant's training whose head stays in a private file.

    Args:
        module: gives logits of shape (batch, classes).
        dataset: pairs of (input, integer label), with a length; every fifth is held out.
        patterns: which tensors are the head, as in a terms document's `parameters`.
        kept: the private file; made after the first training.
        validation_set: examples to measure on, instead of every fifth.

    Raises:
        ConfigError: patterns that name no floating tensor, or leave none to the body.
        TrainingError: too few examples.
    """
    own = state_of(module)
    head = Layout.of(own, patterns, "average").names
    if not any(tensor.is_floating_point() for name, tensor in own.items() if name not in head):
        raise ConfigError(f"private head: {list(patterns)} leave no body to share; name fewer")
    data = OwnData.of(dataset, validation_set)
    file = PrivateFile(kept)

    def train(base: State, plan: LocalPlan) -> LocalResult:
        load_into(module, base)
        came = measured(module, data.validation_set)
        mine = file.read({name: base[name] for name in head})
        load_into(module, {**base, **(mine or {})})
        before = measured(module, data.validation_set)
        result = local_train(module, data.trained, plan)
        after = measured(module, data.validation_set)
        file.write({name: result.state[name] for name in head})
        shared = {**result.state, **{name: base[name] for name in head}}
        load_into(module, shared)
        gains = Gains(Change(before, after), Change(came, measured(module, data.validation_set)))
        # The module is left as the personal model, for whoever goes on to use it.
        load_into(module, result.state)
        return replace(result, state=shared, metrics={**result.metrics, **gains.metrics()})

    return train
