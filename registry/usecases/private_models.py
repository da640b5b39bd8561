"""Private models: content encrypted before it leaves the machine, one key per model.

The content key is made when the model's first private version is published, and wrapped for the
owner like for any grantee: the wrapped key is a raw block in storage, and its SHA-256 digest in
the grant's event is also its CID. So whoever holds a granted key and the storage finds the
wrapped key, and whoever has only the CID has ciphertext.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from registry.chain.transactions import Intent
from registry.crypto import (
    address_of_public_key,
    decrypt_folder,
    encrypt_folder,
    public_key_of,
    unwrap_key,
    wrap_key,
)
from registry.errors import ConfigError, DecryptionFailed
from registry.hashing import keccak256
from registry.storage import RAW, Cid
from registry.types import ZERO_ID, Model
from registry.usecases.connection import Connection

__all__ = ["PrivateModels"]


class PrivateModels:
    """Seals and opens private versions, and passes the key on to grantees."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sealed(
        self, folder: Path, model: Model, place: Path, extra: Mapping[str, bytes] | None = None
    ) -> Path:
        """Encrypts a version folder under the model's key, which is made if there is none yet.

        Args:
            folder: the files, read where they are.
            model: whose key.
            place: gets ciphertext and nothing else.
            extra: files by name that stand beside the folder's own, such as its manifest.
        """
        key = self._own_key(model)
        if key is None:
            key = os.urandom(32)
            self.grant(model, self._connection.account, public_key_of(self._connection.key), 0, key)
            key = self.content_key(model)  # of an earlier run, if that one's grant was found
        encrypt_folder(folder, place, key, extra)
        return place

    def opened(self, folder: Path, model: Model, place: Path) -> Path:
        """Decrypts a fetched folder.

        Raises:
            DecryptionFailed: no key was granted to this account, or the content was changed.
        """
        decrypt_folder(folder, place, self.content_key(model))
        return place

    def content_key(self, model: Model) -> bytes:
        """Returns the model's content key, as granted to this account.

        Raises:
            DecryptionFailed: none was.
        """
        key = self._own_key(model)
        if key is None:
            raise DecryptionFailed(
                f"{model.slug} is private and no key is granted to {self._connection.account}; "
                "ask its owner: tally access grant"
            )
        return key

    def _own_key(self, model: Model) -> bytes | None:
        grant = self._connection.state().catalogue.grants.get(
            (model.model_id, self._connection.account)
        )
        if grant is None or grant.wrapped_key_digest == ZERO_ID:
            return None
        wrapped = self._connection.store.get_block(Cid(RAW, grant.wrapped_key_digest))
        return unwrap_key(self._connection.key, wrapped)

    def grant(
        self, model: Model, user: str, public_key: bytes, expiry: int, key: bytes | None = None
    ) -> None:
        """Gives a user access: wraps the content key, stores it, and records the grant.

        Args:
            model: a private model.
            user: the grantee's address.
            public_key: its uncompressed secp256k1 key, 64 or 65 bytes.
            expiry: seconds since 1970; 0 for none.
            key: the content key, if it was just made.

        Raises:
            ConfigError: the public key is another account's.
        """
        if address_of_public_key(public_key) != user:
            raise ConfigError(
                f"expected the public key of {user}, got that of "
                f"{address_of_public_key(public_key)}; its holder prints it with "
                "`tally account show`"
            )
        wrapped = wrap_key(public_key, key or self.content_key(model))
        cid = self._connection.store.put_block(wrapped, RAW)
        self._connection.store.pin(cid)
        # Each wrapping differs, and an end in days moves with the clock: neither is the intent.
        hours = round((expiry - self._connection.gateway.timestamp()) / 3600) if expiry else 0
        name = b"grant" + keccak256(model.model_id + public_key + f"{user} {hours}".encode())
        grant = self._connection.chain.model_registry.grant(
            model.model_id, user, expiry, cid.digest
        )
        grant.send(intent=Intent(name))
