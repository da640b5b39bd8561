"""Turns a revert's data into the Python exception named after the Solidity error.

`registry.chain.reverts.errors` maps each error name to its class, a subclass of `Reverted`; they
are made from the shipped ABIs, so a new Solidity error needs no Python.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from registry.chain.artifacts import CONTRACTS, load_artifact
from registry.chain.revert_sentences import sentence
from registry.errors import Reverted
from registry.hashing import keccak256

__all__ = ["error_classes", "revert_data", "reverted"]

_REASON, _PANIC = bytes.fromhex("08c379a0"), bytes.fromhex("4e487b71")
_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_LONGEST = 300  # letters or bytes of a foreign text in a message


def abi_type(parameter: dict[str, Any]) -> str:
    """Returns a parameter's type as `eth_abi` writes it, tuples unfolded."""
    kind: str = parameter["type"]
    if kind.startswith("tuple"):
        inner = ",".join(abi_type(part) for part in parameter["components"])
        return f"({inner}){kind[5:]}"
    return kind


@cache
def _by_selector() -> dict[bytes, tuple[type[Reverted], list[dict[str, Any]]]]:
    table: dict[bytes, tuple[type[Reverted], list[dict[str, Any]]]] = {}
    classes: dict[str, type[Reverted]] = {}
    for contract in CONTRACTS:
        for entry in load_artifact(contract).abi:
            if entry["type"] != "error":
                continue
            name, inputs = entry["name"], entry["inputs"]
            signature = f"{name}({','.join(abi_type(i) for i in inputs)})"
            made = classes.setdefault(name, type(name, (Reverted,), {"__doc__": signature}))
            table[keccak256(signature.encode())[:4]] = (made, inputs)
    return table


def error_classes() -> dict[str, type[Reverted]]:
    """Returns the exception class of every Solidity error of the shipped contracts, by name."""
    return {made.__name__: made for made, _ in _by_selector().values()}


def _shown(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]


def _decoded(types: list[str], data: bytes) -> tuple[Any, ...] | None:
    """Returns what revert data encode, None if they don't: a contract may revert with any bytes."""
    try:
        return decode(types, data)
    except (DecodingError, ValueError, IndexError, OverflowError, TypeError):
        return None


def reverted(data: bytes, context: str) -> Reverted:
    """Returns (not raises) the exception that revert data stands for.

    Args:
        data: the 4-byte selector and the encoded arguments; empty if the node gave none.
        context: what was called, for the message.
    """
    known = _by_selector().get(data[:4])
    if known is not None:
        made, inputs = known
        values = _decoded([abi_type(i) for i in inputs], data[4:])
        if values is None:
            return Reverted(f"{context}: malformed arguments of {made.__name__}")
        arguments = {i["name"]: v for i, v in zip(inputs, values, strict=True)}
        said = sentence(made.__name__, inputs, values)
        return made(f"{said} ({context})", arguments)
    if data[:4] == _REASON and (found := _decoded(["string"], data[4:])) is not None:
        return Reverted(f"{context}: {_shown(found[0])}", {"reason": found[0]})
    if data[:4] == _PANIC and (found := _decoded(["uint256"], data[4:])) is not None:
        fault = f"the contract failed with Panic({found[0]:#x}); report it: that is a fault of it"
        return Reverted(f"{context}: {fault}", {"code": found[0]})
    shown = "0x" + data[:_LONGEST].hex() if data else "no data"
    return Reverted(
        f"{context}: reverted with {shown}; see `tally doctor`: is the deployment of it?"
    )


def revert_data(node_error_data: Any) -> bytes | None:
    """Finds the revert data in a JSON-RPC error's `data`: hex text (Anvil) or an object (Ganache).

    Returns None if it is no revert.
    """
    waiting = [node_error_data]
    while waiting:
        told = waiting.pop()
        if isinstance(told, str) and _HEX.fullmatch(told):
            return bytes.fromhex(told[2:])
        if isinstance(told, dict):  # what is named first counts first
            inner = [found for found in told.values() if isinstance(found, dict)]
            waiting += inner[::-1] + [told.get(key) for key in ("return", "data", "result")]
    return None
