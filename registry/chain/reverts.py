"""Turns a revert's data into the Python exception named after the Solidity error.

`registry.chain.reverts.errors` maps each error name to its class, a subclass of `Reverted`; they
are made from the shipped ABIs, so a new Solidity error needs no Python.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from registry.chain.artifacts import CONTRACTS, load_artifact
from registry.errors import Reverted
from registry.hashing import keccak256

__all__ = ["error_classes", "revert_data", "reverted"]

_REMEDIES = {
    "VersionNumberTaken": "somebody published first: see `tally version list`, publish again",
    "NotModelOwner": "use the key of the model's owner",
    "NotPublisher": "ask the model's owner for the publisher role",
    "WrongPhase": "look at `tally round show`",
    "NothingToClaim": "everything that this root pays has been claimed",
    "NotController": "name it as a controller first: `tally stake controllers --add`",
    "InsufficientFree": "deposit more first: `tally stake deposit`",
    "StillUnbonding": "withdraw again when the unbonding delay has passed",
    "ERC20InsufficientAllowance": "approve the contract for the amount first",
    "ERC20InsufficientBalance": "fund the account with the token first",
}


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


def _shown(value: Any) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def reverted(data: bytes, context: str) -> Reverted:
    """Returns (not raises) the exception that revert data stands for.

    Args:
        data: the 4-byte selector and the encoded arguments; empty if the node gave none.
        context: what was called, for the message.
    """
    known = _by_selector().get(data[:4])
    if known is not None:
        made, inputs = known
        try:
            values = decode([abi_type(i) for i in inputs], data[4:])
        except DecodingError:
            return Reverted(f"{context}: malformed arguments of {made.__name__}")
        arguments = {i["name"]: v for i, v in zip(inputs, values, strict=True)}
        shown = ", ".join(f"{name}={_shown(value)}" for name, value in arguments.items())
        remedy = _REMEDIES.get(made.__name__)
        text = f"{context}: {made.__name__}({shown})" + (f"; {remedy}" if remedy else "")
        return made(text, arguments)
    if data[:4] == bytes.fromhex("08c379a0"):
        (reason,) = decode(["string"], data[4:])
        return Reverted(f"{context}: {reason}", {"reason": reason})
    if data[:4] == bytes.fromhex("4e487b71"):
        (code,) = decode(["uint256"], data[4:])
        return Reverted(f"{context}: Panic({code:#x})", {"code": code})
    return Reverted(f"{context}: reverted with {'0x' + data.hex() if data else 'no data'}")


def revert_data(node_error_data: Any) -> bytes | None:
    """Finds the revert data in a JSON-RPC error's `data`: hex text (Anvil) or an object (Ganache).

    Returns None if it is no revert.
    """
    if isinstance(node_error_data, str) and node_error_data.startswith("0x"):
        return bytes.fromhex(node_error_data[2:])
    if isinstance(node_error_data, dict):
        for key in ("result", "data", "return"):
            found = revert_data(node_error_data.get(key))
            if found is not None:
                return found
        for inner in node_error_data.values():
            if isinstance(inner, dict) and (found := revert_data(inner)) is not None:
                return found
    return None
