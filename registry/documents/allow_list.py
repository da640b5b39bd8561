"""Who may take part in a round: a document that the terms name, and its root on the chain.

The list is content like any other, so that a participant finds its own proof from the chain and
storage alone, and an auditor sees who was invited.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from registry.addresses import address_order, checksummed, is_address
from registry.documents.canonical_json import canonical, parse, require_fields
from registry.documents.parts import LARGEST_DOCUMENT, document_digest
from registry.errors import ConfigError
from registry.merkle import StandardTree

__all__ = ["LARGEST_ALLOW_LIST", "AllowList", "read_addresses", "read_allow_list"]

FORMAT = "tallystick/allow-list/1"
LARGEST_ALLOW_LIST = LARGEST_DOCUMENT


@dataclass(frozen=True)
class AllowList:
    """Checksummed addresses in ascending order, each once.

    The round-trip law: `AllowList.parse(a.to_json()) == a`.

    Raises:
        ConfigError: no address, a malformed one, one twice, or another order.
    """

    addresses: tuple[str, ...]

    def __post_init__(self) -> None:
        """Checks the addresses."""
        if not self.addresses:
            raise ConfigError("allow-list: expected at least one address")
        if bad := [a for a in self.addresses if not is_address(a)]:
            raise ConfigError(f"allow-list: expected an address, got {str(bad[0])[:60]!r}")
        if list(self.addresses) != sorted(
            {checksummed(a) for a in self.addresses}, key=address_order
        ):
            raise ConfigError("allow-list: expected checksummed addresses, ascending, each once")

    @classmethod
    def of(cls, addresses: Iterable[str]) -> AllowList:
        """Returns the list of some addresses in any order and letter case.

        Raises:
            ConfigError: no address, or a malformed one.
        """
        given = list(addresses)
        if bad := [a for a in given if not is_address(a)]:
            raise ConfigError(
                f"allow-list: expected an address, got {str(bad[0])[:60]!r} (wrong checksum?)"
            )
        return cls(tuple(sorted({checksummed(a) for a in given}, key=address_order)))

    @cached_property
    def _tree(self) -> StandardTree:
        return StandardTree([[address] for address in self.addresses], ["address"])

    @property
    def root(self) -> bytes:
        """The root of the standard tree over `(address)`: the terms' `allowListRoot`."""
        return self._tree.root

    def proof(self, address: str) -> list[bytes] | None:
        """Returns the proof that an address is on the list; None if it isn't."""
        place = self._places.get(address)
        return None if place is None else self._tree.proof(place)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {address: place for place, address in enumerate(self.addresses)}

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        return canonical({"format": FORMAT, "addresses": list(self.addresses)})

    @property
    def digest(self) -> bytes:
        """The digest that the document goes by in storage."""
        return document_digest(self.to_json())

    @classmethod
    def parse(cls, data: bytes) -> AllowList:
        """Reads a document.

        Raises:
            ConfigError: malformed, of another format, or not such a list.
        """
        document = parse(data, LARGEST_ALLOW_LIST, "allow-list")
        found = require_fields(document, ("format", "addresses"), "allow-list")
        if found["format"] != FORMAT:
            raise ConfigError(f"allow-list: expected format {FORMAT}, got {found['format']!r:.60}")
        if not isinstance(found["addresses"], list):
            raise ConfigError("allow-list: expected a list of addresses")
        return cls(tuple(found["addresses"]))


@lru_cache(4)
def read_allow_list(data: bytes) -> AllowList:
    """Reads a list as `AllowList.parse` does, the newest few once a process."""
    return AllowList.parse(data)


def read_addresses(path: Path) -> AllowList:
    """Reads a file with one address a line; blank lines and `#` comments are passed over.

    Raises:
        ConfigError: no such file, no address, or a malformed one.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: expected a text file, one address a line: {error}") from None
    return AllowList.of(stripped for line in lines if (stripped := line.partition("#")[0].strip()))
