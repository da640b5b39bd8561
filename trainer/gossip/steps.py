"""Which mixing step comes next, who opens it, and when the mixing is over."""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.addresses import ZERO_ADDRESS, address_order
from registry.documents.allow_list import AllowList
from trainer.documents.terms_document import TermsDocument
from trainer.gossip.exchange import Exchange, fine_lattice
from trainer.gossip.mixed_updates import declared_spread
from trainer.protocol.round_state import RoundState, phase_at
from trainer.types import Phase, RoundTerms

__all__ = ["LARGEST_SPREAD", "NextStep", "agreed", "is_over", "opening_time", "step_terms"]

LARGEST_SPREAD = 1 << 20
"""The largest weight of a mixing update: a larger spread is declared as this."""
_RUNNING = (Phase.ENROLMENT, Phase.COMMIT, Phase.REVEAL)


@dataclass(frozen=True)
class NextStep:
    """The terms of a mixing step, with what they name."""

    terms: RoundTerms
    document: TermsDocument
    allow_list: AllowList


def is_over(state: RoundState, now: int) -> bool:
    """Tells whether nothing more can be revealed in a round."""
    return phase_at(state, now) not in _RUNNING


def agreed(exchange: Exchange, last: RoundState) -> bool:
    """Tells whether the mixing is over after a step: all agree, too few are left, or the last.

    Args:
        exchange: of the round.
        last: a step that is over, or the round itself.
    """
    number = exchange.number_of(last)
    if len(last.reveals) < 2 or number >= exchange.gossip.most_steps:
        return True
    tolerance = int(exchange.gossip.tolerance)
    apart = [declared_spread(opening.weight) for opening in last.reveals.values()]
    return number > 0 and max(apart) <= tolerance


def opening_time(exchange: Exchange, last: RoundState, peer: str) -> int:
    """Returns from when on a peer may open the step after `last`; 0: at once.

    Peers take turns. Who has the turn opens at once; if it is gone, the next one does when the
    last step's time is over, and so on, each a phase later.
    """
    order = sorted(last.reveals, key=address_order)
    turn = exchange.number_of(last) % len(order)
    behind = (order.index(peer) - turn) % len(order)
    phase = last.terms.reveal_deadline - last.terms.commit_deadline
    return last.terms.reveal_deadline + behind * phase if behind else 0


def step_terms(exchange: Exchange, last: RoundState, now: int) -> NextStep:
    """Returns the terms of the step after `last`: open to those who revealed in it.

    A step takes as long at most as the round's reveal phase, three times.
    """
    root, number = exchange.root, exchange.number_of(last) + 1
    parameters = dict(exchange.document.strategy_parameters)
    parameters |= {"of": root.round_id.hex(), "step": str(number)}
    allow_list = AllowList.of(last.reveals)
    document = replace(
        exchange.document, strategy_parameters=parameters, allow_list=allow_list.digest
    )
    phase = root.terms.reveal_deadline - root.terms.commit_deadline
    terms = replace(
        root.terms,
        document_digest=document.digest,
        lattice=fine_lattice(root.terms.lattice),
        enrolment_deadline=now + phase,
        commit_deadline=now + 2 * phase,
        reveal_deadline=now + 3 * phase,
        proposal_deadline=now + 4 * phase,
        minimum_participants=min(2, len(last.reveals)),
        maximum_participants=len(last.reveals),
        allow_list_root=allow_list.root,
        weight_cap=LARGEST_SPREAD,
        reward_token=ZERO_ADDRESS,
        reward_budget=0,
        forfeit=0,
    )
    return NextStep(terms, document, allow_list)
