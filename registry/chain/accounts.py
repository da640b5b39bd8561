"""What an account is at a block, proved against the header's state root (EIP-1186)."""

from __future__ import annotations

from typing import Any

import rlp
from trie import HexaryTrie
from trie.exceptions import BadTrieProof
from trie.exceptions import ValidationError as TrieValidationError

from registry.chain.gateway import Gateway
from registry.chain.headers import MALFORMED, Header
from registry.errors import NodeUnsound
from registry.hashing import keccak256

__all__ = ["EMPTY_CODE", "proven_code_hash"]

EMPTY_CODE = keccak256(b"")
_ACCOUNT_FIELDS = 4


def proven_code_hash(gateway: Gateway, header: Header, address: str) -> bytes:
    """Returns the keccak-256 of an account's code after a block; that of no bytes without code.

    Args:
        gateway: who gives the proof (`eth_getProof`).
        header: of the block; trusted.
        address: the account.

    Raises:
        NodeUnsound: the proof doesn't lead from the state root to the account.
        RpcError: the node gives no proofs, or keeps no state as old as that.
    """
    answer = gateway.request("eth_getProof", [address, [], hex(header.number)])
    key = keccak256(bytes.fromhex(address.removeprefix("0x")))
    try:
        nodes = [rlp.decode(bytes.fromhex(n[2:])) for n in answer["accountProof"]]
        account: Any = HexaryTrie.get_from_proof(header.state_root, key, nodes)
        fields = rlp.decode(account) if account else None
    except (BadTrieProof, TrieValidationError, rlp.exceptions.RLPException, *MALFORMED) as error:
        raise NodeUnsound(
            f"{gateway.name}: block {header.number}: no sound proof of the account {address}"
        ) from error
    if fields is None:
        return EMPTY_CODE
    if not isinstance(fields, list) or len(fields) != _ACCOUNT_FIELDS:
        raise NodeUnsound(f"{gateway.name}: the account {address} is malformed")
    return bytes(fields[3])
