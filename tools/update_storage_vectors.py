"""Writes tests/vectors/{cids,eip712,manifest}.json; run it from the repository's root.

The EIP-712 digests come from eth-account's own encoder, not from registry.signing; the CIDs come
from registry.storage and a test holds them against a Kubo node.
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data
from eth_utils.address import to_checksum_address

from registry.documents.manifest import FileEntry, Manifest
from registry.storage.unixfs import CHUNK_BYTES, LINKS_PER_NODE, Part, build_directory, build_file

VECTORS = Path("tests/vectors")
_DOMAIN = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
_UPDATE = [
    {"name": "roundId", "type": "bytes32"},
    {"name": "participant", "type": "address"},
    {"name": "updateRoot", "type": "bytes32"},
    {"name": "weight", "type": "uint64"},
]
_COMMITMENT = [
    {"name": "roundId", "type": "bytes32"},
    {"name": "participant", "type": "address"},
    {"name": "commitment", "type": "bytes32"},
]


def _filled(seed: int, size: int) -> bytes:
    """The rule of cids.json: SHAKE-128 of the seed as 8 bytes, big-endian."""
    return hashlib.shake_128(seed.to_bytes(8, "big")).digest(size)


def _hex(label: str) -> str:
    return "0x" + hashlib.sha256(label.encode()).hexdigest()


def cids() -> dict[str, Any]:
    """Files at the edges of chunks and nodes, and two directories."""
    chunk, node = CHUNK_BYTES, CHUNK_BYTES * LINKS_PER_NODE
    sizes = (0, 1, 256, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 7, node, node + 1)
    files = []
    for seed, size in enumerate(sizes):
        content = _filled(seed, size)
        parts = [
            build_file(io.BytesIO(content), lambda cid, block: None, version=version)
            for version in (0, 1)
        ]
        files.append(
            {
                "bytes": size,
                "seed": seed,
                "v0": parts[0].cid.v0_text(),
                "v1": str(parts[1].cid),
                "tsize": parts[1].tsize,
            }
        )
    return {"rule": "shake128(seed as 8 bytes big-endian)", "files": files, "folders": _folders()}


def _folders() -> list[dict[str, Any]]:
    def part(text: str) -> Part:
        return build_file(io.BytesIO(text.encode()), lambda cid, block: None)

    inner = build_directory([("b.txt", part("b")), ("a.txt", part("a"))], lambda cid, block: None)
    outer = build_directory(
        [("sub", inner), ("Über.md", part("ü")), ("Z", part("")), ("a", part("1"))],
        lambda cid, block: None,
    )
    empty = build_directory([], lambda cid, block: None)
    return [
        {"files": {}, "v1": str(empty.cid)},
        {"files": {"a.txt": "a", "b.txt": "b"}, "v1": str(inner.cid)},
        {
            "files": {"sub/a.txt": "a", "sub/b.txt": "b", "Über.md": "ü", "Z": "", "a": "1"},
            "v1": str(outer.cid),
        },
    ]


def eip712() -> dict[str, Any]:
    """Statements signed with public keys of known weakness, for both languages."""
    cases = []
    for number, (chain, weight) in enumerate(((1, 0), (31337, 1), (137, 60_000), (1, 2**64 - 1))):
        key = (number + 1).to_bytes(32, "big")
        signer = Account.from_key(key)
        contract = to_checksum_address(_hex(f"contract {number}")[:42])
        domain = {"name": "Tallystick TrainingRounds", "version": "1", "chainId": chain}
        domain["verifyingContract"] = contract
        base = {"roundId": _hex(f"round {number}"), "participant": signer.address}
        update = {**base, "updateRoot": _hex(f"root {number}"), "weight": weight}
        commitment = {**base, "commitment": _hex(f"commitment {number}")}
        for kind, fields, message in (
            ("Update", _UPDATE, update),
            ("Commitment", _COMMITMENT, commitment),
        ):
            typed = {
                "types": {"EIP712Domain": _DOMAIN, kind: fields},
                "primaryType": kind,
                "domain": domain,
                "message": message,
            }
            encoded = encode_typed_data(full_message=typed)
            signed = signer.sign_message(encoded)
            cases.append(
                {
                    "kind": kind,
                    "domain": domain,
                    "message": message,
                    "signer": signer.address,
                    "privateKey": "0x" + key.hex(),
                    "domainSeparator": "0x" + encoded.header.hex(),
                    "structHash": "0x" + encoded.body.hex(),
                    "digest": "0x" + _hash_eip191_message(encoded).hex(),
                    "signature": "0x" + bytes(signed.signature).hex(),
                }
            )
    return {"encoder": "eth-account", "cases": cases}


def manifest() -> dict[str, Any]:
    """Manifests as text, with the digest of the text."""

    def entry(text: str) -> FileEntry:
        return FileEntry(len(text), hashlib.sha256(text.encode()).digest())

    full = Manifest(
        {"model.safetensors": entry("weights"), "docs/Über.md": entry("card"), "a": entry("")},
        framework="torch",
        architecture="mnist-cnn",
        licence="Apache-2.0",
        parents=(hashlib.sha256(b"parent").digest(),),
        round_id=hashlib.sha256(b"round").digest(),
        metadata={"note": 'quotes " and \\ and ü', "accuracy": "0.98"},
    )
    texts = [m.to_json() for m in (Manifest({}), full)]
    return {"cases": [{"text": t.decode(), "sha256": hashlib.sha256(t).hexdigest()} for t in texts]}


def main() -> None:
    """Writes the three files."""
    for name, make in (("cids", cids), ("eip712", eip712), ("manifest", manifest)):
        text = json.dumps(make(), indent=1, ensure_ascii=False) + "\n"
        (VECTORS / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
