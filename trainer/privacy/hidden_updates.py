"""An update under its masks: what a participant of a hidden round commits to (H-5)."""

from __future__ import annotations

from registry.addresses import address_order
from trainer.kernels import Packed
from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.masking import masked
from trainer.privacy.round_secrets import RoundSecrets
from trainer.types import IntVector

__all__ = ["hidden_update", "masking_seeds"]


def masking_seeds(
    hidden: HiddenState, me: str, secrets: RoundSecrets
) -> tuple[list[bytes], list[bytes]]:
    """Returns the seeds of the masks that a participant adds and subtracts.

    Its own mask, and one with each neighbour that shared its secrets.

    Args:
        hidden: the round; bundles are closed.
        me: on the roster.
        secrets: its own.
    """
    domain = hidden.domain
    added, subtracted = [domain.self_mask_seed(me, secrets.seed)], list[bytes]()
    for other in hidden.active_neighbours(me):
        seed = domain.pair_mask_seed(me, secrets.key, other, hidden.keys[other])
        # The lower address of a pair adds the mask, the other takes it off.
        (added if address_order(me) < address_order(other) else subtracted).append(seed)
    return added, subtracted


def hidden_update(
    hidden: HiddenState, me: str, secrets: RoundSecrets, values: IntVector, weight: int
) -> Packed:
    """Returns an update under its masks, packed; with hidden weights they are in it.

    Args:
        hidden: the round; bundles are closed.
        me: on the roster.
        secrets: its own.
        values: shape (n,), on the lattice.
        weight: 1 to the hidden terms' cap; where weights aren't hidden it counts for nothing.

    Raises:
        AggregationError: no vector of signed integers.
    """
    factor, appended = (weight, [weight]) if hidden.terms.hides_weights else (1, [])
    added, subtracted = masking_seeds(hidden, me, secrets)
    told = values, hidden.width, added, subtracted
    return masked(*told, factor=factor, appended=appended)
