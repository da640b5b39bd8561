"""Screening on a validation set: an update that makes the base worse by itself isn't counted.

Xie, Koyejo, Gupta: "Zeno: Distributed Stochastic Gradient Descent with Suspicion-based Fault
Tolerance", ICML 2019, for scoring each update by the loss it leads to; here with a tolerance that
the terms fix, so that everybody who has the validation set leaves the same ones out (A-9).
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.errors import AggregationError
from trainer.aggregation import Mean
from trainer.scoring import Evaluate
from trainer.strategies import ServerState
from trainer.types import AcceptedUpdate
from trainer.vectors.server_step import apply_aggregate

__all__ = ["screened"]


def screened(
    updates: Sequence[AcceptedUpdate], base: ServerState, tolerance: int, evaluate: Evaluate
) -> dict[str, str]:
    """Returns why updates aren't counted, by participant.

    Args:
        updates: the accepted ones.
        base: the state at the base version.
        tolerance: how much larger the loss may become, in micro-nats.
        evaluate: the loss on the validation set.
    """
    allowed = evaluate(base.tensors) + tolerance
    found = {}
    for update in updates:
        alone = Mean().combine([(update.vector, 1)], base.lattice)
        try:
            loss = evaluate(apply_aggregate(base.tensors, base.layout, alone, base.lattice))
        except AggregationError as error:
            found[update.participant] = f"screened: alone it leads to no version: {error}"
            continue
        if loss > allowed:
            found[update.participant] = (
                f"screened: alone it leads to a loss of {loss} micro-nats, at most {allowed} may be"
            )
    return found
