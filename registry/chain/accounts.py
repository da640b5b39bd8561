"""What an account is at a block, proved against the header's state root (EIP-1186)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import rlp
from trie import HexaryTrie
from trie.exceptions import BadTrieProof
from trie.exceptions import ValidationError as TrieValidationError

from registry.chain.gateway import Gateway, RpcError
from registry.chain.headers import Header
from registry.chain.rlp_fields import MALFORMED
from registry.errors import NodeUnsound
from registry.hashing import keccak256

__all__ = ["EMPTY_CODE", "proven_code_hashes"]

EMPTY_CODE = keccak256(b"")
_ACCOUNT_FIELDS = 4


def proven_code_hashes(
    gateway: Gateway, places: Sequence[tuple[Header, str]]
) -> list[bytes | None]:
    """Returns the keccak-256 of accounts' code, each after a block; that of no bytes without code.

    None stands where the node gives no proof, or keeps no state as old as that.

    Args:
        gateway: who gives the proofs (`eth_getProof`), in few requests.
        places: a trusted header and an account's address each.

    Raises:
        NodeUnsound: a proof doesn't lead from the state root to the account.
    """
    asked = [("eth_getProof", [address, [], hex(header.number)]) for header, address in places]
    return [
        None if isinstance(answer, RpcError) else _code_hash(gateway, header, address, answer)
        for (header, address), answer in zip(places, gateway.batch(asked), strict=True)
    ]


def _code_hash(gateway: Gateway, header: Header, address: str, answer: Any) -> bytes:
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
