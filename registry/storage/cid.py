"""Content identifiers: a codec and a SHA-256 digest, which is all that the chain keeps (M-4).

A CID's text is base32 of `0x01 ‖ codec ‖ 0x12 ‖ 0x20 ‖ digest` after a `b` (version 1), or base58
of `0x12 ‖ 0x20 ‖ digest` (version 0, dag-pb only). Other hashes, codecs and bases are refused: a
digest of another hash could not be checked against the chain.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

import base58

from registry.errors import ConfigError

__all__ = ["DAG_PB", "RAW", "Cid"]

RAW = 0x55
DAG_PB = 0x70
_MULTIHASH = b"\x12\x20"  # sha2-256, 32 bytes
_LONGEST_TEXT = 100


@dataclass(frozen=True, order=True)
class Cid:
    """A block's name. `str(cid)` is its version-1 text; `Cid.parse(str(cid)) == cid`.

    Args:
        codec: `RAW` or `DAG_PB`.
        digest: the SHA-256 digest of the block, 32 bytes.
    """

    codec: int
    digest: bytes

    def __post_init__(self) -> None:
        """Refuses another codec or length.

        Raises:
            ConfigError: as said.
        """
        if self.codec not in (RAW, DAG_PB):
            raise ConfigError(
                f"expected the codec 0x55 (raw) or 0x70 (dag-pb), got {self.codec:#x}"
            )
        if not isinstance(self.digest, bytes) or len(self.digest) != 32:
            raise ConfigError("expected a SHA-256 digest of 32 bytes")

    @classmethod
    def of(cls, data: bytes | memoryview, codec: int) -> Cid:
        """Returns the CID of a block's bytes."""
        return cls(codec, hashlib.sha256(data).digest())

    @classmethod
    def from_digest(cls, digest: bytes, codec: int = DAG_PB) -> Cid:
        """Returns the CID of a digest and codec as the chain keeps them."""
        return cls(codec, digest)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Cid:
        """Returns the CID of its binary form, version 0 (34 bytes) or 1 (36 bytes).

        Raises:
            ConfigError: another length, version, codec or hash.
        """
        if len(raw) == 34 and raw[:2] == _MULTIHASH:
            return cls(DAG_PB, bytes(raw[2:]))
        if len(raw) == 36 and raw[0] == 1 and raw[2:4] == _MULTIHASH:
            return cls(raw[1], bytes(raw[4:]))
        raise ConfigError("expected a CID of version 0 or 1 with a SHA-256 digest")

    @classmethod
    def parse(cls, text: str) -> Cid:
        """Returns the CID of its text: base32 (`b…`, version 1) or base58 (`Qm…`, version 0).

        Raises:
            ConfigError: not such a text; base32 text is lower case and canonical.
        """
        shown = text[:_LONGEST_TEXT]
        try:
            if len(text) == 46 and text.startswith("Qm"):
                return cls.from_bytes(base58.b58decode(text))
            if len(text) == 59 and text.startswith("b") and text == text.lower():
                cid = cls.from_bytes(base64.b32decode(text[1:].upper() + "======"))
                if str(cid) == text:  # base32's unused last bits would give a CID several texts
                    return cid
        except (binascii.Error, ValueError, ConfigError) as error:
            raise ConfigError(f"not a CID: {shown!r} ({error})") from error
        raise ConfigError(f"not a CID: {shown!r}; expected b… of 59 letters or Qm… of 46")

    def to_bytes(self, version: int = 1) -> bytes:
        """Returns the binary form: 36 bytes of version 1, or 34 of version 0 (dag-pb only)."""
        if version == 0 and self.codec == DAG_PB:
            return _MULTIHASH + self.digest
        return bytes((1, self.codec)) + _MULTIHASH + self.digest

    def v0_text(self) -> str:
        """Returns the text of version 0.

        Raises:
            ConfigError: the codec is not dag-pb.
        """
        if self.codec != DAG_PB:
            raise ConfigError("only a dag-pb CID has a version-0 text")
        return base58.b58encode(_MULTIHASH + self.digest).decode("ascii")

    def __str__(self) -> str:
        return "b" + base64.b32encode(self.to_bytes()).decode("ascii").lower().rstrip("=")
