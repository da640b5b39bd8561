"""Leave-one-out scores: what the version loses on a validation set if one update is left away.

Source: Cook, "Detection of Influential Observation in Linear Regression" (1977), for leaving one
out; Ghorbani and Zou, "Data Shapley" (2019), section 2, for its use as a value.

Cost: n + 1 evaluations and n + 1 passes over the vector. Leaving one out of a mean is an exact
integer subtraction from its sums; a robust rule decides anew about the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import torch

from registry.errors import AggregationError
from trainer.aggregation import Aggregator
from trainer.strategies import ServerState, Strategy
from trainer.types import AcceptedUpdate, IntVector

__all__ = ["Evaluate", "leave_one_out", "score_by_leave_one_out"]

# The loss of a version on the validation set, in millionths of a nat.
Evaluate = Callable[[Mapping[str, torch.Tensor]], int]


def score_by_leave_one_out(
    updates: Sequence[AcceptedUpdate],
    rule: Aggregator[Any],
    strategy: Strategy,
    base: ServerState,
    evaluate: Evaluate,
) -> dict[str, int]:
    """Returns `max(0, loss without the update − loss with all)` per participant, in micro-nats.

    With a single update, leaving it out gives the base version.

    Args:
        updates: at least one.
        rule: the round's; robust ones are asked once per update, by the others.
        strategy: the round's.
        base: the state at the base version.
        evaluate: the loss on the validation set; the same for the same tensors, always.

    Raises:
        AggregationError: no update, or a loss that isn't an integer.
    """
    if not updates:
        raise AggregationError("expected at least one update to score, got none")
    sums = rule.init(updates[0].vector.size, base.lattice)
    for update in updates:
        sums = rule.add(sums, update.vector, update.weight)

    def loss(aggregate: IntVector) -> int:
        return _whole(evaluate(strategy.apply(base, aggregate).tensors))

    with_all = loss(rule.finish(sums))
    scores = {}
    for update in updates:
        if len(updates) == 1:
            without = _whole(evaluate(base.tensors))
        else:
            without = loss(rule.finish(rule.without(sums, update.vector, update.weight)))
        scores[update.participant] = max(0, without - with_all)
    return scores


def leave_one_out(
    updates: Sequence[AcceptedUpdate],
    version: Callable[[Sequence[AcceptedUpdate]], Mapping[str, torch.Tensor]],
    evaluate: Evaluate,
    scored: Collection[str] | None = None,
) -> dict[str, int]:
    """Returns the same scores where leaving one out changes what the others count.

    Args:
        updates: at least one.
        version: the tensors that some of the updates lead to; of none, the base's.
        evaluate: the loss on the validation set.
        scored: whose scores are asked for; everybody's without.

    Raises:
        AggregationError: no update, or a loss that isn't an integer.
    """
    if not updates:
        raise AggregationError("expected at least one update to score, got none")
    with_all = _whole(evaluate(version(updates)))
    return {
        left_out.participant: max(
            0, _whole(evaluate(version([u for u in updates if u is not left_out]))) - with_all
        )
        for left_out in updates
        if scored is None or left_out.participant in scored
    }


def _whole(loss: int) -> int:
    if type(loss) is not int:
        raise AggregationError(f"expected a loss in whole micro-nats, got {loss!r}; round it")
    return loss
