"""Nodes that tell another history than the chain's: naive ones, and ones that forge it whole.

A naive liar changes what receipts and logs say and leaves the headers alone. A forger writes every
header anew from its lie on, so that everything it tells agrees with itself: only somebody who knows
one true block's hash, or the contracts' own storage, can contradict it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chain_parties import Forward

from registry.chain.artifacts import load_artifact
from registry.chain.event_layout import event_topics
from registry.chain.gateway import Gateway
from registry.chain.headers import header_hash
from registry.chain.receipt_proofs import receipts_root
from registry.hashing import keccak256

__all__ = [
    "Around",
    "HistoryPlace",
    "Told",
    "copied",
    "events_of",
    "flip",
    "forging",
    "naive",
    "places_of",
    "told_of",
    "word_of",
]

Around = Callable[[str, list[Any], Forward], Any]


@dataclass
class Told:
    """Blocks and their receipts by number, as a node would tell them; free to be changed."""

    blocks: dict[int, dict[str, Any]]
    receipts: dict[int, list[dict[str, Any]]]


@dataclass(frozen=True)
class HistoryPlace:
    """Where a log stands: block, receipt, and place in the receipt."""

    block: int
    receipt: int
    log: int

    def logs(self, told: Told) -> list[dict[str, Any]]:
        """The receipt's logs."""
        found: list[dict[str, Any]] = told.receipts[self.block][self.receipt]["logs"]
        return found

    def of(self, told: Told) -> dict[str, Any]:
        """The log."""
        return self.logs(told)[self.log]


def told_of(gateway: Gateway) -> Told:
    """Reads the whole chain."""
    newest = gateway.block_number()
    numbers = range(newest + 1)
    blocks = gateway.batch([("eth_getBlockByNumber", [hex(n), False]) for n in numbers])
    receipts = gateway.batch([("eth_getBlockReceipts", [hex(n)]) for n in numbers])
    return Told(dict(zip(numbers, blocks, strict=True)), dict(zip(numbers, receipts, strict=True)))


def places_of(told: Told) -> list[HistoryPlace]:
    """Returns the place of every log, in chain order."""
    return [
        HistoryPlace(number, at, index)
        for number, receipts in told.receipts.items()
        for at, receipt in enumerate(receipts)
        for index in range(len(receipt["logs"]))
    ]


def events_of(told: Told, contracts: dict[str, str]) -> list[tuple[HistoryPlace, str, str]]:
    """Returns every event of the contracts (names by lower-case address): place, contract, name."""
    found = []
    for place in places_of(told):
        log = place.of(told)
        contract = contracts.get(log["address"].lower())
        name = contract and event_topics(contract).get(log["topics"][0])
        if contract and name:
            found.append((place, contract, name))
    return found


def word_of(contract: str, event: str, field: str) -> tuple[str, int]:
    """Returns where a field's word stands: `topics` or `data`, and its place among the words."""
    entry = next(e for e in load_artifact(contract).abi if e.get("name") == event)
    indexed = [i["name"] for i in entry["inputs"] if i["indexed"]]
    if field in indexed:
        return "topics", 1 + indexed.index(field)
    place = 0
    for parameter in entry["inputs"]:
        if parameter["indexed"]:
            continue
        if parameter["name"] == field:
            return "data", place
        place += _words(parameter)
    raise KeyError(field)


def flip(log: dict[str, Any], contract: str, event: str, field: str) -> None:
    """Changes a field's last bit; a struct's is in its last word, a list's in its last element."""
    kind, at = word_of(contract, event, field)
    if kind == "topics":
        word = log["topics"][at]
        log["topics"][at] = word[:-1] + f"{int(word[-1], 16) ^ 1:x}"
        return
    entry = next(e for e in load_artifact(contract).abi if e.get("name") == event)
    parameter = next(i for i in entry["inputs"] if i["name"] == field)
    data, base = log["data"], 0
    at += _words(parameter) - 1
    for _ in range(parameter["type"].count("[]")):
        # A list's head says where its length stands, from behind the length of the list around it.
        start = base + _value(data, at) // 32
        base, at = start + 1, start + _value(data, start)
    end = 2 + 64 * (at + 1)
    last = int(data[end - 1], 16) ^ 1
    log["data"] = f"{data[: end - 1]}{last:x}{data[end:]}"


def _value(data: str, at: int) -> int:
    return int(data[2 + 64 * at : 2 + 64 * (at + 1)], 16)


def _words(parameter: dict[str, Any]) -> int:
    if parameter["type"] == "tuple":
        return sum(_words(part) for part in parameter["components"])
    return 1


def naive(told: Told) -> Around:
    """Makes a node that tells changed receipts and logs beside the true headers."""

    def around(method: str, params: list[Any], forward: Forward) -> Any:
        if method == "eth_getBlockReceipts":
            return told.receipts[int(params[0], 16)]
        return forward()

    return around


def forging(told: Told) -> Around:
    """Makes a node that tells changed receipts, and headers that agree with them throughout."""
    _forge(told)
    newest = max(told.blocks)
    by_hash = {block["hash"]: block for block in told.blocks.values()}

    def around(method: str, params: list[Any], forward: Forward) -> Any:
        if method == "eth_getBlockReceipts":
            return told.receipts[int(params[0], 16)]
        if method == "eth_getBlockByNumber":
            tagged = params[0] in ("latest", "finalized", "safe")
            return told.blocks.get(newest if tagged else int(params[0], 16))
        if method == "eth_getBlockByHash":
            return by_hash.get(params[0])
        return forward()

    return around


def _forge(told: Told) -> None:
    parent = None
    for number, block in sorted(told.blocks.items()):
        receipts = told.receipts[number]
        for receipt in receipts:
            receipt["logsBloom"] = _bloom([receipt])
        block["logsBloom"] = _bloom(receipts)
        block["receiptsRoot"] = "0x" + receipts_root(receipts).hex()
        block["parentHash"] = block["parentHash"] if parent is None else parent
        block["hash"] = parent = "0x" + header_hash(block).hex()


def _bloom(receipts: list[dict[str, Any]]) -> str:
    bits = 0
    for receipt in receipts:
        for log in receipt["logs"]:
            for item in (log["address"], *log["topics"]):
                digest = keccak256(bytes.fromhex(item[2:]))
                for at in (0, 2, 4):
                    bits |= 1 << (int.from_bytes(digest[at : at + 2]) & 2047)
    return f"0x{bits:0512x}"


def copied(told: Told) -> Told:
    """Returns a copy to change."""
    return copy.deepcopy(told)
