"""`statement.json`: what a participant signed of its update, as canonical JSON (R-8).

The door and the audit read it by this one strict reader, so that what the one takes the other does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from registry.documents.canonical_json import (
    bytes32_from_hex,
    canonical,
    octets,
    parse,
    require_fields,
)
from registry.errors import ConfigError
from registry.signing import Domain, UpdateStatement, typed_data_json

__all__ = ["LARGEST_STATEMENT", "STATEMENT_FILE", "SignedUpdate"]

STATEMENT_FILE = "statement.json"
FORMAT = "tallystick/update/1"
LARGEST_STATEMENT = 4_096
_WHAT = "statement"
_FIELDS = ("format", "domain", "message", "signature")
_DOMAIN = ("name", "version", "chainId", "verifyingContract")
_MESSAGE = tuple(name for _, name in UpdateStatement.fields)


@dataclass(frozen=True)
class SignedUpdate:
    """A participant's statement with its signature and the domain that this is good under.

    The round-trip law: `SignedUpdate.parse(s.to_json()) == s`.
    """

    domain: Domain
    statement: UpdateStatement
    signature: bytes

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        typed = typed_data_json(self.domain, self.statement)
        return canonical(
            {
                "format": FORMAT,
                "domain": typed["domain"],
                "message": typed["message"],
                "signature": "0x" + self.signature.hex(),
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> SignedUpdate:
        """Reads a document.

        Raises:
            ConfigError: over 4,096 bytes, not canonical, of another format, or with a value that
                isn't of its field's type.
        """
        found = require_fields(parse(data, LARGEST_STATEMENT, _WHAT), _FIELDS, _WHAT)
        if found["format"] != FORMAT:
            raise ConfigError(f"{_WHAT}: expected format {FORMAT}, got {found['format']!r:.60}")
        read = cls(
            _domain(found["domain"]),
            _message(found["message"]),
            octets(found["signature"], "signature"),
        )
        # Addresses have one form, with their checksum: another text isn't what was signed.
        if read.to_json() != data:
            raise ConfigError(f"{_WHAT}: expected checksummed addresses")
        return read

    def require(self, domain: Domain, statement: UpdateStatement) -> None:
        """Returns if this is said of what was revealed, and under that domain.

        Raises:
            ConfigError: it says something else; names the part.
        """
        for name, told, expected in (
            ("domain", self.domain, domain),
            ("message", self.statement, statement),
        ):
            if told != expected:
                raise ConfigError(f"{_WHAT}: {name} differs from what was revealed")


def _domain(value: Any) -> Domain:
    found = require_fields(value, _DOMAIN, f"{_WHAT}: domain")
    for name in ("name", "version", "verifyingContract"):
        if not isinstance(found[name], str):
            raise ConfigError(f"{_WHAT}: expected text as {name}, got {found[name]!r:.60}")
    return Domain(found["name"], found["version"], found["chainId"], found["verifyingContract"])


def _message(value: Any) -> UpdateStatement:
    found = require_fields(value, _MESSAGE, f"{_WHAT}: message")
    return UpdateStatement(
        bytes32_from_hex(found["roundId"], "roundId"),
        found["participant"],
        bytes32_from_hex(found["updateRoot"], "updateRoot"),
        found["weight"],
    )
