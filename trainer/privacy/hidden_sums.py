"""The sum of a group's hidden updates, exact, from what everybody has (H-7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from registry.addresses import address_order
from registry.errors import AggregationError
from trainer.kernels import Packed
from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.masking import unmasked_sum
from trainer.types import Lattice

__all__ = ["GroupSum", "group_sum", "unmasking_seeds"]

_BLOCK = 1 << 20


@dataclass(frozen=True, eq=False)
class GroupSum:
    """What the hidden updates of a group come to.

    Args:
        numerators: shape (n,), Σ wᵢqᵢ.
        weight: Σ wᵢ.
    """

    numerators: npt.NDArray[np.int64]
    weight: int


def unmasking_seeds(hidden: HiddenState, group: int) -> tuple[list[bytes], list[bytes]]:
    """Returns the seeds of the masks that a group's sum has too few and too many of.

    Masks of two survivors cancel. What stays is each survivor's own mask, and its masks with
    neighbours that dropped.

    Args:
        hidden: the round; the group is open.
        group: its number.
    """
    domain, (survivors, dropped) = hidden.domain, hidden.needed(group)
    added: list[bytes] = []
    subtracted = [domain.self_mask_seed(who, hidden.seeds[who]) for who in sorted(survivors)]
    for gone in sorted(dropped):
        for who in hidden.graph.neighbours(gone):
            if who not in survivors:
                continue
            told = gone, hidden.secrets[gone], who, hidden.keys[who]
            # The lower address of a pair added the mask, the other took it off.
            lower = address_order(who) < address_order(gone)
            (subtracted if lower else added).append(domain.pair_mask_seed(*told))
    return added, subtracted


def group_sum(
    hidden: HiddenState,
    group: int,
    updates: Mapping[str, Packed],
    length: int,
    lattice: Lattice,
    out: npt.NDArray[np.int64] | None = None,
) -> GroupSum:
    """Returns the sum of an open group.

    Args:
        hidden: the round.
        group: its number.
        updates: the packed update of each survivor.
        length: how many values a plain update has.
        lattice: the round's.
        out: where to write, shape (length,), or one more with hidden weights; new memory without.

    Raises:
        AggregationError: the group isn't open, an update lacks, or the sum is one that no updates
            on the lattice have: somebody hid something else.
    """
    if not hidden.is_open(group):
        raise AggregationError(f"group {group} isn't open")
    survivors = sorted(hidden.frozen[group].survivors)
    if lacking := [who for who in survivors if who not in updates]:
        raise AggregationError(f"the hidden update of {lacking[0]} can't be had")
    added, subtracted = unmasking_seeds(hidden, group)
    vectors = [updates[who] for who in survivors]
    whole = hidden.terms.length(length)
    sums = unmasked_sum(vectors, whole, hidden.width, added, subtracted, out=out)
    weight = int(sums[-1]) if hidden.terms.hides_weights else len(survivors)
    if not len(survivors) <= weight <= len(survivors) * hidden.terms.weight_cap:
        raise AggregationError(
            f"expected weights of {len(survivors)} updates, each up to {hidden.terms.weight_cap}, "
            f"in the sum of group {group}, got {weight}: somebody hid something else"
        )
    _check_range(sums[:length], weight * lattice.largest, group)
    return GroupSum(sums[:length], weight)


def _check_range(sums: npt.NDArray[np.int64], most: int, group: int) -> None:
    for start in range(0, sums.size, _BLOCK):
        part = sums[start : start + _BLOCK]
        if int(part.max()) > most or int(part.min()) < -most:
            raise AggregationError(
                f"the sum of group {group} leaves ±{most}, what its updates can come to on the "
                "lattice: somebody hid something else"
            )
