"""Asks contract accounts whether they accept a signature (ERC-1271)."""

from __future__ import annotations

from eth_abi.abi import encode

from registry.chain.gateway import Gateway, RpcError
from registry.hashing import keccak256

__all__ = ["ChainSignatureChecker"]

_SELECTOR = keccak256(b"isValidSignature(bytes32,bytes)")[:4]


class ChainSignatureChecker:
    """Fills the port `registry.signing.ContractSignatureChecker` from a chain."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def has_code(self, address: str) -> bool:
        """Tells whether a contract stands at the address."""
        return bool(self._gateway.code(address))

    def is_valid_signature(self, address: str, digest: bytes, signature: bytes) -> bool:
        """Tells whether the contract accepts the signature; a revert counts as no."""
        data = _SELECTOR + encode(["bytes32", "bytes"], [digest, signature])
        call = {"to": address, "data": "0x" + data.hex(), "gas": hex(200_000)}
        try:
            answer = self._gateway.request("eth_call", [call, "latest"])
        except RpcError:
            return False
        return bytes.fromhex(answer[2:])[:4] == _SELECTOR
