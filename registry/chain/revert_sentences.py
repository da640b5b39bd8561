"""What a contract's refusal says to people: a sentence with its values in words, and a remedy.

The sentences are one table, `revert_sentences.json`: an error's name, what is wrong, and after the
semicolon what to do. `{name}` stands for a parameter of the error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from registry.addresses import checksummed
from registry.dates import date_text
from registry.types import Phase, VersionStatus, Visibility

__all__ = ["in_words", "sentence", "sentences"]

_LONGEST = 300  # letters or bytes of a foreign text in a message
_MOMENTS = frozenset(
    (
        "activatesAt",
        "availableAt",
        "before",
        "blockTime",
        "bundleDeadline",
        "certifyBy",
        "closesAt",
        "deadline",
        "endsAt",
        "expiry",
        "from",
        "latest",
        "revealDeadline",
        "unmaskDeadline",
        "until",
    )
)
"""Parameters that are seconds since 1970."""

_MONEY_STATES = ("not there", "held", "released", "forfeited", "withdrawn")
_ENUMS: dict[str, Sequence[str]] = {
    "Phase": [phase.name.lower() for phase in Phase],
    "VersionStatus": [status.name.lower() for status in VersionStatus],
    "Visibility": [visibility.name.lower() for visibility in Visibility],
    "AggregationRule": ("mean", "median", "trimmed mean", "hidden mean"),
    "QuestionKind": ("update", "result", "node", "version", "momentum"),
    "IEmergencyStop.Part": ("new rounds", "proposals", "payout roots"),
    "IForfeits.BondState": _MONEY_STATES,
    "IRewardPool.EscrowState": (*_MONEY_STATES[:3], "refundable", "withdrawn"),
    "IEvaluations.DecisionState": ("not there", "attested", "appealed", "ruled", "lapsed"),
}


@cache
def sentences() -> dict[str, str]:
    """Returns the table: a sentence and its remedy for each error's name."""
    place = resources.files("registry.chain") / "revert_sentences.json"
    found: dict[str, str] = json.loads(place.read_text(encoding="utf-8"))
    return found


def sentence(name: str, inputs: Sequence[Mapping[str, Any]], values: Sequence[Any]) -> str:
    """Returns what an error of the shipped contracts says.

    Args:
        name: the error's.
        inputs: its parameters, as the ABI has them.
        values: theirs, decoded.
    """
    words = {i["name"]: in_words(i, value) for i, value in zip(inputs, values, strict=True)}
    return sentences()[name].format_map(words)


def in_words(parameter: Mapping[str, Any], value: Any) -> str:
    """Returns a value of an error as people say it: a state by its name, a time as a date.

    Args:
        parameter: its name, type and Solidity's own type, as in the ABI.
        value: decoded.
    """
    kind, solidity = parameter["type"], parameter.get("internalType", "")
    if solidity.startswith("enum "):
        names = _ENUMS.get(solidity.removeprefix("enum "), ())
        return names[value] if value < len(names) else str(value)
    if kind == "address":
        return checksummed(value)
    if kind in ("uint64", "uint256") and parameter["name"] in _MOMENTS:
        return date_text(value)
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        # A word that names something, such as a window, is told as its text.
        text = value.rstrip(b"\0")
        named = len(value) == 32 and len(text) > 0 and text.isascii()
        if named and text.decode().isprintable():
            return text.decode()
        return f"0x{value[:4].hex()}...{value[-2:].hex()}" if len(value) > 8 else "0x" + value.hex()
    return " ".join(str(value).split())[:_LONGEST]
