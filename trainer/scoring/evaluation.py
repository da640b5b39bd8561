"""The loss of a classifier on a held-out set, in integer micro-nats.

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
from trainer.modules import load_into
from trainer.parameters import check_state

__all__ = ["CrossEntropy"]

_MICRO = 1_000_000
# A loss without bound would give one participant everything: cap it at 1,000 nats.
_LARGEST = 1_000 * _MICRO


@final
class CrossEntropy:
    """The mean cross-entropy of a module on held-out examples; call it with a version's tensors.

    Args:
        module: gives logits of shape (batch, classes); it is copied and kept in evaluation mode.
        inputs: shape (n, …).
        labels: shape (n,), integers.
        batch_size: examples per step.

    Raises:
        AggregationError: no examples, or not one label each.
    """

    def __init__(
        self,
        module: torch.nn.Module,
        inputs: torch.Tensor,
        labels: torch.Tensor,
        batch_size: int = 500,
    ) -> None:
        if len(inputs) == 0 or len(inputs) != len(labels):
            raise AggregationError(
                f"expected one label per example, got {len(inputs)} and {len(labels)}"
            )
        self._module = deepcopy(module).double().eval()
        self._shapes = module.state_dict()
        self._inputs, self._labels = inputs.double(), labels.long()
        self._batch_size = batch_size

    def __call__(self, state: Mapping[str, torch.Tensor]) -> int:
        """Returns the loss in micro-nats, at most 1,000 nats; the same bits for the same state.

        Raises:
            AggregationError: tensors that don't fit the module.
        """
        check_state(state, self._shapes)
        wide = {n: t.double() if t.is_floating_point() else t for n, t in state.items()}
        with _one_thread(), torch.no_grad():
            load_into(self._module, wide)
            total = 0.0
            for start in range(0, len(self._labels), self._batch_size):
                part = slice(start, start + self._batch_size)
                logits = self._module(self._inputs[part])
                loss = torch.nn.functional.cross_entropy(
                    logits, self._labels[part], reduction="sum"
                )
                total += float(loss)
        mean = total / len(self._labels) * _MICRO
        return round(mean) if mean < _LARGEST else _LARGEST


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
