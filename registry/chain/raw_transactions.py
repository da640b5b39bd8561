"""What the bytes of a signed transaction say, and who signed them."""

from __future__ import annotations

from typing import Any

import rlp
from eth_utils.address import to_checksum_address
from rlp.exceptions import RLPException

from registry.errors import SignatureInvalid
from registry.hashing import keccak256
from registry.signing import recover

__all__ = ["read_raw"]

_FEE_MARKET = b"\x02"
_NAMES = {
    _FEE_MARKET: (
        *("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas"),
        *("to", "value", "data"),
    ),
    b"": ("nonce", "gasPrice", "gas", "to", "value", "data"),
}


def read_raw(raw: bytes) -> tuple[str, dict[str, Any]]:
    """Returns the signer's checksummed address and the fields, as they were given to be signed.

    Args:
        raw: a transaction of EIP-1559, or a legacy one for one chain (EIP-155).

    Raises:
        ValueError: other bytes.
    """
    kind = raw[:1] if raw[:1] == _FEE_MARKET else b""
    try:
        items = rlp.decode(raw[len(kind) :])
    except RLPException as error:
        raise ValueError(f"expected a signed transaction ({error})") from error
    names, told = _NAMES[kind], len(_NAMES[kind]) + (1 if kind else 0)  # with the access list
    if not isinstance(items, list) or len(items) != told + 3 or (kind and items[told - 1] != []):
        raise ValueError("expected the fields of a signed transaction")
    values = [*items[: len(names)], *items[told:]]
    if not all(isinstance(value, bytes) for value in values):
        raise ValueError("expected a transaction's fields to be bytes")
    fields = {name: _value(name, value) for name, value in zip(names, values, strict=False)}
    if fields["to"] is None:
        del fields["to"]  # it creates a contract
    parity, r, s = (_number(value) for value in items[told:])
    if kind:
        fields["type"] = 2
        signed = kind + rlp.encode(items[:told])
    else:
        fields["chainId"], parity = divmod(parity - 35, 2)
        signed = rlp.encode([*items[:told], fields["chainId"], b"", b""])
    if fields["chainId"] < 0 or parity > 1 or max(r, s) >> 256:
        raise ValueError("expected a signature for one chain")
    signature = r.to_bytes(32) + s.to_bytes(32) + bytes([27 + parity])
    try:
        return recover(keccak256(signed), signature), fields
    except SignatureInvalid as error:
        raise ValueError(str(error)) from error


def _value(name: str, value: bytes) -> Any:
    if name == "data":
        return "0x" + value.hex()
    if name != "to":
        return _number(value)
    if len(value) not in (0, 20):
        raise ValueError("expected an address of 20 bytes")
    return str(to_checksum_address(value)) if value else None


def _number(value: bytes) -> int:
    if value.startswith(b"\0") or len(value) > 32:
        raise ValueError("expected numbers in their shortest form")
    return int.from_bytes(value)
