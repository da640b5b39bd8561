"""Private models: content encrypted before it leaves the machine, one key per model.

The content key is made when the model's first private version is published, and wrapped for the
owner like for any grantee: the wrapped key is a raw block in storage, and its SHA-256 digest in
the grant's event is also its CID. So whoever holds a granted key and the storage finds the
wrapped key, and whoever has only the CID has ciphertext.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from registry.chain.transactions import Intent
from registry.crypto import (
    INDEX_NAMES,
    address_of_public_key,
    decrypt_folder,
    decrypt_one,
    encrypt_folder,
    public_key_of,
    sealed_name,
    unwrap_key,
    wrap_key,
)
from registry.errors import ConfigError, DecryptionFailed
from registry.hashing import keccak256
from registry.storage import RAW, Cid, directory_cid, fetch_path
from registry.types import ZERO_ID, Model, Visibility
from registry.usecases.connection import Connection

__all__ = ["PrivateModels"]

_LARGEST_FILE = 17 << 20  # an index or a manifest, of at most 16 MiB, sealed


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

    def read_file(self, model: Model, sealed: Mapping[str, Cid], path: str) -> bytes:
        """Returns one file of a private version, without fetching the others.

        Args:
            model: whose key opens it.
            sealed: the CIDs of the version's ciphertext, by name.
            path: the file's.

        Raises:
            DecryptionFailed: no key was granted, or there is no such file.
            BlobNotFound: no source holds it.
        """
        key = self.content_key(model)
        with tempfile.TemporaryDirectory(prefix="tally-opened-") as scratch:
            place = Path(scratch)

            def bring(name: str) -> None:
                if name not in sealed:
                    raise DecryptionFailed(f"{model.slug}: expected {name} in a private version")
                fetch_path(self._connection.store, sealed[name], place / name, limit=_LARGEST_FILE)

            for name in INDEX_NAMES:
                bring(name)
            bring(sealed_name(place, key, path))
            return decrypt_one(place, key, path)

    def sealed_cid(self, folder: Path, model: Model) -> Cid:
        """Returns the CID that a folder has once it is sealed under the model's key.

        Raises:
            DecryptionFailed: no key was granted to this account.
            ConfigError: a file that can't be read, or a name that is refused.
        """
        with tempfile.TemporaryDirectory(prefix="tally-sealed-") as scratch:
            place = Path(scratch) / "sealed"
            encrypt_folder(folder, place, self.content_key(model))
            return directory_cid(place)

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
        digest = self._wrapped_for(model, self._connection.account)
        if digest is None:
            return None
        wrapped = self._connection.store.get_block(Cid(RAW, digest))
        return unwrap_key(self._connection.key, wrapped)

    def _wrapped_for(self, model: Model, user: str) -> bytes | None:
        grant = self._connection.state().catalogue.grants.get((model.model_id, user))
        known = grant is not None and grant.wrapped_key_digest != ZERO_ID
        return grant.wrapped_key_digest if grant is not None and known else None

    def hand_over(self, model: Model, heir: str, public_key: bytes | None) -> None:
        """Gives a private model's key to the account that it is offered to, unless it has it.

        Raises:
            ConfigError: its public key is missing, or another account's.
            DecryptionFailed: this account doesn't have the model's key.
        """
        if model.visibility is not Visibility.PRIVATE or self._wrapped_for(model, heir) is not None:
            return
        if self._wrapped_for(model, self._connection.account) is None:
            return  # no version yet, and so no key: the new owner makes one
        if public_key is None:
            raise ConfigError(
                f"{model.slug} is private: expected --public-key, from {heir}'s `tally account "
                "show`, so that its key goes along"
            )
        self.grant(model, heir, public_key, 0)

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
