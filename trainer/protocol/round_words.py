"""What happens in a round, as sentences: what changed, and what is waited for."""

from __future__ import annotations

from registry.dates import date_text
from trainer.protocol.round_state import RoundState, phase_at
from trainer.types import Phase

__all__ = ["awaited", "changes", "deadline_of"]


def changes(before: RoundState | None, after: RoundState, now: int) -> list[str]:
    """Returns what happened in a round between two looks, a sentence each.

    Args:
        before: as it was seen last; None at the first look.
        after: as it stands.
        now: in seconds since 1970, at the second look.
    """
    told = [] if before is not None else [_opening(after)]
    was_in = () if before is None else before.enrolled
    least, seats = after.terms.minimum_participants, after.terms.maximum_participants
    for place, who in enumerate(after.enrolled, 1):
        if who not in was_in:
            told.append(f"{who} takes seat {place} of {seats}{_more(place, least)}")
    told += _batches(before, after)
    committed = {} if before is None else before.commitments
    for place, who in enumerate(after.commitments, 1):
        if who not in committed:
            told.append(f"{who} committed to an update: {place}{_more(place, least)}")
    revealed = {} if before is None else before.reveals
    for place, (who, opening) in enumerate(after.reveals.items(), 1):
        if who not in revealed:
            weight = f"of weight {opening.weight}" if after.hiding is None else "under masks"
            told.append(f"{who} revealed its update {weight}: {place}{_more(place, least)}")
    return told + _ending(before, after, now)


def _opening(state: RoundState) -> str:
    terms = state.terms
    return (
        f"open for {terms.maximum_participants} participants, at least "
        f"{terms.minimum_participants}; seats are taken until {date_text(terms.enrolment_deadline)}"
    )


def _batches(before: RoundState | None, after: RoundState) -> list[str]:
    known = {} if before is None else before.batches
    told = []
    for number, batch in after.batches.items():
        if number not in known:
            told.append(f"batch {number} holds the commitments of {batch.count}")
        if batch.revealed_document and not (number in known and known[number].revealed_document):
            told.append(f"batch {number} is revealed: {batch.revealed_count} updates")
    return told


def _ending(before: RoundState | None, after: RoundState, now: int) -> list[str]:
    told = []
    if after.result is not None and (before is None or before.result is None):
        accepted, ends = after.result.accepted, after.challenge_ends_at
        until = f"; it is final after {date_text(ends)} unless challenged" if ends > now else ""
        told.append(f"a result of {accepted} updates is proposed{until}")
    if after.finalised and not (before is not None and before.finalised):
        told.append("the result is final")
    if after.voided and not (before is not None and before.voided):
        told.append(_voided(after))
    return told


def _voided(state: RoundState) -> str:
    terms = state.terms
    least = terms.minimum_participants
    if state.revealed - state.lost < least <= state.revealed:
        there = state.revealed - state.lost
        return (
            f"voided: the hidden sums of {there} updates could be opened, of at least {least}; too "
            "few of their neighbours told what they hold"
        )
    if state.revealed >= least:
        return f"voided: no result by {date_text(terms.proposal_deadline)}"
    if state.seats < least:
        by = date_text(terms.enrolment_deadline)
        return f"voided: {state.seats} of at least {least} participants by {by}"
    by = date_text(terms.reveal_deadline)
    return f"voided: {state.revealed} of at least {least} updates by {by}"


def _more(there: int, least: int) -> str:
    return f"; waiting for {least - there} more of {least}" if there < least else ""


def awaited(state: RoundState, now: int) -> str:
    """Returns what a round waits for; "" once it has ended."""
    terms, seats = state.terms, state.seats
    match phase_at(state, now):
        case Phase.ENROLMENT:
            missing = terms.minimum_participants - seats
            most = terms.maximum_participants
            told = f"waiting for {missing} more of {terms.minimum_participants}"
            return told if missing > 0 else f"{seats} of {most} seats taken, more may come"
        case Phase.COMMIT if not state.commitments and _shares(state):
            return _shares(state)
        case Phase.COMMIT:
            return f"training: {len(state.commitments)} of {len(state.enrolled)} committed"
        case Phase.REVEAL:
            return f"revealing: {state.direct_reveals} of {len(state.commitments)} revealed"
        case Phase.PROPOSAL if state.hiding and state.hiding.opened < state.hiding.needed:
            hiding = state.hiding
            return f"opening secrets: {hiding.opened} of {hiding.needed} that the sum needs"
        case Phase.PROPOSAL:
            return "waiting for a result"
        case Phase.PROPOSED if now < state.challenge_ends_at:
            return "a result stands, and may be challenged"
        case Phase.PROPOSED:
            return "a result stands, and can be made final"
        case _:
            return ""


def _shares(state: RoundState) -> str:
    """Returns how far participants of a hidden round are with sharing secrets; "" if all did."""
    hiding = state.hiding
    if hiding is None or (hiding.keys and hiding.shared == hiding.keys):
        return ""
    return f"sharing secrets: {hiding.keys} keys, {hiding.shared} shared"


def deadline_of(state: RoundState, now: int) -> int:
    """Returns when what a round waits for is over, in seconds since 1970; 0 once it has ended."""
    terms = state.terms
    deadlines = {
        Phase.ENROLMENT: terms.enrolment_deadline,
        Phase.COMMIT: terms.commit_deadline,
        Phase.REVEAL: terms.reveal_deadline,
        Phase.PROPOSAL: terms.proposal_deadline,
        Phase.PROPOSED: state.challenge_ends_at,
    }
    return deadlines.get(phase_at(state, now), 0)
