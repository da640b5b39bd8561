"""Digests and canonical JSON: the two things that everything else is named by."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from eth_hash.auto import keccak

from registry.errors import ConfigError

__all__ = ["canonical_json", "keccak256", "sha256", "sha256_file"]

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


def canonical_json(value: Any) -> bytes:
    """Returns the one JSON text of a value: sorted keys, no blanks, UTF-8, no trailing newline.

    The round-trip law: `canonical_json(json.loads(canonical_json(x))) == canonical_json(x)`.

    Args:
        value: dicts with string keys, lists, tuples, strings, integers, booleans and None.

    Raises:
        ConfigError: a float (its text differs between languages), a key that is no string, a
            lone surrogate (it has no UTF-8), or another type.
    """
    _check(value, "$")
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ConfigError("canonical JSON: expected valid Unicode, got a lone surrogate") from error


def _check(value: Any, where: str) -> None:
    # An exact type test: a subclass (an IntEnum, a str enum) may print as something else.
    if value is None or type(value) in (bool, int, str):
        return
    if type(value) is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise ConfigError(f"canonical JSON at {where}: expected a string key, got {key!r}")
            _check(item, f"{where}.{key}")
        return
    if type(value) in (list, tuple):
        for position, item in enumerate(value):
            _check(item, f"{where}[{position}]")
        return
    raise ConfigError(
        f"canonical JSON at {where}: got {type(value).__name__}; "
        "use integers, strings, booleans, null, lists and dicts"
    )
