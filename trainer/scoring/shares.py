"""From scores to shares: integers that sum exactly to the budget (P-1, P-2).

Source: the method of largest remainders (Hamilton's apportionment).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from registry.addresses import address_order
from registry.errors import AggregationError

__all__ = ["shares_of"]


def shares_of(
    scores: Mapping[str, int], budget: int, excluded: Collection[str] = ()
) -> dict[str, int]:
    """Returns each participant's share, in ascending order of addresses.

    `⌊budget · score / Σ score⌋`, and one more unit for the largest remainders, ties to the lower
    address (P-1). If every score is zero, everybody who wasn't left out scores one: what anybody
    claims to have trained on doesn't count (P-2).

    Args:
        scores: natural numbers by participant's address.
        budget: in the token's smallest unit.
        excluded: whose updates were left out; their scores are 0, and so are their shares.

    Raises:
        AggregationError: no participant who wasn't left out, a score of one who was, or a negative
            number.
    """
    counted = [address for address in scores if address not in excluded]
    if not counted:
        raise AggregationError("expected scores of at least one participant who wasn't left out")
    if budget < 0 or min(scores.values()) < 0:
        raise AggregationError("expected natural scores and a natural budget")
    if paid := [who for who in scores if who in excluded and scores[who]]:
        raise AggregationError(f"expected no score of {paid[0]}, whose update was left out (A-6)")
    used = scores if any(scores.values()) else {who: int(who in counted) for who in scores}
    total = sum(used.values())
    order = sorted(used, key=address_order)
    shares = {address: budget * used[address] // total for address in order}
    left = budget - sum(shares.values())
    # Sorting is stable, so equal remainders stay in ascending order of addresses.
    by_remainder = sorted(order, key=lambda address: -(budget * used[address] % total))
    for address in by_remainder[:left]:
        shares[address] += 1
    return shares
