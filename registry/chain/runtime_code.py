"""The code that a shipped contract has once it is deployed, immutables filled in.

A deployment's file says which addresses the contracts have and with which arguments they were
created; this says what has to stand there if that is true. Immutables come from the constructor's
arguments (`registry_` sets `registry`) and from OpenZeppelin's EIP712 (name and version as short
strings, their hashes, the cached domain separator with chain and address).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from eth_abi.abi import encode
from eth_abi.exceptions import EncodingError

from registry.chain.artifacts import Artifact
from registry.chain.reverts import abi_type
from registry.errors import ConfigError
from registry.hashing import keccak256

__all__ = ["runtime_code"]

_DOMAIN_TYPE = keccak256(
    b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
_VERSION = b"1"
_LONGEST_SHORT = 31
_TOO_LONG_FOR_SHORT = b"\xff".rjust(32, b"\0")


def runtime_code(
    artifact: Artifact, address: str, chain_id: int, arguments: Sequence[Any]
) -> bytes:
    """Returns the code that has to stand at an address.

    Args:
        artifact: the shipped contract.
        address: where it is deployed.
        chain_id: on which chain.
        arguments: of its constructor, in order.

    Raises:
        ConfigError: arguments that the constructor doesn't take.
    """
    words = _of_arguments(artifact, arguments)
    try:
        words |= _of_signing(artifact, address, chain_id, arguments)
    except (EncodingError, UnicodeEncodeError) as error:
        raise ConfigError(f"{artifact.name}: constructor arguments: {error}") from error
    code = bytearray(artifact.runtime)
    for name, places in artifact.immutables.items():
        for place in places:
            code[place : place + 32] = words[name]
    return bytes(code)


def _constructor(artifact: Artifact) -> list[dict[str, Any]]:
    return next((e["inputs"] for e in artifact.abi if e["type"] == "constructor"), [])


def _of_arguments(artifact: Artifact, arguments: Sequence[Any]) -> dict[str, bytes]:
    inputs = _constructor(artifact)
    if len(inputs) != len(arguments):
        raise ConfigError(
            f"{artifact.name}: expected {len(inputs)} constructor arguments, got {len(arguments)}"
        )
    words: dict[str, bytes] = {}
    for parameter, value in _flat(artifact.name, inputs, arguments):
        name = parameter["name"].rstrip("_")
        if name in artifact.immutables:
            try:
                words[name] = encode([abi_type(parameter)], [value])
            except (EncodingError, TypeError, ValueError) as error:
                raise ConfigError(
                    f"{artifact.name}: constructor argument {name}: {error}"
                ) from error
    return words


def _flat(
    contract: str, inputs: Sequence[dict[str, Any]], arguments: Sequence[Any]
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yields each parameter with its value, and in place of a struct its members with theirs."""
    for parameter, value in zip(inputs, arguments, strict=True):
        if parameter["type"] != "tuple":
            yield parameter, value
            continue
        members = parameter["components"]
        if not isinstance(value, list | tuple) or len(value) != len(members):
            raise ConfigError(
                f"{contract}: constructor argument {parameter['name']}: expected {len(members)} "
                f"values, got {value!s:.80}"
            )
        yield from _flat(contract, members, value)


def _of_signing(
    artifact: Artifact, address: str, chain_id: int, arguments: Sequence[Any]
) -> dict[str, bytes]:
    """Returns the words of EIP712, whose name the token takes from its constructor."""
    given = {p["name"]: v for p, v in zip(_constructor(artifact), arguments, strict=True)}
    name = str(given.get("name", f"Tallystick {artifact.name}")).encode()
    hashes = keccak256(name), keccak256(_VERSION)
    separator = encode(
        ["bytes32", "bytes32", "bytes32", "uint256", "address"],
        [_DOMAIN_TYPE, *hashes, chain_id, address],
    )
    return {
        "_name": _short_string(name),
        "_version": _short_string(_VERSION),
        "_hashedName": hashes[0],
        "_hashedVersion": hashes[1],
        "_cachedChainId": chain_id.to_bytes(32),
        "_cachedThis": bytes.fromhex(address[2:]).rjust(32, b"\0"),
        "_cachedDomainSeparator": keccak256(separator),
    }


def _short_string(text: bytes) -> bytes:
    """Returns OpenZeppelin's ShortString: the text, and its length in the last byte."""
    if len(text) > _LONGEST_SHORT:
        return _TOO_LONG_FOR_SHORT
    return text.ljust(_LONGEST_SHORT, b"\0") + bytes([len(text)])
