"""The key that the environment names: other users of a machine cannot read it from there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from registry.errors import ConfigError
from registry.signing.keystores import signer_from_keystore
from registry.signing.signers import LocalSigner

__all__ = ["signer_from_environment"]


def signer_from_environment(environment: Mapping[str, str]) -> LocalSigner | None:
    """Returns the signer that the environment names, or None if it names none.

    `TALLY_KEY` holds a raw key; `TALLY_KEYSTORE` a keystore file's path, with `TALLY_PASSWORD`.

    Raises:
        ConfigError: both are set, a password is missing, or the key or the file is malformed.
    """
    key, keystore = environment.get("TALLY_KEY"), environment.get("TALLY_KEYSTORE")
    if key and keystore:
        raise ConfigError("expected TALLY_KEY or TALLY_KEYSTORE, got both; unset one")
    if key:
        try:
            return LocalSigner.from_key(key)
        except ConfigError as error:
            raise ConfigError(f"TALLY_KEY: {error}") from None
    if not keystore:
        return None
    password = environment.get("TALLY_PASSWORD")
    if password is None:
        raise ConfigError("TALLY_KEYSTORE is set; set TALLY_PASSWORD to its password too")
    return signer_from_keystore(Path(keystore), password)
