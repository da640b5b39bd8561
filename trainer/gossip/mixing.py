"""One mixing step in integers: what flows along an edge leaves one peer and reaches the other.

Along the edge {i, j}, ⌊|xⱼ - xᵢ| / (1 + max(dᵢ, dⱼ))⌋ flows from the larger value to the smaller
one, value by value; dᵢ is the number of i's neighbours. Rounding towards zero makes the flow the
same seen from both ends, so the sum over all peers stays what it was, to the last bit, and no value
leaves the range between the smallest and the largest one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from trainer.gossip.graph import Graph

__all__ = ["Values", "flow", "mixed", "spread"]

Values = npt.NDArray[np.int32]


def flow(towards: Values, other: Values, divisor: int) -> Values:
    """Returns what a peer gets along an edge; its neighbour gets the negative.

    Args:
        towards: the peer's values, shape (n,).
        other: the neighbour's.
        divisor: the edge's, at least 2.
    """
    apart = other.astype(np.int64) - towards
    rounded: Values = (np.sign(apart) * (np.abs(apart) // divisor)).astype(np.int32)
    return rounded


def mixed(graph: Graph, peer: str, values: Mapping[str, Values]) -> Values:
    """Returns a peer's values after a step.

    Args:
        graph: who mixes with whom.
        peer: whose.
        values: the peer's own and its neighbours'; along an edge to one that isn't there nothing
            flows.
    """
    own = values[peer]
    made = own.copy()
    for other in graph.neighbours(peer):
        if other in values:
            made += flow(own, values[other], graph.divisor(peer, other))
    return made


def spread(peer: str, values: Mapping[str, Values]) -> int:
    """Returns the largest difference between a peer's values and its neighbours'."""
    own = values[peer].astype(np.int64)
    return max((int(np.abs(values[other] - own).max()) for other in values), default=0)
