"""Each rule three times: ours, Flower's classic function, the strategy of its message API."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from aggregation.inputs import Inputs, Work
from flwr.server.strategy import aggregate as classic
from flwr.serverapp.strategy import Bulyan, FedAvg, FedMedian, FedTrimmedAvg, Krum, MultiKrum

__all__ = ["Rule", "rules"]

logging.getLogger("flwr").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Rule:
    """One rule on one set of updates, by who computes it; None where Flower has no such rule."""

    ours: Work
    classic: Work | None = None
    messages: Work | None = None


def rules(inputs: Inputs) -> dict[str, Rule]:
    """Returns the rules that are measured, which expect a quarter of the updates to be bad."""
    count, results = len(inputs.vectors), inputs.results
    f, keep = max((count - 3) // 4, 1), count // 2

    def by(strategy: FedAvg) -> Work:
        return lambda: aggregated(strategy, inputs)

    return {
        "mean": Rule(inputs.ours("mean"), lambda: classic.aggregate(results), by(FedAvg())),
        "median": Rule(
            inputs.ours("median"), lambda: classic.aggregate_median(results), by(FedMedian())
        ),
        "trimmed mean": Rule(
            inputs.ours("trimmed_mean", trim=f),
            lambda: classic.aggregate_trimmed_avg(results, f / count),
            by(FedTrimmedAvg(beta=f / count)),
        ),
        "krum": Rule(
            inputs.ours("krum", byzantine=f),
            lambda: classic.aggregate_krum(results, f, 0),
            by(Krum(num_malicious_nodes=f)),
        ),
        "multi-krum": Rule(
            inputs.ours("krum", byzantine=f, keep=keep),
            lambda: classic.aggregate_krum(results, f, keep),
            by(MultiKrum(num_malicious_nodes=f, num_nodes_to_select=keep)),
        ),
        "bulyan": Rule(
            inputs.ours("bulyan", byzantine=f),
            lambda: classic.aggregate_bulyan(list(results), f, classic.aggregate_krum, to_keep=0),
            by(Bulyan(num_malicious_nodes=f)),
        ),
        "geometric median": Rule(inputs.ours("geometric_median")),
    }


def aggregated(strategy: FedAvg, inputs: Inputs) -> object:
    """Returns what a strategy makes of the replies; it must have made something."""
    arrays, _ = strategy.aggregate_train(1, inputs.replies())
    if arrays is None:
        raise RuntimeError(f"{type(strategy).__name__} of Flower aggregated nothing")
    return arrays
