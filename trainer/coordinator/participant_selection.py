"""Who is asked to a round: by what participants declare, when they are there, and what they kept.

Bonawitz et al., "Towards Federated Learning at Scale: System Design", MLSys 2019: devices that are
idle, charging and on an unmetered network are eligible; more are asked than are needed (130 %),
since some will drop out; a round goes on without stragglers at its deadline. What is declared is a
claim: it decides who is asked, never what an update counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from registry.addresses import address_order
from registry.errors import ConfigError
from trainer.ports import RoundBoard

__all__ = [
    "Declaration",
    "Reliability",
    "Requirements",
    "Selection",
    "asked_for",
    "read_declarations",
]

_DAY = 24 * 60 * 60
_LARGEST_FILE = 1 << 24


@dataclass(frozen=True)
class Declaration:
    """What a participant says of itself.

    Args:
        memory_mib: that training may use.
        accelerators: GPUs, 0 for none.
        power: "mains" or "battery".
        network: "unmetered" or "metered".
        available_from: the second of the day, UTC, at which its window opens.
        available_until: at which it closes; before `available_from`, the window spans midnight.

    Raises:
        ConfigError: out of range.
    """

    memory_mib: int = 0
    accelerators: int = 0
    power: Literal["mains", "battery"] = "mains"
    network: Literal["unmetered", "metered"] = "unmetered"
    available_from: int = 0
    available_until: int = _DAY

    def __post_init__(self) -> None:
        """Checks the ranges."""
        for name in ("memory_mib", "accelerators", "available_from", "available_until"):
            value = getattr(self, name)
            largest = _DAY if name.startswith("available") else 2**40
            if type(value) is not int or not 0 <= value <= largest:
                raise ConfigError(f"declaration: expected {name} of 0 to {largest}, got {value!r}")
        if self.power not in ("mains", "battery"):
            raise ConfigError(
                f"declaration: expected power of mains or battery, got {self.power!r}"
            )
        if self.network not in ("unmetered", "metered"):
            raise ConfigError(
                f"declaration: expected a network unmetered or metered, got {self.network!r}"
            )

    def is_there(self, moment: int, seconds: int) -> bool:
        """Tells whether its window holds for so many seconds from a time, seconds since 1970."""
        length = (self.available_until - self.available_from) % _DAY
        if length == 0:
            return self.available_from != self.available_until
        return (moment - self.available_from) % _DAY + seconds <= length


@dataclass(frozen=True)
class Requirements:
    """What a round asks of its participants; see `Declaration`."""

    memory_mib: int = 0
    accelerators: int = 0
    mains: bool = False
    unmetered: bool = False

    def are_met_by(self, declared: Declaration) -> bool:
        """Tells whether a declaration is enough."""
        return (
            declared.memory_mib >= self.memory_mib
            and declared.accelerators >= self.accelerators
            and (declared.power == "mains" or not self.mains)
            and (declared.network == "unmetered" or not self.unmetered)
        )


@dataclass(frozen=True)
class Reliability:
    """How many seats a participant took in ended rounds, and for how many it revealed in time."""

    taken: int = 0
    kept: int = 0

    @property
    def part(self) -> Fraction:
        """Kept of taken, as if there had been one more of each: who is new begins at 1."""
        return Fraction(self.kept + 1, self.taken + 1)

    @classmethod
    def of(cls, board: RoundBoard, model_id: bytes) -> dict[str, Reliability]:
        """Counts a model's rounds on the board: anyone finds the same."""
        taken: dict[str, int] = {}
        kept: dict[str, int] = {}
        for round_id in board.rounds_of(model_id):
            state = board.state(round_id)
            if not (state.finalised or state.voided or state.result is not None):
                continue
            for who in {*state.enrolled, *state.reveals}:
                taken[who] = taken.get(who, 0) + 1
                kept[who] = kept.get(who, 0) + (who in state.reveals)
        return {who: cls(count, kept[who]) for who, count in taken.items()}


def asked_for(
    declared: Mapping[str, Declaration],
    requirements: Requirements,
    reliability: Mapping[str, Reliability],
    least: Fraction,
    moment: int,
    seconds: int,
) -> list[str]:
    """Returns who may be asked to a round, in ascending order of addresses.

    Args:
        declared: by participant.
        requirements: of the round.
        reliability: by participant; who isn't in it is new.
        least: the least part of seats that has to have been kept.
        moment: when the round opens, seconds since 1970.
        seconds: how long participants are needed.
    """
    new = Reliability()
    return sorted(
        (
            who
            for who, told in declared.items()
            if requirements.are_met_by(told)
            and told.is_there(moment, seconds)
            and reliability.get(who, new).part >= least
        ),
        key=address_order,
    )


@dataclass(frozen=True)
class Selection:
    """Who of the available may be asked to a round that opens now.

    Args:
        board: whose rounds tell how reliable a participant was.
        model_id: of those rounds.
        declared: by participant; who declared nothing isn't asked.
        requirements: of every round.
        least: the least part of seats that has to have been kept.
        seconds: how long participants are needed.
    """

    board: RoundBoard
    model_id: bytes
    declared: Mapping[str, Declaration]
    requirements: Requirements
    least: Fraction
    seconds: int

    def __call__(self, available: Iterable[str], moment: int) -> list[str]:
        """Returns who of them may be asked, in ascending order of addresses."""
        wanted = set(available)
        declared = {who: told for who, told in self.declared.items() if who in wanted}
        history = Reliability.of(self.board, self.model_id)
        rest = self.requirements, history, self.least, moment, self.seconds
        return asked_for(declared, *rest)


def read_declarations(path: Path) -> dict[str, Declaration]:
    """Reads a JSON object of declarations by address; fields left out have their defaults.

    Raises:
        ConfigError: malformed, or a field that there isn't.
    """
    if path.stat().st_size > _LARGEST_FILE:
        raise ConfigError(f"{path}: expected at most {_LARGEST_FILE} bytes")
    try:
        found = json.loads(path.read_bytes())
        return {str(who): _declared(str(who), told) for who, told in _items(found)}
    except ValueError as error:
        raise ConfigError(f"{path}: expected a JSON object of declarations: {error}") from error


def _items(found: Any) -> Iterable[tuple[Any, Any]]:
    if not isinstance(found, dict):
        raise ValueError(f"got {type(found).__name__}")
    return found.items()


def _declared(who: str, told: Any) -> Declaration:
    known = {field.name for field in fields(Declaration)}
    if not isinstance(told, dict) or not set(told) <= known:
        raise ConfigError(f"declaration of {who}: expected some of {sorted(known)}, got {told!r}")
    return Declaration(**told)
