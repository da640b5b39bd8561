"""What each event means in a model's history: of which kind it is, who did it, what, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from registry.chain.bindings.events import model_registry as m
from registry.chain.bindings.events import training_rounds as r
from registry.documents.labels import label_text
from registry.types import ZERO_ID, Phase, Visibility

__all__ = ["HistoryKind", "Told", "told_of"]


class HistoryKind(StrEnum):
    """What an entry is about."""

    MODEL = "model"
    VERSION = "version"
    CHANNEL = "channel"
    ACCESS = "access"
    PUBLISHER = "publisher"
    ROUND = "round"


@dataclass(frozen=True)
class Told:
    """What an event says; `who` is empty where it doesn't name who acted."""

    kind: HistoryKind
    what: str
    who: str = ""
    why: str = ""
    version: int | None = None
    channel: str | None = None
    user: str | None = None
    until: int | None = None
    """The end of a grant in seconds since 1970; 0: none."""
    previous: int | None = None
    """The version that a channel pointed to before; 0: none."""
    published: bool = False
    """Whether it made the version."""
    rolled_back: bool = False
    """Whether a roll-back moved the channel."""
    round_id: bytes | None = None
    """The round that it is about, whose number stands for `{round}` in `what`."""


def _version(what: str) -> Callable[[Any], Told]:
    def told(a: Any) -> Told:
        why = getattr(a, "reason", "")
        return Told(HistoryKind.VERSION, f"version {a.number} {what}", a.actor, why, a.number)

    return told


def _published(a: m.VersionPublished) -> Told:
    by_round = a.round_id != ZERO_ID
    why = f"the result of round 0x{a.round_id.hex()}" if by_round else ""
    what = f"version {a.number} published"
    return Told(HistoryKind.VERSION, what, a.publisher, why, a.number, published=True)


def _channel(verb: str, back: bool) -> Callable[[Any], Told]:
    def told(a: Any) -> Told:
        name = label_text(a.channel)
        return Told(
            HistoryKind.CHANNEL,
            f"{name} {verb} version {a.number}" + (f" from {a.previous}" if a.previous else ""),
            a.actor,
            version=a.number,
            channel=name,
            previous=a.previous,
            rolled_back=back,
        )

    return told


def _round(what: str, a: Any, who: str = "") -> Told:
    return Told(HistoryKind.ROUND, f"round {{round}} {what}", who, round_id=a.round_id)


def _terms(a: m.GrantTermsSet) -> Told:
    key = "" if a.wrapped_key_digest == ZERO_ID else " and has its key"
    what = f"{a.user} may read it{key}"
    return Told(HistoryKind.ACCESS, what, user=a.user, until=a.expiry)


def _granter(a: m.GranterSet) -> Told:
    what = f"{a.account} may {'' if a.allowed else 'no longer '}grant access"
    return Told(HistoryKind.ACCESS, what, user=a.account)


def _publisher(verb: str) -> Callable[[Any], Told]:
    return lambda a: Told(HistoryKind.PUBLISHER, f"{a.account} {verb} publish", user=a.account)


def _visibility(a: Any) -> Told:
    return Told(HistoryKind.MODEL, f"is {Visibility(a.visibility).name.lower()}")


_WORDS: Final[dict[type, Callable[[Any], Told]]] = {
    m.ModelRegistered: lambda a: Told(HistoryKind.MODEL, f"registered as {a.name}", a.owner),
    m.ModelDescribed: _visibility,
    m.VisibilityChanged: _visibility,
    m.VersionPublished: _published,
    m.VersionDeprecated: _version("deprecated"),
    m.VersionYanked: _version("yanked"),
    m.VersionRestored: _version("restored"),
    m.ChannelMoved: _channel("moved to", False),
    m.ChannelRolledBack: _channel("rolled back to", True),
    m.PublisherAdded: _publisher("may"),
    m.PublisherRemoved: _publisher("may no longer"),
    m.ModelTransferStarted: lambda a: Told(
        HistoryKind.MODEL, f"offered to {a.to}", a.from_, user=a.to
    ),
    m.ModelTransferred: lambda a: Told(HistoryKind.MODEL, f"owned by {a.to}", a.to, user=a.to),
    m.AccessGranted: lambda a: Told(HistoryKind.ACCESS, f"{a.user} may read it", user=a.user),
    m.GrantTermsSet: _terms,
    m.AccessRevoked: lambda a: Told(
        HistoryKind.ACCESS, f"{a.user} may no longer read it", user=a.user
    ),
    m.GranterSet: _granter,
    r.RoundOpened: lambda a: _round("opened", a, a.coordinator),
    r.RoundFinalised: lambda a: _round("finalised", a),
    r.RoundVoided: lambda a: _round(f"voided in its {Phase(a.phase).name.lower()} phase", a),
}


def told_of(arguments: object) -> Told | None:
    """Returns what an event means in a model's history; None for events that no history lists."""
    words = _WORDS.get(type(arguments))
    return None if words is None else words(arguments)
