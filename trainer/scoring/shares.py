"""From scores to shares: integers that sum exactly to the budget (P-1, P-2).

Source: the method of largest remainders (Hamilton's apportionment).
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.errors import AggregationError

__all__ = ["shares_of"]


def shares_of(scores: Mapping[str, int], weights: Mapping[str, int], budget: int) -> dict[str, int]:
    """Returns each participant's share, in ascending order of addresses.

    `⌊budget · score / Σ score⌋`, and one more unit for the largest remainders, ties to the lower
    address (P-1). If every score is zero, the weights are the scores (P-2).

    Args:
        scores: natural numbers by participant's address.
        weights: positive, for the same participants.
        budget: in the token's smallest unit.

    Raises:
        AggregationError: no participant, other participants in the weights, or a negative number.
    """
    if not scores or set(scores) != set(weights):
        raise AggregationError("expected scores and weights of the same participants, at least one")
    if budget < 0 or min(scores.values()) < 0 or min(weights.values()) < 1:
        raise AggregationError("expected natural scores and a natural budget, and positive weights")
    used = scores if any(scores.values()) else weights
    total = sum(used.values())
    order = sorted(used, key=lambda address: int(address, 16))
    shares = {address: budget * used[address] // total for address in order}
    left = budget - sum(shares.values())
    # Sorting is stable, so equal remainders stay in ascending order of addresses.
    by_remainder = sorted(order, key=lambda address: -(budget * used[address] % total))
    for address in by_remainder[:left]:
        shares[address] += 1
    return shares
