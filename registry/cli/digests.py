"""SHA-256 digests on the command line."""

from __future__ import annotations

from typing import Any

import click

from registry.errors import ConfigError

__all__ = ["DIGEST"]


class _DigestType(click.ParamType[bytes]):
    """A SHA-256 digest in hex, with 0x or without."""

    name = "digest"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> bytes:
        """Returns the digest's 32 bytes.

        Raises:
            ConfigError: it is none.
        """
        if isinstance(value, bytes):
            return value
        digits = str(value).removeprefix("0x").lower()
        if len(digits) != 64 or not set(digits) <= set("0123456789abcdef"):
            named = parameter.opts[0] if parameter is not None else "digest"
            raise ConfigError(
                f"{named}: expected a SHA-256 digest of 64 digits, got {str(value)[:80]!r}"
            )
        return bytes.fromhex(digits)


DIGEST = _DigestType()
