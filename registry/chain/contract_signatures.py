"""Asks contract accounts whether they accept a signature (ERC-1271)."""

from __future__ import annotations

from eth_abi.abi import encode

from registry.chain.gateway import Gateway, RpcError
from registry.hashing import keccak256

__all__ = ["ChainSignatureChecker"]

_SELECTOR = keccak256(b"isValidSignature(bytes32,bytes)")[:4]
_ACCEPTED = _SELECTOR.ljust(32, b"\0")


class ChainSignatureChecker:
    """Fills the port `registry.signing.ContractSignatureChecker` from a chain.

    Args:
        gateway: the chain.
        block: as of which block accounts are asked; the newest without one.
    """

    def __init__(self, gateway: Gateway, block: int | None = None) -> None:
        self._gateway = gateway
        self._tag = "latest" if block is None else hex(block)
        self._codes: dict[str, bool] = {}

    def at(self, block: int) -> ChainSignatureChecker:
        """Returns the checker as of another block."""
        return ChainSignatureChecker(self._gateway, block)

    def has_code(self, address: str) -> bool:
        """Tells whether a contract stands at the address."""
        if address not in self._codes or self._tag == "latest":
            code = self._gateway.call_data("eth_getCode", [address, self._tag])
            self._codes[address] = bool(code)
        return self._codes[address]

    def is_valid_signature(self, address: str, digest: bytes, signature: bytes) -> bool:
        """Tells whether the contract accepts the signature: it answers with one whole word.

        Code that reverts or returns less is no wallet (D-5): then only the account's key counts.
        """
        data = _SELECTOR + encode(["bytes32", "bytes"], [digest, signature])
        call = {"to": address, "data": "0x" + data.hex(), "gas": hex(200_000)}
        try:
            answer = self._gateway.call_data("eth_call", [call, self._tag])
        except RpcError:
            return False
        return answer[:32] == _ACCEPTED
