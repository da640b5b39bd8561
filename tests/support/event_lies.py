"""Every lie that a node can tell about an event: drop, double, move, change, cut, extend."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from told_histories import HistoryPlace, Told, events_of, flip

from registry.chain.artifacts import load_artifact

__all__ = ["EventLie", "event_lies"]

Change = Callable[[Told, HistoryPlace], None]


@dataclass(frozen=True)
class EventLie:
    """One lie about one event; `field` is empty where the whole event is meant."""

    kind: str
    contract: str
    event: str
    field: str
    place: HistoryPlace
    change: Change

    @property
    def name(self) -> str:
        """What is lied about, e.g. `change ModelRegistry.VersionPublished.digest`."""
        return f"{self.kind} {self.contract}.{self.event}" + (
            f".{self.field}" if self.field else ""
        )


def _drop(told: Told, place: HistoryPlace) -> None:
    place.logs(told).pop(place.log)


def _double(told: Told, place: HistoryPlace) -> None:
    place.logs(told).insert(place.log, copy.deepcopy(place.of(told)))


def _move(told: Told, place: HistoryPlace) -> None:
    """Tells the event as the last of the newest other block that holds a transaction."""
    moved = place.logs(told).pop(place.log)
    holding = (number for number, receipts in told.receipts.items() if receipts)
    newest = max(number for number in holding if number != place.block)
    told.receipts[newest][-1]["logs"].append(moved)


def _cut(told: Told, place: HistoryPlace) -> None:
    log = place.of(told)
    if len(log["data"]) > 2:
        log["data"] = log["data"][:-64]
    else:
        log["topics"].pop()


def _extend(told: Told, place: HistoryPlace) -> None:
    place.of(told)["data"] += "00" * 31 + "01"


def _changing(contract: str, event: str, field: str) -> Change:
    def change(told: Told, place: HistoryPlace) -> None:
        flip(place.of(told), contract, event, field)

    return change


def event_lies(told: Told, contracts: dict[str, str]) -> Iterator[EventLie]:
    """Yields every lie about the newest event of each kind that a history holds."""
    newest = {(contract, event): place for place, contract, event in events_of(told, contracts)}
    whole: dict[str, Change] = {
        "drop": _drop,
        "double": _double,
        "move": _move,
        "cut": _cut,
        "extend": _extend,
    }
    for (contract, event), place in sorted(newest.items(), key=lambda item: item[0]):
        for kind, change in whole.items():
            yield EventLie(kind, contract, event, "", place, change)
        entry = next(e for e in load_artifact(contract).abi if e.get("name") == event)
        for parameter in entry["inputs"]:
            field = parameter["name"]
            changing = _changing(contract, event, field)
            yield EventLie("change", contract, event, field, place, changing)
