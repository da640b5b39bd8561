"""Who may read a model: grants, and their ends."""

from __future__ import annotations

from registry.addresses import parse_address
from registry.types import ZERO_ID, Grant, Model
from registry.usecases.connection import Connection
from registry.usecases.private_models import PrivateModels

__all__ = ["Access"]


class Access:
    """Grants of one model; the contract takes changes from its owner and granters alone (M-9)."""

    def __init__(self, connection: Connection, model: Model) -> None:
        self._connection = connection
        self._registry = connection.chain.model_registry
        self._model = model

    def grant(self, user: str, public_key: bytes | None, expiry: int) -> None:
        """Gives a user access; with its public key, the content key goes along.

        A key that it was granted before stays granted with a new expiry.

        Args:
            user: its address.
            public_key: its secp256k1 key; None: no key is wrapped for it.
            expiry: seconds since 1970; 0 for none.

        Raises:
            ConfigError: no address, or the public key is another account's.
            DecryptionFailed: this account doesn't have the model's key.
            Reverted: neither the owner nor a granter.
        """
        model_id, user = self._model.model_id, parse_address(user)
        if public_key is not None:
            PrivateModels(self._connection).grant(self._model, user, public_key, expiry)
            return
        standing = self._connection.state().catalogue.grants.get((model_id, user))
        key = ZERO_ID if standing is None else standing.wrapped_key_digest
        if expiry or key != ZERO_ID:
            self._registry.grant(model_id, user, expiry, key).send()
        else:
            self._registry.grant_access(model_id, user).send()

    def revoke(self, user: str) -> None:
        """Ends a user's access. What was fetched before cannot be taken back.

        Raises:
            ConfigError: no address.
            Reverted: neither the owner nor a granter.
        """
        self._registry.revoke_access(self._model.model_id, parse_address(user)).send()

    def grants(self) -> list[Grant]:
        """Returns the standing grants, by user."""
        grants = self._connection.state().catalogue.grants
        found = [g for (m, _), g in grants.items() if m == self._model.model_id]
        return sorted(found, key=lambda g: g.user)

    def allows(self, user: str) -> bool:
        """Says whether the contract lets a user read the model now.

        Raises:
            ConfigError: no address.
        """
        return self._registry.has_access(self._model.model_id, parse_address(user)).read()
