"""Documents longer than a block: one block names the parts, and its digest stands for the text.

Storage nodes exchange blocks of 1 MiB, and a round of ten thousand has a longer result. Such a text
is cut into blocks of exactly 1 MiB and a rest, and named by the digest of the canonical JSON
`{"bytes":n,"format":"tallystick/parts/1","parts":[digest…]}`. A text that fits a block is that
block, so that one text has one digest.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.documents.canonical_json import (
    bytes32_from_hex,
    bytes32_to_hex,
    canonical,
    parse,
    require_fields,
)
from registry.errors import ConfigError
from registry.hashing import sha256

__all__ = ["LARGEST_DOCUMENT", "PART_BYTES", "Parts", "document_digest", "parts_of"]

FORMAT = "tallystick/parts/1"
PART_BYTES = 1 << 20
LARGEST_DOCUMENT = 32 << 20
"""The most bytes of any document that a chain names by digest."""
_START = b'{"bytes":'
_LARGEST_LIST = 8_192


@dataclass(frozen=True)
class Parts:
    """The parts of a long text: how many bytes in all, and each part's SHA-256 digest."""

    length: int
    digests: tuple[bytes, ...]

    def to_json(self) -> bytes:
        """Returns the canonical text of the block that names them."""
        digests = [bytes32_to_hex(digest) for digest in self.digests]
        return canonical({"format": FORMAT, "bytes": self.length, "parts": digests})

    def lengths(self) -> list[int]:
        """Returns each part's bytes."""
        full = len(self.digests) - 1
        return [PART_BYTES] * full + [self.length - full * PART_BYTES]

    @classmethod
    def of(cls, data: bytes) -> Parts:
        """Returns the parts of a text."""
        return cls(len(data), tuple(sha256(part) for part in parts_of(data)))

    @classmethod
    def read(cls, block: bytes, limit: int) -> Parts | None:
        """Returns the parts that a block names; None if it is another text, or names too much.

        Args:
            block: at most 2 MiB.
            limit: the most bytes in all.
        """
        if not block.startswith(_START):
            return None
        try:
            found = require_fields(
                parse(block, _LARGEST_LIST, "parts"), ("bytes", "format", "parts"), "parts"
            )
            listed = found["parts"] if isinstance(found["parts"], list) else []
            made = cls(
                found["bytes"], tuple(bytes32_from_hex(digest, "parts") for digest in listed)
            )
        except ConfigError:
            return None
        length = made.length if type(made.length) is int else 0
        whole = PART_BYTES < length <= limit and len(listed) == -(-length // PART_BYTES)
        return made if found["format"] == FORMAT and whole else None


def parts_of(data: bytes) -> list[bytes]:
    """Returns the blocks that a text is cut into."""
    return [data[at : at + PART_BYTES] for at in range(0, len(data), PART_BYTES)]


def document_digest(data: bytes) -> bytes:
    """Returns the digest that a document goes by: its own, or that of the list of its parts."""
    return sha256(data if len(data) <= PART_BYTES else Parts.of(data).to_json())
