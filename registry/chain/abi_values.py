"""Structs of the ABIs as dataclasses, and back: what calls are encoded from and answers decoded to.

A struct is the class that `registry.chain.bindings.structs` names for it, a list is a tuple, and an
address has its checksum.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import IntEnum
from functools import cache
from typing import Any, get_type_hints

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.address import to_checksum_address

from registry.chain.artifacts import CONTRACTS, load_artifact
from registry.chain.bindings.structs import BY_TYPE
from registry.chain.reverts import abi_type
from registry.errors import ConfigError
from registry.hashing import keccak256

__all__ = [
    "call_input",
    "misfit",
    "solidity_fields",
    "struct_hash",
    "struct_maker",
    "typed_value",
    "untyped_value",
]


@cache
def struct_maker(internal_type: str) -> Callable[..., Any]:
    """Returns what makes a struct of its members, given in order; enums become the class's own.

    Args:
        internal_type: as the ABI has it, such as `struct RoundTerms`.
    """
    kind = BY_TYPE[internal_type]
    hints = get_type_hints(kind)
    enums = [
        (place, hints[item.name])
        for place, item in enumerate(fields(kind))
        if isinstance(hints[item.name], type) and issubclass(hints[item.name], IntEnum)
    ]
    if not enums:
        return kind

    def make(*members: Any) -> Any:
        values = list(members)
        for place, enum in enums:
            values[place] = enum(values[place])
        return kind(*values)

    return make


def typed_value(parameter: dict[str, Any], value: Any) -> Any:
    """Returns a decoded value as its Python type."""
    kind: str = parameter["type"]
    if kind == "tuple":
        pairs = zip(parameter["components"], value, strict=True)
        return struct_maker(parameter["internalType"])(*(typed_value(c, v) for c, v in pairs))
    if kind == "address":
        return to_checksum_address(value)
    if kind.endswith("[]"):
        inner = {
            **parameter,
            "type": kind[:-2],
            "internalType": parameter["internalType"].removesuffix("[]"),
        }
        return tuple(typed_value(inner, item) for item in value)
    return value


def call_input(contract: str, data: bytes) -> tuple[str, tuple[Any, ...]] | None:
    """Returns the function that a call's data name, and its arguments; None if they don't.

    Args:
        contract: whose function it is, among the shipped artifacts.
        data: the selector and the encoded arguments, from anybody.
    """
    for entry in load_artifact(contract).abi:
        if entry["type"] != "function":
            continue
        inputs, types = entry["inputs"], [abi_type(parameter) for parameter in entry["inputs"]]
        if keccak256(f"{entry['name']}({','.join(types)})".encode())[:4] != data[:4]:
            continue
        try:
            values = decode(types, data[4:])
            typed = tuple(typed_value(i, v) for i, v in zip(inputs, values, strict=True))
        except (ConfigError, DecodingError, ValueError, IndexError, OverflowError, TypeError):
            return None
        return entry["name"], typed
    return None


def _structs(parameters: list[dict[str, Any]]) -> Iterator[tuple[type, str]]:
    """Yields the classes of the structs in some parameters, with the types they are encoded as."""
    for parameter in parameters:
        yield from _structs(parameter.get("components", []))
        if parameter["type"].startswith("tuple"):
            kind = BY_TYPE[parameter["internalType"].rstrip("[]")]
            yield kind, abi_type({**parameter, "type": "tuple"})


@cache
def _encoded_as() -> dict[type, str]:
    entries = [entry for name in CONTRACTS for entry in load_artifact(name).abi]
    calls = [entry["inputs"] for entry in entries if entry["type"] == "function"]
    return {kind: text for inputs in calls for kind, text in _structs(inputs)}


def struct_hash(struct: object) -> bytes:
    """Returns keccak(enc(struct)), 32 bytes, which contracts keep in a struct's place."""
    return keccak256(encode([_encoded_as()[type(struct)]], [untyped_value(struct)]))


def solidity_fields(struct: Any) -> dict[str, object]:
    """Returns a struct's members by their names in Solidity, inner structs likewise."""
    found: dict[str, object] = {}
    for item in fields(struct):
        first, *rest = item.name.split("_")
        value = getattr(struct, item.name)
        name = first + "".join(word.capitalize() for word in rest)
        found[name] = solidity_fields(value) if is_dataclass(value) else value
    return found


def untyped_value(value: Any) -> Any:
    """Returns a value as it is encoded: structs are tuples of their members."""
    if is_dataclass(value):
        return tuple(untyped_value(getattr(value, item.name)) for item in fields(value))
    if isinstance(value, list | tuple):
        return tuple(untyped_value(item) for item in value)
    return value


def misfit(inputs: Sequence[Mapping[str, Any]], arguments: Sequence[Any]) -> str | None:
    """Returns what is wrong with the first argument that its type doesn't hold; None if all fit.

    Args:
        inputs: a function's parameters, as the ABI has them.
        arguments: theirs, in order.
    """
    for parameter, argument in zip(inputs, arguments, strict=False):
        kind = abi_type(dict(parameter))
        try:
            encode([kind], [untyped_value(argument)])
        except (EncodingError, TypeError, ValueError):
            bits = re.fullmatch(r"uint(\d+)", kind)
            wanted = f"a number from 0 to 2^{bits[1]} - 1" if bits else f"a value of {kind}"
            return f"{parameter['name']}: expected {wanted}, got {argument!s:.80}"
    return None
