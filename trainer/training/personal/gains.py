"""What training gained on a participant's own validation examples: globally, and for itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, Subset

from registry.errors import TrainingError

__all__ = ["Change", "Examples", "Gains", "Measure", "OwnData", "mean_of", "measured"]

Examples = Dataset[tuple[torch.Tensor, ...]]

_BATCH = 500
_EVERY = 5


@dataclass(frozen=True)
class Measure:
    """How a classifier does on examples: mean loss in nats, and the part that it gets right."""

    loss: float
    accuracy: float


@dataclass(frozen=True)
class Change:
    """How a model did before and after training."""

    before: Measure
    after: Measure

    @property
    def gain(self) -> float:
        """How many nats the loss fell."""
        return self.before.loss - self.after.loss


@dataclass(frozen=True)
class Gains:
    """What a round's training changed on one participant's validation examples.

    Args:
        local: the personal model, as it was kept (or as it began) and as it is now.
        global_: the model that everybody receives, as it came and as it is handed back.
    """

    local: Change
    global_: Change

    def metrics(self) -> dict[str, float]:
        """Returns the figures for `LocalResult.metrics`; losses in nats. They stay here."""
        return {
            "global_loss_before": self.global_.before.loss,
            "global_loss_after": self.global_.after.loss,
            "global_accuracy_before": self.global_.before.accuracy,
            "global_accuracy_after": self.global_.after.accuracy,
            "personal_loss": self.local.after.loss,
            "personal_accuracy": self.local.after.accuracy,
            "local_gain": self.local.gain,
            "global_gain": self.global_.gain,
        }


@dataclass(frozen=True)
class OwnData:
    """A participant's examples: what it trains on, and what it only measures on."""

    trained: Examples
    validation_set: Examples

    @classmethod
    def of(cls, dataset: Examples, validation_set: Examples | None = None) -> OwnData:
        """Holds out every fifth example, unless validation examples are given.

        Args:
            dataset: pairs of (input, integer label), with a length.
            validation_set: more of them; `dataset` is then trained on whole.

        Raises:
            TrainingError: too few examples for both parts.
        """
        count = _length(dataset)
        if validation_set is not None:
            if count < 1 or _length(validation_set) < 1:
                raise TrainingError("expected an example to train on and one to measure on")
            return cls(dataset, validation_set)
        if count < _EVERY:
            raise TrainingError(
                f"expected at least {_EVERY} examples to hold one out, got {count}; "
                "give validation_set examples"
            )
        kept = [at for at in range(count) if at % _EVERY != _EVERY - 1]
        return cls(Subset(dataset, kept), Subset(dataset, range(_EVERY - 1, count, _EVERY)))


def measured(module: torch.nn.Module, dataset: Examples) -> Measure:
    """Returns how a module does on examples; it is left in evaluation mode.

    Args:
        module: gives logits of shape (batch, classes).
        dataset: pairs of (input, integer label), with a length.

    Raises:
        TrainingError: no examples.
    """
    count = _length(dataset)
    if count < 1:
        raise TrainingError("expected at least one example to measure on, got none")
    loss, right = 0.0, 0
    module.eval()
    with torch.no_grad():
        for inputs, labels in DataLoader(dataset, batch_size=_BATCH):
            logits = module(inputs)
            loss += float(torch.nn.functional.cross_entropy(logits, labels, reduction="sum"))
            right += int((logits.argmax(1) == labels).sum())
    return Measure(loss / count, right / count)


def mean_of(measures: Sequence[Measure]) -> Measure:
    """Returns the mean of measures on the same examples; of at least one."""
    count = len(measures)
    return Measure(sum(m.loss for m in measures) / count, sum(m.accuracy for m in measures) / count)


def _length(dataset: Any) -> int:
    return len(dataset)
