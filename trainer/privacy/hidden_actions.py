"""What a hidden round asks for beside the plain one's steps, given its state and the time."""

from __future__ import annotations

from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.secret_shares import SecretKind
from trainer.protocol.actions import Action, RoundStep
from trainer.protocol.round_state import RoundState, phase_at
from trainer.types import Phase

__all__ = [
    "dealers_to_tell",
    "masking_action",
    "next_moment",
    "recoverable",
    "second_half",
    "summing_action",
    "unmasking_action",
]


def masking_action(state: RoundState, hidden: HiddenState, me: str, now: int) -> Action | None:
    """Returns what comes before a participant's commitment; None: what a plain round asks for.

    Args:
        state: the round.
        hidden: the same round's.
        me: a checksummed address.
        now: seconds since 1970.
    """
    terms, phase = state.terms, phase_at(state, now)
    if me not in state.enrolled or phase not in (Phase.ENROLMENT, Phase.COMMIT):
        return None
    closed = hidden.keys_closed(terms.enrolment_deadline, now)
    if not closed:
        if me not in hidden.keys:
            return Action(RoundStep.PUBLISH_KEY)
        return Action(RoundStep.WAIT, terms.enrolment_deadline)
    if phase is Phase.ENROLMENT:
        return Action(RoundStep.WAIT, terms.enrolment_deadline)
    if me not in hidden.keys or len(hidden.keys) < 2:
        return Action(RoundStep.LEAVE)  # it came too late to be hidden among others, or is alone
    if not hidden.bundles_closed(now):
        if me in hidden.shared:
            return Action(RoundStep.WAIT, hidden.schedule.bundle_deadline)
        return Action(RoundStep.SHARE_SECRETS)
    group, _ = hidden.graph.place_of(me)
    few = len(hidden.active_neighbours(me)) < hidden.graph.threshold(group)
    # With fewer neighbours than the threshold nobody could open its secrets, should it drop out.
    if me not in hidden.shared or (few and me not in state.commitments):
        return Action(RoundStep.LEAVE)
    return None


def unmasking_action(state: RoundState, hidden: HiddenState, me: str, now: int) -> Action:
    """Returns what a participant has to do after the reveals, until its group is open or lost."""
    phase = phase_at(state, now)
    if phase not in (Phase.REVEAL, Phase.PROPOSAL) or me not in hidden.shared:
        return Action(RoundStep.LEAVE)
    if phase is Phase.REVEAL:
        return Action(RoundStep.WAIT, state.terms.reveal_deadline)
    if now < hidden.unmask_from:
        return Action(RoundStep.LEAVE)  # under stake there is more to do until then
    group, _ = hidden.graph.place_of(me)
    if (step := _of_group(hidden, group, now)) is not None:
        return step
    _, keys = hidden.missing(group)
    tells = bool(dealers_to_tell(state, hidden, me, now))
    if keys and tells:
        return Action(RoundStep.POST_SHARES)
    if recoverable(hidden, group):
        return Action(RoundStep.OPEN_RECOVERED)
    # Seeds come last: whose key nobody else can open could know the sum alone, and let it strand.
    if not keys and hidden.kind_of(me) is SecretKind.SEED and me not in hidden.seeds:
        return Action(RoundStep.OPEN_SEED)
    if tells:
        return Action(RoundStep.POST_SHARES)
    later = second_half(state, hidden)
    return Action(RoundStep.WAIT, later if now < later else hidden.schedule.unmask_deadline)


def summing_action(state: RoundState, hidden: HiddenState, now: int) -> Action | None:
    """Returns what anybody has to do before there is a sum; None: every group is decided."""
    # Who never shows a key or a bundle may commit and reveal before those are closed.
    if not hidden.keys_closed(state.terms.enrolment_deadline, now):
        return Action(RoundStep.WAIT, state.terms.enrolment_deadline)
    if hidden.keys and not hidden.bundles_closed(now):
        return Action(RoundStep.WAIT, hidden.schedule.bundle_deadline)
    if now < hidden.unmask_from:
        return Action(RoundStep.WAIT, hidden.unmask_from)
    for group in range(len(hidden.graph.groups)):
        step = _of_group(hidden, group, now)
        if step is None and recoverable(hidden, group):
            return Action(RoundStep.OPEN_RECOVERED)
        if step is not None and step.step not in (RoundStep.LEAVE, RoundStep.WAIT):
            return step
    if hidden.is_decided():
        return None
    return Action(RoundStep.WAIT, hidden.schedule.unmask_deadline)


def _of_group(hidden: HiddenState, group: int, now: int) -> Action | None:
    """Returns what comes first, whoever does it; None where secrets are still to be opened."""
    if group not in hidden.frozen:
        return Action(RoundStep.FREEZE)
    if group in hidden.stranded or hidden.is_open(group):
        return Action(RoundStep.LEAVE)
    if not hidden.is_opening(group) or now >= hidden.schedule.unmask_deadline:
        return Action(RoundStep.STRAND)
    if group in hidden.unsettled:
        return Action(RoundStep.WAIT, hidden.schedule.unmask_deadline)
    return None


def dealers_to_tell(state: RoundState, hidden: HiddenState, me: str, now: int) -> tuple[str, ...]:
    """Returns of which neighbours a participant has a share to post now.

    At once of those who dropped. When their keys are open, who survived opens its own seed; only if
    it hasn't in the first half of the time, its neighbours do it by their shares.
    """
    group, _ = hidden.graph.place_of(me)
    seeds, keys = hidden.missing(group)
    asked = keys or (frozenset() if now < second_half(state, hidden) else seeds)
    return tuple(
        dealer
        for dealer in hidden.graph.neighbours(me)
        if dealer in asked and me not in hidden.posted.get(dealer, {})
    )


def recoverable(hidden: HiddenState, group: int) -> dict[str, bytes]:
    """Returns the secrets of a group that posted shares give and nobody opened yet, by member."""
    if not hidden.is_opening(group) or group in hidden.unsettled:
        return {}
    found = {}
    for member in sorted(frozenset().union(*hidden.missing(group))):
        secret = hidden.recovered(member)
        if secret is not None and hidden.is_right(member, secret):
            found[member] = secret
    return found


def next_moment(state: RoundState, hidden: HiddenState, now: int, until: int) -> int:
    """Returns until when nobody in a hidden round has anything to do, `until` at the latest.

    Whoever conducts participants in its own process waits no longer, or it would sleep through a
    moment from which one of them is to act.

    Args:
        state: the round.
        hidden: the same round's.
        now: seconds since 1970.
        until: what the conductor itself waits for.
    """
    schedule = hidden.schedule
    moments = (
        state.terms.enrolment_deadline,
        schedule.bundle_deadline,
        hidden.unmask_from,
        second_half(state, hidden),
        schedule.unmask_deadline,
    )
    return min([moment for moment in moments if moment > now] + [until])


def second_half(state: RoundState, hidden: HiddenState) -> int:
    """Returns from when on shares of survivors' seeds are posted, in seconds since 1970."""
    begin = max(state.terms.reveal_deadline, hidden.unmask_from)
    return begin + (hidden.schedule.unmask_deadline - begin) // 2
