"""The loss of a classifier on a validation set, in integer micro-nats.

Evaluated in binary64 on one thread and rounded to a millionth, so that the last bits of a sum,
which differ between processors, don't reach the scores. A loss within a rounding error of a half
micro-nat could still come out one unit apart: scores are compared by an audit with that tolerance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import final

import torch

from registry.errors import AggregationError
from trainer.vectors.layout import check_state
from trainer.vectors.torch_modules import load_into

__all__ = ["CrossEntropy"]

_MICRO = 1_000_000
# A loss without bound would give one participant everything: cap it at 1,000 nats.
_LARGEST = 1_000 * _MICRO


@final
class CrossEntropy:
    """The mean cross-entropy of a module on validation examples; call it with a version's tensors.

    Args:
        module: gives logits of shape (batch, classes); it is copied and kept in evaluation mode.
        inputs: shape (n, …).
        labels: shape (n,), integers.
        batch_size: examples per step.

    Raises:
        AggregationError: no examples, or not one whole number from 0 for each.
    """

    def __init__(
        self,
        module: torch.nn.Module,
        inputs: torch.Tensor,
        labels: torch.Tensor,
        batch_size: int = 500,
    ) -> None:
        _check_validation_set(inputs, labels)
        self._module = deepcopy(module).double().eval()
        self._shapes = module.state_dict()
        self._inputs, self._labels = inputs.double(), labels.long()
        self._batch_size = batch_size

    def __call__(self, state: Mapping[str, torch.Tensor]) -> int:
        """Returns the loss in micro-nats, at most 1,000 nats; the same bits for the same state.

        Raises:
            AggregationError: tensors that don't fit the module, examples that it doesn't take, or
                labels beyond its classes.
        """
        check_state(state, self._shapes)
        wide = {n: t.double() if t.is_floating_point() else t for n, t in state.items()}
        with _one_thread(), torch.no_grad():
            load_into(self._module, wide)
            total = 0.0
            for start in range(0, len(self._labels), self._batch_size):
                part = slice(start, start + self._batch_size)
                total += self._loss(self._inputs[part], self._labels[part])
        mean = total / len(self._labels) * _MICRO
        return round(mean) if mean < _LARGEST else _LARGEST

    def _loss(self, inputs: torch.Tensor, labels: torch.Tensor) -> float:
        try:
            logits = self._module(inputs)
        except (RuntimeError, IndexError, ValueError, TypeError) as error:
            first = str(error).strip().partition("\n")[0]
            raise AggregationError(
                f"validation set: the architecture doesn't take inputs of the shape "
                f"{tuple(inputs.shape)} ({first:.120}); give the examples that it is made for"
            ) from error
        if logits.ndim != 2 or len(logits) != len(labels):
            raise AggregationError(
                f"validation set: expected logits of the shape ({len(labels)}, classes), got "
                f"{tuple(logits.shape)}; give a classifier of single labels"
            )
        if int(labels.max()) >= logits.shape[1]:
            raise AggregationError(
                f"validation set: expected labels from 0 to {logits.shape[1] - 1}, got "
                f"{int(labels.max())}; give the labels of this architecture's classes"
            )
        return float(torch.nn.functional.cross_entropy(logits, labels, reduction="sum"))


def _check_validation_set(inputs: torch.Tensor, labels: torch.Tensor) -> None:
    if inputs.ndim == 0 or inputs.is_complex() or labels.ndim != 1:
        raise AggregationError(
            "validation set: expected inputs of the shape (n, …) and labels of the shape (n,), got "
            f"{tuple(inputs.shape)} of {inputs.dtype} and {tuple(labels.shape)}"
        )
    if len(inputs) == 0 or len(inputs) != len(labels):
        raise AggregationError(
            f"expected one label per example, got {len(inputs)} and {len(labels)}"
        )
    if labels.is_floating_point() or labels.is_complex() or int(labels.min()) < 0:
        raise AggregationError(
            "validation set: expected labels that are whole numbers from 0, got "
            f"{labels.dtype} from "
            f"{labels.min().item() if not labels.is_complex() else 'complex numbers'}"
        )


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
