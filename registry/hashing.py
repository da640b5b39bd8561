"""Digests: what everything else is named by."""

from __future__ import annotations

import hashlib
from pathlib import Path

from eth_hash.auto import keccak

__all__ = ["keccak256", "sha256", "sha256_file"]

_READ_BYTES = 1 << 20


def sha256(data: bytes) -> bytes:
    """Returns the SHA-256 digest, 32 bytes."""
    return hashlib.sha256(data).digest()


def keccak256(data: bytes) -> bytes:
    """Returns the keccak-256 digest, 32 bytes (the EVM's hash, not NIST's SHA3-256)."""
    return bytes(keccak(data))


def sha256_file(path: Path) -> tuple[int, bytes]:
    """Returns a file's size in bytes and its SHA-256 digest, reading it once in constant memory."""
    digest = hashlib.sha256()
    size = 0
    buffer = bytearray(_READ_BYTES)
    view = memoryview(buffer)
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(view[:count])
            size += count
    return size, digest.digest()
