"""Encryption of private versions: what storage holds tells how large it is, and no more (C-5).

* `envelope` encrypts a file in chunks (AES-256-GCM, STREAM); any change is `DecryptionFailed`.
* `sealed_folder` encrypts a folder: names go into an encrypted index, and the same files under the
  same key give the same folder, so that a publish can be run again.
* `key_wrap` wraps the folder's content key for each grantee (ECIES on secp256k1). A wrapped key is
  a blob of its own; its SHA-256 digest stands in the grant's event and is also its CID.
* `sealing` seals short texts to a public key, content keys and shares of secrets among them.

Example:
    >>> from registry.signing import LocalSigner
    >>> grantee = LocalSigner.from_key(bytes(31) + b"\\x05")
    >>> wrapped = wrap_key(public_key_of(grantee), bytes(range(32)))
    >>> unwrap_key(grantee, wrapped) == bytes(range(32))
    True
"""

from __future__ import annotations

from registry.crypto.envelope import decrypt_file, encrypt_file, read_encrypted
from registry.crypto.key_wrap import (
    public_key_digest,
    public_key_from_statement,
    public_key_of,
    unwrap_key,
    wrap_key,
)
from registry.crypto.sealed_folder import (
    ENVELOPE_NAME,
    INDEX_NAMES,
    decrypt_folder,
    decrypt_one,
    encrypt_folder,
    sealed_name,
)
from registry.signing import address_of_public_key, recover_public_key

__all__ = [
    "ENVELOPE_NAME",
    "INDEX_NAMES",
    "address_of_public_key",
    "decrypt_file",
    "decrypt_folder",
    "decrypt_one",
    "encrypt_file",
    "encrypt_folder",
    "public_key_digest",
    "public_key_from_statement",
    "public_key_of",
    "read_encrypted",
    "recover_public_key",
    "sealed_name",
    "unwrap_key",
    "wrap_key",
]
