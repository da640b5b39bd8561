"""Reads what nodes answer, strictly: a value of the shape asked for, or one line that says why not.

A node is foreign: its answer may be anything that JSON can hold. Every reader here takes the raw
value and `where`, the method and the node for the message, and raises `ChainError` otherwise.
"""

from __future__ import annotations

import re
from typing import Any

from registry.errors import ChainError

__all__ = [
    "block",
    "call_data",
    "hash32",
    "logs",
    "malformed",
    "quantity",
    "receipt",
    "transaction",
]

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_SHOWN = 60
_LARGEST = 1 << 40  # blocks, or seconds since 1970


def _excerpt(answer: Any) -> str:
    if answer is None:
        return "nothing (null)"
    try:
        shown = repr(answer if not isinstance(answer, str) else answer[: 2 * _SHOWN])
    except (RecursionError, ValueError):
        return f"a {type(answer).__name__} too deep or too large to show"
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def malformed(where: str, expected: str, answer: Any) -> ChainError:
    """Returns (not raises) the error for an answer of another shape than the one expected."""
    return ChainError(
        f"{where}: expected {expected}, got {_excerpt(answer)}; is that address a sound Ethereum "
        "node's?"
    )


def quantity(answer: Any, where: str) -> int:
    """Returns a number that is written as `0x…`, of at most 32 bytes.

    Raises:
        ChainError: anything else, or more digits than 32 bytes have.
    """
    if not isinstance(answer, str) or not _QUANTITY.fullmatch(answer):
        raise malformed(where, "a number as 0x…", answer)
    return int(answer, 16)


def small(answer: Any, where: str) -> int:
    """Returns a number of blocks or seconds: one that no chain has reached is a fault.

    Raises:
        ChainError: no number, or one above 2^40.
    """
    found = quantity(answer, where)
    if found > _LARGEST:
        raise malformed(where, f"a number up to {_LARGEST}", answer)
    return found


def call_data(answer: Any, where: str) -> bytes:
    """Returns bytes that are written as `0x…`.

    Raises:
        ChainError: anything else, or half a byte.
    """
    if not isinstance(answer, str) or not _DATA.fullmatch(answer):
        raise malformed(where, "bytes as 0x…", answer)
    return bytes.fromhex(answer[2:])


def hash32(answer: Any, where: str) -> str:
    """Returns a hash: 32 bytes written as `0x…`.

    Raises:
        ChainError: anything else, or another length.
    """
    if not isinstance(answer, str) or not _HASH.fullmatch(answer):
        raise malformed(where, "a hash of 32 bytes as 0x…", answer)
    return answer


def _fields(answer: Any, where: str, what: str) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise malformed(where, what, answer)
    return answer


def block(answer: Any, where: str, *, pending: bool = False) -> dict[str, Any]:
    """Returns a block's header whose number, hash and time are well formed.

    With `pending`, number and hash may be missing: such a block isn't mined yet.
    """
    found = _fields(answer, where, "a block")
    small(found.get("timestamp"), f"{where}, timestamp of a block")
    if not (pending and found.get("number") is None):
        small(found.get("number"), f"{where}, number of a block")
    if not (pending and found.get("hash") is None):
        hash32(found.get("hash"), f"{where}, hash of a block")
    return found


def _log(answer: Any, where: str) -> dict[str, Any]:
    log = _fields(answer, where, "a log")
    if not isinstance(log.get("address"), str) or not _ADDRESS.fullmatch(log["address"]):
        raise malformed(f"{where}, address of a log", "20 bytes as 0x…", log.get("address"))
    for name in ("blockNumber", "logIndex"):
        quantity(log.get(name), f"{where}, {name} of a log")
    for name in ("blockHash", "transactionHash"):
        hash32(log.get(name), f"{where}, {name} of a log")
    data = log.get("data")
    if not isinstance(data, str) or not _DATA.fullmatch(data):
        raise malformed(f"{where}, data of a log", "bytes as 0x…", data)
    topics = log.get("topics")
    if not isinstance(topics, list) or len(topics) > 4:
        raise malformed(f"{where}, topics of a log", "a list of at most 4", topics)
    for topic in topics:
        hash32(topic, f"{where}, topic of a log")
    return log


def logs(answer: Any, where: str) -> list[dict[str, Any]]:
    """Returns a list of mined logs, each well formed.

    Raises:
        ChainError: no list, or one with a log that isn't well formed.
    """
    if not isinstance(answer, list):
        raise malformed(where, "a list of logs", answer)
    return [_log(log, where) for log in answer]


def receipt(answer: Any, where: str) -> dict[str, Any] | None:
    """Returns a mined transaction's receipt, or None if there is none yet.

    Raises:
        ChainError: no object, or one whose numbers, hashes, contract or logs are malformed.
    """
    if answer is None:
        return None
    found = _fields(answer, where, "a receipt")
    if found.get("blockNumber") is None:
        return None
    for name in ("blockNumber", "gasUsed", "status"):
        quantity(found.get(name), f"{where}, {name} of a receipt")
    for name in ("blockHash", "transactionHash"):
        hash32(found.get(name), f"{where}, {name} of a receipt")
    created = found.get("contractAddress")
    if created is not None and not (isinstance(created, str) and _ADDRESS.fullmatch(created)):
        raise malformed(f"{where}, contract of a receipt", "20 bytes as 0x…", created)
    logs(found.get("logs"), where)
    return found


def transaction(answer: Any, where: str) -> dict[str, Any] | None:
    """Returns a transaction, or None if the node doesn't know it."""
    if answer is None:
        return None
    found = _fields(answer, where, "a transaction")
    hash32(found.get("hash"), f"{where}, hash of a transaction")
    return found
