"""Fields of a node's JSON as the chain hashes them: octets, and numbers without leading zeros."""

from __future__ import annotations

from typing import Any

from registry.chain import answers

__all__ = ["MALFORMED", "big_endian", "octets"]

# What reading a foreign answer may raise, whatever its shape.
MALFORMED = (
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)


def octets(text: Any) -> bytes:
    """Returns the bytes that are written as `0x…`.

    Raises:
        ChainError: another spelling.
    """
    return answers.call_data(text, "a field of a block")


def big_endian(text: Any) -> bytes:
    """Returns the number that is written as `0x…` in as few bytes as it takes; none for 0.

    Raises:
        ChainError: another spelling, or over 32 bytes.
    """
    value = answers.quantity(text, "a field of a block")
    return value.to_bytes((value.bit_length() + 7) // 8)
