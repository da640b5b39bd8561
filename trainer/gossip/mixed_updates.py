"""A peer's update in a mixing step: no training, the mix of what was revealed before."""

from __future__ import annotations

from collections.abc import Callable

from registry.errors import TrainingError
from trainer.documents.terms_document import TermsDocument
from trainer.gossip.exchange import Exchange, gossip_of
from trainer.gossip.mixing import mixed, spread
from trainer.participant.buffered_updates import BufferedUpdate
from trainer.participant.local_updates import LocalUpdate
from trainer.protocol.round_state import RoundState

__all__ = ["MixedUpdates", "declared_spread"]


def declared_spread(weight: int) -> int:
    """Returns the spread that a mixing update's weight declares: weights begin at 1."""
    return weight - 1


class MixedUpdates:
    """Makes one peer's updates in mixing steps.

    What stands beside the signature as the weight is one more than how far its values were from
    its neighbours' before the step: that is how everybody sees on the board when all agree.

    Args:
        peer: whose.
        exchange: gives the exchange of the round that is mixed.
    """

    def __init__(self, peer: str, exchange: Callable[[bytes], Exchange]) -> None:
        self._peer, self._exchange = peer, exchange

    def require(self, document: TermsDocument) -> None:
        """Asks for nothing: what is mixed was trained in the round before."""

    def make(self, state: RoundState, document: TermsDocument) -> LocalUpdate:
        """Returns the mix.

        Raises:
            TrainingError: this peer revealed nothing that can be read in the step before.
        """
        gossip = gossip_of(document)
        exchange = self._exchange(bytes.fromhex(gossip.of))
        graph = exchange.graph()
        before = [exchange.root.round_id, *exchange.steps()][gossip.number - 1]
        values = exchange.values(before, [self._peer, *graph.neighbours(self._peer)])
        if self._peer not in values:
            raise TrainingError(
                f"step {gossip.number}: expected this peer's own values of the step before; "
                "it is out of this mixing, and takes part in the next round again"
            )
        apart = spread(self._peer, values)
        weight = min(1 + apart, state.terms.weight_cap)
        return LocalUpdate(mixed(graph, self._peer, values), weight, {"spread": float(apart)})

    def buffer(self, state: RoundState, document: TermsDocument) -> BufferedUpdate:
        """Refuses: a mix is made for its step alone.

        Raises:
            TrainingError: always.
        """
        raise TrainingError("a mixing step has no update that could wait for another round")

    def begin(self, state: RoundState, document: TermsDocument) -> None:
        """Does nothing: a mix takes no time."""
