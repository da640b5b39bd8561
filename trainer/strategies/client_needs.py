"""What a strategy needs of those who train, as data: nobody else asks for its name."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NO_NEEDS", "ClientNeeds"]


@dataclass(frozen=True)
class ClientNeeds:
    """What participants of a strategy's rounds do beside training and sending an update.

    Args:
        plain_sgd: why local training has to be plain SGD without a proximal term; empty: it hasn't.
        control_variates: local gradients are corrected by control variates, which follow from
            whole updates of equally many steps at one learning rate.
        buffers: an update may be trained before its round and wait for a seat; a seat is for who
            has one.
        mixes_among_peers: nobody coordinates: after training, peers mix with their neighbours.
    """

    plain_sgd: str = ""
    control_variates: bool = False
    buffers: bool = False
    mixes_among_peers: bool = False


NO_NEEDS = ClientNeeds()
