"""Contract accounts' signatures, for the audit: that there is a contract is proved.

Whether an account had code when a signature was used is proved against the state root of that
block: a node that invents code for a key's account could make any signature look good. What a
contract then answers (ERC-1271) can't be proved without running it, so the report lists it as
believed.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.audit.findings import Report
from registry.chain.accounts import EMPTY_CODE, proven_code_hashes
from registry.chain.contract_signatures import ChainSignatureChecker
from registry.chain.gateway import Gateway
from registry.chain.headers import Header

__all__ = ["AuditedSignatureChecker"]


class AuditedSignatureChecker:
    """Fills the port `registry.signing.ContractSignatureChecker` as of one block.

    Args:
        gateway: the chain.
        headers: proved headers by number, those of all blocks with events among them.
        block: as of which block accounts are asked.
        report: where it is told what rests on the node.
    """

    def __init__(
        self, gateway: Gateway, headers: Mapping[int, Header], block: int, report: Report
    ) -> None:
        self._gateway, self._headers, self._block = gateway, headers, block
        self._report = report
        self._asked = ChainSignatureChecker(gateway, block)
        self._codes: dict[str, bool] = {}

    def at(self, block: int) -> AuditedSignatureChecker:
        """Returns the checker as of another block."""
        return AuditedSignatureChecker(self._gateway, self._headers, block, self._report)

    def has_code(self, address: str) -> bool:
        """Tells whether a contract stood at the address, proved where the node proves accounts."""
        if address not in self._codes:
            self._codes[address] = self._code(address)
        return self._codes[address]

    def _code(self, address: str) -> bool:
        header = self._headers.get(self._block)
        (found,) = (
            (None,) if header is None else proven_code_hashes(self._gateway, [(header, address)])
        )
        if found is not None:
            return found != EMPTY_CODE
        code = self._asked.has_code(address)
        if code:
            self._believe(f"that {address} was a contract in block {self._block}")
        return code

    def is_valid_signature(self, address: str, digest: bytes, signature: bytes) -> bool:
        """Tells whether the contract accepts the signature, as the node says."""
        valid = self._asked.is_valid_signature(address, digest, signature)
        if valid:
            self._believe(f"that the contract {address} accepts a signature (ERC-1271)")
        return valid

    def _believe(self, what: str) -> None:
        if what not in self._report.believed:
            self._report.believed.append(what)
