"""Public keys on the command line, as `tally account show` prints them."""

from __future__ import annotations

from registry.errors import ConfigError

__all__ = ["public_key_bytes"]


def public_key_bytes(text: str) -> bytes:
    """Returns a public key that was given in hex.

    Raises:
        ConfigError: it isn't hex.
    """
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise ConfigError(
            f"--public-key: expected the hex that `tally account show` prints, got {text[:80]!r}"
        ) from error
