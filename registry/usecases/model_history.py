"""A model's history, from its events alone: nothing that happened leaves it (M-13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from registry.chain.bindings.events import model_registry, training_rounds
from registry.chain.block_times import block_times, senders
from registry.types import Event, Model
from registry.usecases.connection import Connection
from registry.usecases.history_words import Told, told_of

__all__ = ["ChannelPeriod", "HistoryEntry", "channel_periods", "model_history"]


@dataclass(frozen=True)
class HistoryEntry:
    """One thing that happened to a model.

    `time` is its block's, in seconds since 1970. `who` is the account that the event names, else
    the one that signed the transaction, as the node tells; empty if it tells none.
    """

    time: int
    who: str
    told: Told
    block_number: int
    transaction_hash: str


@dataclass(frozen=True)
class ChannelPeriod:
    """How long a channel pointed to a version, and who put it there.

    Times in seconds since 1970; `until` is None while it still does. `rolled_back` tells that a
    roll-back, and not a move, put it there.
    """

    channel: str
    version: int
    since: int
    until: int | None
    who: str
    rolled_back: bool

    def overlaps(self, first: int, end: int) -> bool:
        """Says whether it lasted through any moment from `first` up to before `end`."""
        return self.since < end and (self.until is None or self.until > first)


def model_history(connection: Connection, model: Model) -> list[HistoryEntry]:
    """Returns all that happened to a model, oldest first.

    Raises:
        NodeUnavailable: no answer.
        NodeUnsound: events of blocks that the node doesn't have.
    """
    connection.state()
    said = list(_said(connection.index.events, model))
    times = block_times(connection.gateway, [event for event, _ in said])
    nameless = [event.transaction_hash for event, told in said if not told.who]
    signed = senders(connection.gateway, nameless)
    return [
        HistoryEntry(
            times[event.block_hash],
            told.who or signed.get(event.transaction_hash, ""),
            told,
            event.block_number,
            event.transaction_hash,
        )
        for event, told in said
    ]


def _said(events: Iterable[Event], model: Model) -> Iterable[tuple[Event, Told]]:
    """Yields the model's events with what they mean; a grant's terms stand for the grant."""
    numbers: dict[bytes, int] = {}
    before: tuple[Event, Told] | None = None
    for event in events:
        a = event.arguments
        if isinstance(a, training_rounds.RoundOpened) and a.model_id == model.model_id:
            numbers[a.round_id] = a.number
        if not _concerns(a, model, numbers):
            continue
        told = told_of(a)
        if told is None:
            continue
        if told.round_id is not None:
            told = replace(told, what=told.what.format(round=numbers[told.round_id]))
        if before is not None and not _is_completed(before, event, told):
            yield before
        before = event, told
    if before is not None:
        yield before


def _concerns(arguments: object, model: Model, rounds: dict[bytes, int]) -> bool:
    """Says whether an event is about the model: it names it, or no model and one of its rounds.

    Anybody may publish a version, of a model of their own, that names another model's round.
    """
    of: bytes | None = getattr(arguments, "model_id", None)
    return of == model.model_id if of else getattr(arguments, "round_id", None) in rounds


def _is_completed(before: tuple[Event, Told], event: Event, told: Told) -> bool:
    """Says whether an event tells the terms of the grant that the one before it gave."""
    granted, terms = before[0].arguments, event.arguments
    return (
        isinstance(granted, model_registry.AccessGranted)
        and isinstance(terms, model_registry.GrantTermsSet)
        and before[0].transaction_hash == event.transaction_hash
        and before[1].user == told.user
    )


def channel_periods(entries: Iterable[HistoryEntry]) -> list[ChannelPeriod]:
    """Returns what each channel pointed to and when, by channel, oldest first."""
    periods: dict[str, list[ChannelPeriod]] = {}
    for entry in entries:
        told = entry.told
        if told.channel is None or told.version is None:
            continue
        of_channel = periods.setdefault(told.channel, [])
        if of_channel:
            of_channel[-1] = replace(of_channel[-1], until=entry.time)
        made = (told.channel, told.version, entry.time, None, entry.who, told.rolled_back)
        of_channel.append(ChannelPeriod(*made))
    return [period for _, found in sorted(periods.items()) for period in found]
